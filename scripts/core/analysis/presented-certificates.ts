import type { Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { type CertificateLife, certificateLives, renewalStandings } from '../probe/certificate-life.ts';
import type { Standing } from '../probe/standing.ts';

/** Rules about the end of a certificate. */
export const NEAR_ITS_END = /-cert-(?:expired|expiring)$/;

export interface CertificateCase {
  readonly rule: string;
  /** The MX host or policy host that the finding is about. */
  readonly host: string;
  readonly standings: readonly Standing[];
  readonly now: Instant;
  readonly certificate_thresholds: AlertSettings['certificate_thresholds'];
}

/** What a certificate near its end, or past it, should have been replaced by: one of the same host that is neither. */
export function newerOne(lives: readonly CertificateLife[], one: CertificateCase): CertificateLife | null {
  const standings = renewalStandings(lives, one.certificate_thresholds, one.now);
  if (!standings.some(({ renewal, stage }) => renewal === 'elsewhere' && stage !== 'none')) return null;
  const sound = standings.filter(({ stage }) => stage === 'none').map(({ life }) => life);
  return sound.toSorted((a, b) => (a.not_after < b.not_after ? 1 : -1))[0] ?? null;
}

/** The certificates of the newest look of each vantage: an address that it did not meet again is none of the host's any more. */
export function presentedNow({ host, standings }: CertificateCase): readonly CertificateLife[] {
  const own = standings.filter(({ kind, subject }) => (kind === 'mx' || kind === 'policy') && subject === host);
  const newest = new Map<string, Instant>();
  for (const { vantage, last_look } of own) if (last_look > (newest.get(vantage) ?? '')) newest.set(vantage, last_look);
  const current = own.filter(({ vantage, at }) => at === newest.get(vantage));
  return certificateLives(current.map((standing) => ({ ...standing, first: standing.at })));
}

/** `facts.records` of what was seen of DANE last. */
export function tlsaRecordsOf({ host, standings }: CertificateCase): readonly string[] {
  const looks = standings.filter(
    ({ kind, subject, at, last_look }) => kind === 'dane' && subject === host && at === last_look,
  );
  return looks.flatMap(({ facts }) => {
    const records: unknown = facts['records'];
    return Array.isArray(records) ? records.filter((record): record is string => typeof record === 'string') : [];
  });
}

export function placeOf({ host, address }: CertificateLife): string {
  return address === null ? host : `${host} [${address}]`;
}
