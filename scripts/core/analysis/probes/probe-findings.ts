import { type Day, dayOf, type Instant } from '../../clock.ts';
import type { AlertSettings, DomainConfig } from '../../config/types.ts';
import type { Evidence, Finding, FindingSubject, Severity } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import { remedyFor } from '../../findings/remedies.ts';
import {
  type CertificateStage,
  certificateStage,
  nearsItsEndAt,
  stageSeverity,
} from '../../incidents/certificate-escalation.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import { isFirstUnderWay } from '../../policy/versions/under-way.ts';
import type { Standing } from '../../probe/standing.ts';
import { type CertificateCase, certificateEvidence, renewalSentence } from '../certificate-evidence.ts';
import { placeholders, placeOf } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import { compare } from '../reports-by-domain.ts';
import { responsibleFor } from '../responsible.ts';
import { level, severityMode } from '../severity.ts';
import { validityOf } from './certificate-validity.ts';
import { type FaultStanding, faultStandings, type MxHost, mxHosts } from './fault-standing.ts';

export interface ProbeFacts {
  readonly config: DomainConfig;
  readonly ledger: Ledger;
  /** Of this domain. */
  readonly standings: readonly Standing[];
  readonly now: Instant;
  readonly certificate_thresholds: AlertSettings['certificate_thresholds'];
}

/** Faults that are seen of several subjects at once and belong to each of them. */
interface Seen {
  readonly rule: string;
  readonly subject: Omit<FindingSubject, 'policy_type'>;
  readonly faults: FaultStanding[];
}

const EXPIRING = /-cert-expiring$/;

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

/** Certificates that were sound when they were seen and have come near their end since. */
function aboutToExpire({ standings, certificate_thresholds, now }: ProbeFacts): readonly FaultStanding[] {
  return standings.flatMap((standing) => {
    const { kind, outcome, at, last_look } = standing;
    if ((kind !== 'mx' && kind !== 'policy') || outcome !== 'ok' || at !== last_look) return [];
    const validity = validityOf(standing);
    if (validity === null) return [];
    const stage = certificateStage(validity, certificate_thresholds, now);
    if (stage === 'none' || stage === 'expired') return [];
    const code = kind === 'mx' ? 'mx-cert-expiring' : 'policy-cert-expiring';
    // Near its end since it has been, as far as anybody has looked.
    const near = nearsItsEndAt(validity, certificate_thresholds);
    const isSeenWhole = standing.since >= near;
    const since = isSeenWhole ? standing.since : near < at ? near : at;
    const looks = isSeenWhole ? standing.looks : 1;
    return [{ standing: { ...standing, outcome: 'bad' as const, code, since, looks }, state: 'open' as const }];
  });
}

/** What one vantage could not reach says nothing of the host, unless it is this: the path was never there to fail. */
const SAYS_NOTHING = /^(?:probe-blocked|private-address|dns-|no-|not-|budget|proxy|socks|vantage|skipped)/;

/** `mx-unreachable`: two vantages that see other things see nothing here, and nobody does. */
function unreachable(standings: readonly Standing[]): readonly FaultStanding[] {
  const blind = standings.filter(
    ({ kind, outcome, code, at, last_look }) =>
      kind === 'mx' && outcome === 'unknown' && at === last_look && !SAYS_NOTHING.test(code),
  );
  const places = Map.groupBy(blind, ({ subject, address }) => `${subject} ${address ?? ''}`);
  return [...places.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined || new Set(rows.map(({ vantage }) => vantage)).size < 2) return [];
    const reached = standings.some(
      ({ kind, subject, address, outcome, at }) =>
        kind === 'mx' &&
        subject === first.subject &&
        address === first.address &&
        outcome !== 'unknown' &&
        at >= first.at,
    );
    if (reached) return [];
    return rows.map((standing) => ({ standing: { ...standing, code: 'mx-unreachable' }, state: 'open' as const }));
  });
}

function subjectsOf(standing: Standing, { domain }: DomainConfig): readonly Omit<FindingSubject, 'policy_type'>[] {
  const { kind, subject, code, facts } = standing;
  const rest = { reporter: null, result_type: null };
  switch (kind) {
    case 'mx':
    case 'dane':
      return [{ kind: 'mx', name: subject, mx: subject, ...rest }];
    case 'mx-set': {
      const hosts = code === 'mx-not-covered' || code === 'mx-changed' ? namesIn(facts['mx']) : [];
      if (hosts.length > 0) return hosts.map((host) => ({ kind: 'mx', name: host, mx: host, ...rest }));
      return [{ kind: 'domain', name: domain, mx: null, ...rest }];
    }
    case 'policy':
    case 'caa':
      return [{ kind: 'policy-host', name: subject, mx: null, ...rest }];
    case 'cname':
      return [{ kind: subject.startsWith('mta-sts.') ? 'policy-host' : 'domain', name: subject, mx: null, ...rest }];
    default:
      return [{ kind: 'domain', name: domain, mx: null, ...rest }];
  }
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string').slice(0, 20) : [];
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
      `${wait}${remedyFor(rule, reasonsOf(faults)) ?? entry.recommend}`,
      placeholders(config, subject, 'the probe'),
    ),
    fingerprint: fingerprint(rule, config.domain, subject),
    incident: incidentOf(rule, subject, newest, config),
  };
}

function reasonsOf(faults: readonly FaultStanding[]): readonly string[] {
  return faults.map(({ standing: { facts } }) => (typeof facts['reason'] === 'string' ? facts['reason'] : ''));
}

/** Faults of one host, or of one certificate wherever it is presented, have one cause. */
function incidentOf(rule: string, subject: Seen['subject'], { facts }: Standing, { domain }: DomainConfig): string {
  const certificate = facts['certificate'];
  if (
    /-cert-(?:expired|expiring|not-yet-valid|revoked|weak-key)$/.test(rule) &&
    typeof certificate === 'object' &&
    certificate !== null
  ) {
    const { sha256, serial } = certificate as Record<string, unknown>;
    const identity = typeof sha256 === 'string' ? sha256 : serial;
    if (typeof identity === 'string' && /^[0-9A-Za-z:]{4,128}$/.test(identity))
      return `certificate:${identity.toLowerCase()}`;
  }
  if (subject.mx !== null) return `mx:${encodeURIComponent(subject.mx)}`;
  return subject.kind === 'policy-host' ? `policy-host:${encodeURIComponent(subject.name)}` : `dns:${domain}`;
}

function severityOfFault(
  rule: string,
  { mx }: Seen['subject'],
  faults: readonly FaultStanding[],
  set: readonly MxHost[],
  { config, ledger, now, certificate_thresholds }: ProbeFacts,
): Severity | null {
  const mode = severityMode(config, ledger);
  if (EXPIRING.test(rule)) {
    const stages = faults.map(({ standing }) => stageOf(standing, certificate_thresholds, now));
    return stages
      .map((stage) => stageSeverity(stage, mode))
      .reduce((worst, one) => (level(one) > level(worst) ? one : worst));
  }
  const column = entryFor(rule).severity[mode];
  if (column === null) return null;
  const isBackup = mx !== null && isBackupHost(mx, set) && rule.startsWith('mx-');
  // The policy covers a host that changed, or it would be `mx-not-covered`.
  const latent = isBackup || rule === 'mx-changed';
  return latent && column === 'sev1' ? 'sev2' : column;
}

function stageOf(
  standing: Standing,
  thresholds: AlertSettings['certificate_thresholds'],
  now: Instant,
): Exclude<CertificateStage, 'none' | 'expired'> {
  const validity = validityOf(standing);
  const stage = validity === null ? standing.facts['reason'] : certificateStage(validity, thresholds, now);
  if (stage === 'expired') return 'critical';
  return stage === 'critical' || stage === 'on-call' ? stage : 'notify';
}

/** A host with a lower priority than the best one; a single host is none. */
function isBackupHost(host: string, set: readonly MxHost[]): boolean {
  const best = set[0]?.preference;
  const own = set.find((one) => one.host === host);
  return best !== undefined && own !== undefined && own.preference > best;
}

/** `mx-backup-only`: a backup host has a fault and no primary has any. In the incident of the fault itself. */
function backupOnly(found: readonly Finding[], set: readonly MxHost[], facts: ProbeFacts): readonly Finding[] {
  const atMx = found.filter(
    ({ rule, subject }) =>
      subject.mx !== null && rule.startsWith('mx-') && !EXPIRING.test(rule) && rule !== 'mx-changed',
  );
  if (atMx.length === 0 || atMx.some(({ subject }) => subject.mx !== null && !isBackupHost(subject.mx, set))) return [];
  const entry = entryFor('mx-backup-only');
  const severity = entry.severity[severityMode(facts.config, facts.ledger)] ?? 'sev2';
  const hosts = Map.groupBy(atMx, ({ subject }) => subject.name);
  return [...hosts].map(([host, findings]): Finding => {
    const lead = findings.find(({ state }) => state === 'open') ?? (findings[0] as Finding);
    const rules = [...new Set(findings.map(({ rule }) => rule))].sort(compare);
    return {
      ...lead,
      rule: entry.rule,
      severity,
      summary: `${entry.title}: ${rules.join(', ')} on ${host} since ${lead.since}; no primary has it.`,
      action: fillPlaceholders(entry.recommend, placeholders(facts.config, lead.subject, 'the probe')),
      fingerprint: fingerprint(entry.rule, facts.config.domain, lead.subject),
    };
  });
}

/** `id-reused`: the ledger itself holds two texts under one id. */
function reusedIds({ config, ledger, now }: ProbeFacts): readonly Finding[] {
  if (ledger.reused.length === 0) return [];
  const rule = 'id-reused';
  const entry = entryFor(rule);
  const severity = entry.severity[severityMode(config, ledger)];
  if (severity === null) return [];
  const subject = { kind: 'domain' as const, name: config.domain, mx: null, reporter: null, result_type: null };
  const minted = ledger.versions
    .filter(({ id }) => ledger.reused.includes(id))
    .map(({ minted_at }) => dayOf(minted_at));
  const since = minted.sort(compare)[0] ?? dayOf(now);
  return [
    {
      rule,
      domain: config.domain,
      domains: [config.domain],
      subject: { ...subject, policy_type: null },
      severity,
      state: 'open',
      since,
      last_seen: dayOf(now),
      detected_at: now,
      actor: 'you',
      summary: `${entry.title}: ${ledger.reused.join(', ')}.`,
      evidence: [{ kind: 'ledger', at: since, text: `data/policies/${config.domain}.jsonl`, ref: null }],
      action: fillPlaceholders(entry.recommend, placeholders(config, subject, 'the probe')),
      fingerprint: fingerprint(rule, config.domain, subject),
      incident: `dns:${config.domain}`,
    },
  ];
}

function evidenceOf({ standing }: FaultStanding): Evidence {
  const { vantage, kind, subject, address, code, at, since, looks, facts } = standing;
  const place = `${subject.slice(0, 255)}${address === null ? '' : ` [${address}]`}`;
  const detail = facts['detail'];
  const said = typeof detail === 'string' && detail !== '' ? ` ${detail.slice(0, 300)}` : '';
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
