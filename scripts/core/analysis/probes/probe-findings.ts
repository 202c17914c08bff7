import { type Day, dayOf } from '../../clock.ts';
import type { Evidence, Finding } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import { remedyFor } from '../../findings/remedies.ts';
import { isFirstUnderWay } from '../../policy/versions/under-way.ts';
import type { Standing } from '../../probe/standing.ts';
import { sentence } from '../../sentence.ts';
import { certificateEvidence, renewalSentence } from '../certificate-evidence.ts';
import { certificateRemedy } from '../certificate-remedy.ts';
import { placeholders, placeOf } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import type { CertificateCase } from '../presented-certificates.ts';
import { responsibleFor } from '../responsible.ts';
import { backupOnly } from './backup-only.ts';
import { aboutToExpire, EXPIRING } from './expiring-certificates.ts';
import { severityOfFault } from './fault-severity.ts';
import { type FaultStanding, faultStandings, type MxHost, mxHosts } from './fault-standing.ts';
import { type FaultSubject, incidentOf, subjectsOf } from './fault-subjects.ts';
import type { ProbeFacts } from './probe-facts.ts';
import { reusedIds } from './reused-ids.ts';
import { unreachable } from './unreachable-hosts.ts';

/** Faults that are seen of several subjects at once and belong to each of them. */
interface Seen {
  readonly rule: string;
  readonly subject: FaultSubject;
  readonly faults: FaultStanding[];
}

/** What probes saw amiss, one finding per rule and host: the judgement of facts that a second look has confirmed. */
export function probeFindings(facts: ProbeFacts): readonly Finding[] {
  const seen = new Map<string, Seen>();
  const isBegun = isFirstUnderWay(facts.ledger, facts.now);
  const all = [...faultStandings(facts.standings), ...aboutToExpire(facts), ...unreachable(facts.standings)];
  for (const fault of all.filter(({ standing }) => !(isBegun && isStillToCome(standing))))
    for (const subject of subjectsOf(fault.standing, facts.config)) {
      const rule = fault.standing.code;
      const key = `${rule} ${subject.kind} ${subject.name}`;
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { rule, subject, faults: [fault] });
      else known.faults.push(fault);
    }
  const set = mxHosts(facts.standings)?.set ?? [];
  const found = [...seen.values()].flatMap((one) => findingOf(one, set, facts) ?? []);
  return [...found, ...backupOnly(found, set, facts), ...reusedIds(facts)];
}

/** What publishing a first version brings about, in its own time. */
function isStillToCome({ kind, code }: Standing): boolean {
  return kind === 'policy' || code === 'txt-missing' || code === 'tlsrpt-missing';
}

function findingOf({ rule, subject, faults }: Seen, set: readonly MxHost[], facts: ProbeFacts): Finding | null {
  const { config, now } = facts;
  const entry = entryFor(rule);
  const severity = severityOfFault(rule, subject, faults, set, facts);
  if (severity === null) return null;
  const open = faults.filter(({ state }) => state === 'open');
  const since = faults.reduce<Day>((first, { standing }) => earlier(first, dayOf(standing.since)), dayOf(now));
  const newest = faults.reduce((a, b) => (b.standing.at > a.standing.at ? b : a)).standing;
  const recovering = open.length === 0;
  const actor =
    subject.kind === 'mx' && rule !== 'mx-not-covered' && rule !== 'mx-changed' ? responsibleFor(subject.mx) : 'you';
  const wait = recovering
    ? 'Wait: seen sound since, and a second sound look an hour later closes this. If nobody has mended it, do this. '
    : '';
  const certificate: CertificateCase = { ...facts, rule, host: subject.name };
  const renewal = EXPIRING.test(rule) ? renewalSentence(newest, certificate) : '';
  return {
    rule,
    domain: config.domain,
    domains: [config.domain],
    subject: { ...subject, policy_type: null },
    severity,
    state: recovering ? 'recovering' : 'open',
    since,
    last_seen: dayOf(newest.at),
    detected_at: now,
    actor,
    summary: `${entry.title}${placeOf(subject)}, seen by ${counted(faults)} since ${since}.${renewal}`,
    evidence: [...faults.slice(0, 20).map(evidenceOf), ...certificateEvidence(certificate)],
    action: fillPlaceholders(
      `${wait}${certificateRemedy(certificate) ?? remedyFor(rule, reasonsOf(faults)) ?? entry.recommend}`,
      placeholders(config, subject, 'the probe'),
    ),
    fingerprint: fingerprint(rule, config.domain, subject),
    incident: incidentOf(rule, subject, newest, config),
  };
}

function reasonsOf(faults: readonly FaultStanding[]): readonly string[] {
  return faults.map(({ standing: { facts } }) => (typeof facts['reason'] === 'string' ? facts['reason'] : ''));
}

function evidenceOf({ standing }: FaultStanding): Evidence {
  const { vantage, kind, subject, address, code, at, since, looks, facts } = standing;
  const place = `${subject.slice(0, 255)}${address === null ? '' : ` [${address}]`}`;
  const detail = facts['detail'];
  const said = typeof detail === 'string' && detail !== '' ? ` ${sentence(detail.slice(0, 300))}` : '';
  const times = looks > 1 ? ` ${looks} looks since ${since}.` : '';
  return {
    kind: 'observation',
    at,
    text: `${vantage.slice(0, 60)} saw ${code} (${kind}) at ${place}.${said}${times}`,
    ref: null,
  };
}

function counted(faults: readonly FaultStanding[]): string {
  const vantages = new Set(faults.map(({ standing }) => standing.vantage)).size;
  return vantages === 1 ? 'one vantage' : `${vantages} vantages`;
}

function earlier(a: Day, b: Day): Day {
  return b < a ? b : a;
}
