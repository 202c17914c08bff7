import { epochMs, type Instant } from '../../clock.ts';
import type { Standing } from '../../probe/standing.ts';

const HOUR_MS = 3_600_000;
/** A vantage that was quiet for longer no longer has a say where another one sees. */
const VANTAGE_QUIET_MS = 24 * HOUR_MS;

/** A fault that stands, or is not surely gone: two sound looks at least an hour apart are asked for. */
export interface FaultStanding {
  readonly standing: Standing;
  readonly state: 'open' | 'recovering';
}

/** While a look ends here, what comes after it in a session cannot be seen. */
const HIDES = new Set(['mx-no-starttls', 'mx-handshake', 'policy-host-dns', 'policy-refused', 'policy-http-timeout']);
const HIDDEN = /^(?:mx-cert-|mx-sni-|mx-tls-|policy-(?:cert-|http-|encoding|syntax|edge))/;

/** The faults of one domain, from what was seen of it last. */
export function faultStandings(standings: readonly Standing[]): readonly FaultStanding[] {
  const bad = standings.filter(({ outcome }) => outcome === 'bad');
  if (bad.length === 0) return [];
  const newest = newestLooks(standings);
  return bad.flatMap((standing): readonly FaultStanding[] => {
    if (isGone(standing, standings, newest) || isOvertaken(standing, standings)) return [];
    const { cleared } = standing;
    if (cleared === null || isHidden(standing, cleared.first, standings)) return [{ standing, state: 'open' }];
    const lasting = cleared.looks >= 2 && epochMs(cleared.last) - epochMs(cleared.first) >= HOUR_MS;
    return lasting ? [] : [{ standing, state: 'recovering' }];
  });
}

/** Since the fault was seen last every look ended before it: it was not seen to be gone. */
function isHidden(standing: Standing, cleared: Instant, standings: readonly Standing[]): boolean {
  return (
    HIDDEN.test(standing.code) &&
    standings.some(
      (other) =>
        HIDES.has(other.code) &&
        isSameTarget(other, standing) &&
        other.at === other.last_look &&
        other.since <= cleared,
    )
  );
}

/** What was about to end has ended: that is no recovery, and the certificate's incident goes on under the worse name. */
function isOvertaken(standing: Standing, standings: readonly Standing[]): boolean {
  if (!standing.code.endsWith('-cert-expiring')) return false;
  const worse = standing.code.replace(/expiring$/, 'expired');
  return standings.some(
    (other) => other.code === worse && isSameTarget(other, standing) && other.at === other.last_look,
  );
}

/**
 * Nobody can look again at what is no longer there: an address that the host no longer has, a host that is no longer an
 * MX of the domain, a vantage that no longer runs while another one sees the same place sound.
 */
function isGone(standing: Standing, standings: readonly Standing[], newest: ReadonlyMap<string, number>): boolean {
  const { kind, subject, address, vantage } = standing;
  const last = epochMs(standing.last_look);
  // A policy host without addresses has a row of its own, and none once they are there to be looked at.
  const isReplaced = address !== null || kind === 'policy';
  if (isReplaced && (newest.get(subjectKey(standing)) ?? 0) - last >= HOUR_MS) return true;
  if (kind === 'mx' || kind === 'dane') {
    const hosts = mxHosts(standings);
    if (hosts !== null && epochMs(hosts.at) - last >= HOUR_MS && !hosts.set.some(({ host }) => host === subject))
      return true;
  }
  return standings.some(
    (other) =>
      other.vantage !== vantage &&
      other.outcome === 'ok' &&
      other.at === other.last_look &&
      isSamePlace(other, standing) &&
      epochMs(other.at) - last >= VANTAGE_QUIET_MS,
  );
}

/** The newest look of each vantage at each subject, whatever the address. */
function newestLooks(standings: readonly Standing[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const standing of standings) {
    if (standing.address === null) continue;
    const key = subjectKey(standing);
    newest.set(key, Math.max(newest.get(key) ?? 0, epochMs(standing.last_look)));
  }
  return newest;
}

function subjectKey({ vantage, kind, subject }: Standing): string {
  return `${vantage} ${kind} ${subject}`;
}

function isSameTarget(a: Standing, b: Standing): boolean {
  return a.vantage === b.vantage && isSamePlace(a, b);
}

function isSamePlace(a: Standing, b: Standing): boolean {
  return a.kind === b.kind && a.subject === b.subject && a.address === b.address;
}

export interface MxHost {
  readonly host: string;
  readonly preference: number;
}

/** The MX set of one domain as it was seen last, by preference; null when it was not. */
export function mxHosts(
  standings: readonly Standing[],
): { readonly at: string & Standing['at']; readonly set: readonly MxHost[] } | null {
  let newest: Standing | null = null;
  for (const standing of standings)
    if (standing.kind === 'mx-set' && standing.outcome !== 'unknown' && readSet(standing).length > 0)
      if (newest === null || standing.at > newest.at) newest = standing;
  return newest === null ? null : { at: newest.at, set: readSet(newest) };
}

/** `facts.set` as the probe writes it; what is written otherwise is not read. */
function readSet({ facts }: Standing): readonly MxHost[] {
  const set: unknown = facts['set'] ?? facts['mx'];
  if (!Array.isArray(set)) return [];
  return set
    .flatMap((one: unknown) => {
      if (typeof one !== 'object' || one === null) return [];
      const { host, exchange, preference } = one as Record<string, unknown>;
      const name = typeof host === 'string' ? host : exchange;
      return typeof name === 'string' && typeof preference === 'number' ? [{ host: name, preference }] : [];
    })
    .sort((a, b) => a.preference - b.preference);
}
