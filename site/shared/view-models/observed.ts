import { dayOf, epochMs, type Instant } from '#scripts/core/clock.ts';
import { distanceWords } from '#scripts/core/day-distance.ts';
import { playbookEntry } from '#scripts/core/findings/playbook.ts';
import type { ObservationKind, Outcome } from '#scripts/core/probe/observation.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import type { Redaction } from './redaction.ts';
import { count, instantText, list, longDay, withDays } from './words.ts';

/** What probes saw last of one subject from one side. */
export interface SeenRow {
  readonly what: string;
  readonly subject: string;
  readonly vantage: string;
  readonly outcome: Outcome;
  /** In words of ours. */
  readonly verdict: string;
  /** A page of the playbook; null when there is none. */
  readonly rule: string | null;
  /** Records as served, or what was wrong; may be hostile text made harmless. */
  readonly details: readonly string[];
  readonly since: string;
  readonly last: string;
}

/** One MX host, or the policy host, at one address. */
export interface HostRow extends SeenRow {
  /** `[withheld]` on a redacted site. */
  readonly address: string;
  readonly tls: string | null;
  readonly certificate: {
    readonly issuer: string;
    readonly ends: string;
    readonly left: string;
    readonly over: boolean;
    readonly chain: readonly string[];
  } | null;
}

export interface Observed {
  readonly dns: readonly SeenRow[];
  readonly hosts: readonly HostRow[];
  readonly dane: readonly SeenRow[];
}

const NAMES: Readonly<Record<ObservationKind, string>> = {
  'mx-set': 'MX records',
  mx: 'MX host',
  policy: 'Policy host',
  txt: 'MTA-STS record',
  tlsrpt: 'TLS-RPT record',
  dane: 'TLSA records',
  caa: 'CAA records',
  cname: 'Alias',
  vantage: 'Vantage',
};
const DNS: readonly ObservationKind[] = ['mx-set', 'txt', 'tlsrpt', 'cname', 'caa'];
const MAX_DETAILS = 12;

/** What stands now: of each subject, from each vantage, the rows of the last look. */
export function observed(spans: readonly ObservationSpan[], now: Instant, redact: Redaction): Observed {
  const current = [...Map.groupBy(spans, subjectOf).values()].flatMap((same) => {
    const last = same.reduce((late, { at }) => (at > late ? at : late), same[0]?.at ?? ('' as Instant));
    return same.filter(({ at }) => at === last);
  });
  const ofKinds = (kinds: readonly ObservationKind[]) =>
    kinds.flatMap((kind) => current.filter((span) => span.kind === kind));
  return {
    dns: ofKinds(DNS)
      .filter((span) => !isNoAlias(span))
      .map((span) => seenRow(span, now, redact)),
    hosts: ofKinds(['mx', 'policy']).map((span) => hostRow(span, now, redact)),
    dane: ofKinds(['dane'])
      .filter(({ address, outcome }) => address === null || outcome !== 'ok')
      .map((span) => seenRow(span, now, redact)),
  };
}

function seenRow(span: ObservationSpan, now: Instant, redact: Redaction): SeenRow {
  const { kind, subject, vantage, outcome, code, first, at } = span;
  const entry = playbookEntry(code);
  return {
    what: NAMES[kind],
    subject: redact.text(subject, 255),
    vantage: redact.text(vantage, 60),
    outcome,
    verdict:
      outcome === 'ok'
        ? soundWords(span)
        : outcome === 'unknown'
          ? `not known: ${redact.text(code, 60)}`
          : (entry?.title ?? redact.text(code, 60)),
    rule: entry === null || outcome !== 'bad' ? null : code,
    details: detailsOf(span, redact).map((detail) => withDays(detail, now)),
    since: longDay(dayOf(first)),
    last: instantText(at),
  };
}

/** A name that is no alias is sound, and there is nothing to show of it. */
function isNoAlias({ kind, outcome, facts }: ObservationSpan): boolean {
  const { aliases } = facts;
  return kind === 'cname' && outcome === 'ok' && Array.isArray(aliases) && aliases.length === 0;
}

function soundWords({ kind, facts }: ObservationSpan): string {
  if (kind === 'caa' && facts['found_at'] === null) return 'none: any CA may issue';
  if (kind === 'dane') return facts['dane'] === true ? 'matches' : 'no DANE here';
  if (kind === 'policy') return typeof facts['version'] === 'string' ? `serves version ${facts['version']}` : 'answers';
  return 'as it should be';
}

function detailsOf({ outcome, facts }: ObservationSpan, redact: Redaction): readonly string[] {
  const said = [textOf(facts['detail']) ?? (outcome === 'ok' ? textOf(facts['reason']) : null)];
  const records = Array.isArray(facts['records'])
    ? facts['records'].flatMap((one) => textOf(one) ?? textOfTarget(one) ?? [])
    : [];
  const set = Array.isArray(facts['set']) ? facts['set'].flatMap((one) => textOfTarget(one) ?? []) : [];
  const aliases = Array.isArray(facts['aliases']) ? facts['aliases'].flatMap((one) => textOf(one) ?? []) : [];
  return [...said, ...records, ...set, ...aliases]
    .filter((one) => one !== null)
    .slice(0, MAX_DETAILS)
    .map((one) => redact.text(one, 400));
}

/** `10 mx1.example.com` of an MX target, `issue letsencrypt.org` of a CAA record. */
function textOfTarget(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  return Object.values(value)
    .filter((one) => typeof one === 'string' || typeof one === 'number')
    .join(' ');
}

function hostRow(span: ObservationSpan, now: Instant, redact: Redaction): HostRow {
  const { facts, address } = span;
  const tls = facts['tls'] as { version?: unknown } | null | undefined;
  return {
    ...seenRow(span, now, redact),
    address: address === null ? '' : redact.text(address, 60),
    tls: textOf(tls?.version) ?? textOf(facts['protocol']),
    certificate: certificateOf(facts, now, redact),
  };
}

function certificateOf(facts: ObservationSpan['facts'], now: Instant, redact: Redaction): HostRow['certificate'] {
  const certificate = facts['certificate'];
  if (typeof certificate !== 'object' || certificate === null) return null;
  const { issuer, not_after, subject } = certificate as Readonly<Record<string, unknown>>;
  const end = Date.parse(String(not_after));
  if (Number.isNaN(end)) return null;
  const ends = new Date(end).toISOString() as Instant;
  const over = end < epochMs(now);
  const chain = Array.isArray(facts['chain']) ? facts['chain'] : [];
  return {
    issuer: redact.text(commonName(textOf(issuer) ?? 'not said'), 80),
    ends: longDay(dayOf(ends)),
    left: distanceWords(ends, now),
    over,
    chain: [textOf(subject), ...chain.map((one: { subject?: unknown } | null) => textOf(one?.subject))]
      .filter((one) => one !== null)
      .slice(0, 8)
      .map((one) => redact.text(one, 120)),
  };
}

/** `R11` of `C=US, O=Let's Encrypt, CN=R11`, with the organization before it. */
function commonName(name: string): string {
  const [organization, common] = [/\bO=([^,]+)/.exec(name)?.[1], /\bCN=([^,]+)/.exec(name)?.[1]];
  const parts = [organization, common].filter((one) => one !== undefined);
  return parts.length === 0 ? name : parts.join(', ');
}

/** Who looked, and when last, in a sentence; null: no probe has looked. */
export function observedSentence({ dns, hosts, dane }: Observed): string | null {
  const rows = [...dns, ...hosts, ...dane];
  const [first] = rows;
  if (first === undefined) return null;
  const vantages = [...new Set(rows.map(({ vantage }) => vantage))].sort();
  const bad = rows.filter(({ outcome }) => outcome === 'bad').length;
  const unknown = rows.filter(({ outcome }) => outcome === 'unknown').length;
  const state = [
    ...(bad > 0 ? [`${count(bad, 'fault')} seen`] : ['no fault seen']),
    ...(unknown > 0 ? [`${count(unknown, 'subject')} could not be seen`] : []),
  ];
  return `Looked at from ${list(vantages)}: ${list(state)}.`;
}

function subjectOf({ vantage, kind, subject, address }: ObservationSpan): string {
  return `${vantage}\0${kind}\0${subject}\0${address ?? ''}`;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
