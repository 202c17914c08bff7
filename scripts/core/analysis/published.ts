import type { Instant } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';
import { type LiveFacts, nothingSeen, seen } from '../policy/live-facts.ts';
import type { Looks } from '../policy/rollout/promotion-probes.ts';
import type { Ledger } from '../policy/versions/ledger.ts';
import type { Standing } from '../probe/standing.ts';
import type { CertificateSummary, DomainReview, ObservationSummary, VersionSummary } from '../review.ts';
import { validityOf } from './probes/certificate-validity.ts';
import { mxHosts } from './probes/fault-standing.ts';
import { compare } from './reports-by-domain.ts';

/** Shown of the versions of one domain. */
const LISTED = 10;

/**
 * Where a domain stands: by the version that was announced last; with none, `reporting` or `absent` when a probe sees that
 * there is no policy record; else what the configuration asks for.
 */
export function stateOfDomain(
  config: DomainConfig,
  ledger: Ledger,
  standings: readonly Standing[],
): DomainReview['state'] {
  const { in_force, versions } = ledger;
  if (in_force !== null) {
    if (in_force.mode !== 'none') return in_force.mode;
    return config.retire ? 'retiring' : 'none';
  }
  if (versions.some(({ withdrawn_at }) => withdrawn_at !== null)) return 'removed';
  const now = (kind: Standing['kind']) => standings.find((one) => one.kind === kind && one.at === one.last_look);
  if (now('txt')?.code === 'txt-missing') return now('tlsrpt')?.outcome === 'ok' ? 'reporting' : 'absent';
  return config.retire ? 'retiring' : config.mode;
}

/** The newest look at everything, in figures. */
export function observationSummary(standings: readonly Standing[]): ObservationSummary | null {
  const newest = standings.filter(({ at, last_look }) => at === last_look);
  const [first] = newest;
  if (first === undefined) return null;
  const counts = { ok: 0, bad: 0, unknown: 0 };
  const certificates = new Map<string, CertificateSummary>();
  const vantages = new Set<string>();
  let last = first.at;
  for (const standing of newest) {
    counts[standing.outcome]++;
    vantages.add(standing.vantage);
    if (standing.at > last) last = standing.at;
    const validity = validityOf(standing);
    if (validity === null) continue;
    const { serial } = standing.facts['certificate'] as Record<string, unknown>;
    const certificate = { host: standing.subject, serial: typeof serial === 'string' ? serial : null, ...validity };
    certificates.set(`${certificate.host} ${certificate.serial} ${validity.not_after}`, certificate);
  }
  return {
    last_at: last,
    vantages: [...vantages].sort(compare),
    ...counts,
    certificates: [...certificates.values()].sort(
      (a, b) => compare(a.not_after, b.not_after) || compare(a.host, b.host),
    ),
  };
}

export function versionSummaries({ versions }: Ledger): readonly VersionSummary[] {
  return versions
    .slice(-LISTED)
    .reverse()
    .map(({ id, sha256, mode, minted_at, announced_at, withdrawn_at, triggers, commit, pull_request }) => ({
      id,
      sha256,
      mode,
      minted_at,
      announced_at,
      withdrawn_at,
      triggers,
      commit,
      pull_request,
    }));
}

/** What the promotion guard asks of the past, from what stands. */
export function looksOf(standings: readonly Standing[]): readonly Looks[] {
  return standings.map((standing) => ({ ...standing, first: standing.since }));
}

/** What the promotion guard asks of the present: the MX set and what the policy host serves, as a probe saw them last. */
export function liveOf(standings: readonly Standing[], ledger: Ledger, now: Instant): LiveFacts {
  const nothing = nothingSeen(now, 'no probe has looked');
  const hosts = mxHosts(standings);
  const policy = standings.filter(({ kind, at, last_look }) => kind === 'policy' && at === last_look);
  const addresses = policy.map(({ address, subject, code }) => ({ address: address ?? subject, code }));
  const inSync = policy.length > 0 && policy.every(({ outcome }) => outcome === 'ok');
  const known = policy.length > 0 && policy.every(({ outcome }) => outcome !== 'unknown');
  return {
    ...nothing,
    ...(hosts === null ? {} : { mx: seen({ kind: 'hosts', hosts: hosts.set }) }),
    ...(known ? { served: seen({ body: inSync ? (ledger.in_force?.body ?? null) : null, addresses }) } : {}),
  };
}
