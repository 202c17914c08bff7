import { addDays, dayOf, type Instant } from '../clock.ts';
import type { Evidence, Finding } from '../finding.ts';
import { plainText } from '../plain-text.ts';
import type { Ledger } from '../policy/versions/ledger.ts';
import type { ObservationSpan } from '../probe/observation-span.ts';
import { compare } from './reports-by-domain.ts';

/** Something that was different from one look to the next, or that we published. */
export interface Change {
  readonly at: Instant;
  readonly what: 'certificate' | 'mx-set' | 'policy' | 'dns';
  /** The host it is about; null: the domain. */
  readonly host: string | null;
  readonly text: string;
  readonly kind: Evidence['kind'];
  /** Commit or pull request. */
  readonly ref: string | null;
}

/** A change explains what begins on its day or within so many days after it; what comes later is more likely the repair. */
const DAYS_BEFORE = 3;
const LISTED = 5;

/** What changed, from everything that was seen of one domain and from what was published for it. */
export function changesOf(spans: readonly ObservationSpan[], ledger: Ledger): readonly Change[] {
  const changes: Change[] = [];
  const targets = Map.groupBy(
    spans,
    ({ vantage, kind, subject, address }) => `${vantage} ${kind} ${subject} ${address ?? ''}`,
  );
  for (const looks of targets.values()) {
    const ordered = [...looks].sort((a, b) => compare(a.first, b.first));
    let before: ReadonlyMap<Change['what'], string> = new Map();
    for (const span of ordered) {
      const now = traits(span);
      for (const [what, value] of now) {
        const old = before.get(what);
        if (old !== undefined && old !== value) changes.push(changed(span, what, old, value));
      }
      before = new Map([...before, ...now]);
    }
  }
  return distinct([...changes, ...publications(ledger)]);
}

/** What of a look would be a change if it were different the next time. */
function traits({ kind, outcome, facts }: ObservationSpan): ReadonlyMap<Change['what'], string> {
  const found = new Map<Change['what'], string>();
  if (outcome === 'unknown') return found;
  const certificate = facts['certificate'];
  if (typeof certificate === 'object' && certificate !== null) {
    const { serial, sha256 } = certificate as Record<string, unknown>;
    const name = typeof serial === 'string' ? serial : sha256;
    if (typeof name === 'string') found.set('certificate', `serial ${name}`);
  }
  const set = facts['set'];
  if (kind === 'mx-set' && Array.isArray(set))
    found.set(
      'mx-set',
      set
        .map((one: unknown) => (one as { host?: unknown } | null)?.host)
        .filter((host) => typeof host === 'string')
        .join(', '),
    );
  // What comes with an error is no policy: the host that answers again has not changed it.
  if (kind === 'policy' && typeof facts['sha256'] === 'string' && (facts['status'] ?? 200) === 200)
    found.set('policy', `text ${facts['sha256'].slice(0, 12)}`);
  if (kind === 'txt' && typeof facts['id'] === 'string') found.set('policy', `id ${facts['id']}`);
  const target = facts['target'] ?? facts['aliases'];
  if (kind === 'cname' && target !== undefined)
    found.set('dns', typeof target === 'string' ? target : JSON.stringify(target));
  return found;
}

const NAMES: Readonly<Record<Change['what'], string>> = {
  certificate: 'the certificate of',
  'mx-set': 'the MX set of',
  policy: 'the policy of',
  dns: 'the CNAME at',
};

function changed({ first, subject, kind }: ObservationSpan, what: Change['what'], old: string, value: string): Change {
  const text = `${NAMES[what]} ${plainText(subject, 255)} changed from ${plainText(old, 120)} to ${plainText(value, 120)}`;
  return {
    at: first,
    what,
    host: kind === 'mx-set' || kind === 'txt' ? null : subject,
    text,
    kind: 'observation',
    ref: null,
  };
}

function publications({ versions }: Ledger): readonly Change[] {
  return versions.map(({ id, minted_at, announced_at, mode, triggers, commit, pull_request }): Change => {
    const from =
      pull_request === null
        ? commit === null
          ? ''
          : `, commit ${commit.slice(0, 12)}`
        : `, pull request #${pull_request}`;
    const why = triggers.length === 0 ? '' : ` (${triggers.join(', ')})`;
    return {
      at: announced_at ?? minted_at,
      what: 'policy',
      host: null,
      text: `policy version ${id} in mode ${mode} was published${why}${from}`,
      kind: 'ledger',
      ref: pull_request === null ? commit : `#${pull_request}`,
    };
  });
}

/** Two vantages see the same change: the earlier one tells it. */
function distinct(changes: readonly Change[]): readonly Change[] {
  const first = new Map<string, Change>();
  for (const change of [...changes].sort((a, b) => compare(a.at, b.at)))
    if (!first.has(change.text)) first.set(change.text, change);
  return [...first.values()];
}

/** What the evidence begins with that names a change. */
const CHANGED_BEFORE = 'Changed before: ';

/** What changed before the finding began, where this evidence names it; else null. */
export function changeIn({ text }: Evidence): string | null {
  return text.startsWith(CHANGED_BEFORE) ? text.slice(CHANGED_BEFORE.length) : null;
}

/** These are about what we can see and do ourselves: nothing that a domain changes is their cause. */
const ABOUT_OURSELVES: readonly string[] = ['coverage-gap', 'probe-blocked', 'automation-stale'];

/** The finding with what changed just before it began, nearest first. */
export function withCause(finding: Finding, changes: readonly Change[]): Finding {
  if (ABOUT_OURSELVES.includes(finding.rule)) return finding;
  const from = addDays(finding.since, -DAYS_BEFORE);
  const near = changes
    .filter(({ at, host }) => dayOf(at) >= from && dayOf(at) <= finding.since && isAbout(finding, host))
    .sort((a, b) => compare(b.at, a.at))
    .slice(0, LISTED);
  const [nearest] = near;
  if (nearest === undefined) return finding;
  const evidence = near.map(
    ({ at, text, kind, ref }): Evidence => ({ kind, at, text: `${CHANGED_BEFORE}${text}.`, ref }),
  );
  return {
    ...finding,
    summary: `${finding.summary} Before it, on ${dayOf(nearest.at)}, ${nearest.text}.`,
    evidence: [...evidence, ...finding.evidence],
  };
}

/** A change at another host explains nothing here; one of the domain may explain anything. */
function isAbout({ subject }: Finding, host: string | null): boolean {
  if (host === null) return true;
  if (subject.kind === 'mx') return host === subject.name;
  if (subject.kind === 'policy-host')
    return host === subject.name || host.startsWith('mta-sts.') || host.startsWith('_mta-sts.');
  return true;
}
