import { dayOf, type Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import type { Evidence } from '../finding.ts';
import { renewalWords } from '../incidents/certificate-escalation.ts';
import {
  brokenIssuerPins,
  type CertificateLife,
  certificateLives,
  poolDifferences,
  renewalStandings,
} from '../probe/certificate-life.ts';
import type { Standing } from '../probe/standing.ts';
import { validityOf } from './probes/certificate-validity.ts';

export interface CertificateCase {
  readonly rule: string;
  /** The MX host or policy host that the finding is about. */
  readonly host: string;
  readonly standings: readonly Standing[];
  readonly now: Instant;
  readonly certificate_thresholds: AlertSettings['certificate_thresholds'];
}

const NEAR_ITS_END = /-cert-(?:expired|expiring)$/;
const MAX_SHOWN = 8;

/** What all addresses of the host tell beside the fault: was a newer certificate issued, do the members of a pool differ? */
export function certificateEvidence(one: CertificateCase): readonly Evidence[] {
  const { rule, host } = one;
  const isOfPins = rule.startsWith('tlsa-');
  if (!isOfPins && !rule.includes('-cert-')) return [];
  const lives = presentedNow(one);
  const [first] = lives;
  if (first === undefined) return [];
  const told = (text: string): Evidence => ({ kind: 'observation', at: first.last_seen, text, ref: null });
  if (isOfPins) {
    const pins = new Set(brokenIssuerPins(lives, { host, records: tlsaRecordsOf(one) }));
    return [...pins].map((pin) => told(`An address of ${host} sends no certificate with the key of ${pin}.`));
  }
  const newer = NEAR_ITS_END.test(rule) ? newerOne(lives, one) : null;
  if (newer !== null)
    return [told(`${placeOf(newer)} presents a newer certificate, until ${dayOf(newer.not_after)}: it was issued.`)];
  return poolDifferences(lives).map(({ members }) => {
    const shown = members.slice(0, MAX_SHOWN).map((life) => `${placeOf(life)} until ${dayOf(life.not_after)}`);
    return told(`The addresses of ${host} present different certificates: ${shown.join(', ')}.`);
  });
}

/** A sentence on the renewal of a certificate that comes near its end; empty where there is nothing to say. */
export function renewalSentence(standing: Standing, one: CertificateCase): string {
  const validity = validityOf(standing);
  if (validity === null) return '';
  if (newerOne(presentedNow(one), one) !== null)
    return ' A newer certificate was issued and is in use, but not at every address.';
  const words = renewalWords(validity, one.now);
  return words === null ? '' : ` ${words}`;
}

/** What a certificate near its end, or past it, should have been replaced by: one of the same host that is neither. */
function newerOne(lives: readonly CertificateLife[], one: CertificateCase): CertificateLife | null {
  const standings = renewalStandings(lives, one.certificate_thresholds, one.now);
  if (!standings.some(({ renewal, stage }) => renewal === 'elsewhere' && stage !== 'none')) return null;
  const sound = standings.filter(({ stage }) => stage === 'none').map(({ life }) => life);
  return sound.toSorted((a, b) => (a.not_after < b.not_after ? 1 : -1))[0] ?? null;
}

/** The certificates of the newest look of each vantage: an address that it did not meet again is none of the host's any more. */
function presentedNow({ host, standings }: CertificateCase): readonly CertificateLife[] {
  const own = standings.filter(({ kind, subject }) => (kind === 'mx' || kind === 'policy') && subject === host);
  const newest = new Map<string, Instant>();
  for (const { vantage, last_look } of own) if (last_look > (newest.get(vantage) ?? '')) newest.set(vantage, last_look);
  const current = own.filter(({ vantage, at }) => at === newest.get(vantage));
  return certificateLives(current.map((standing) => ({ ...standing, first: standing.at })));
}

/** `facts.records` of what was seen of DANE last. */
function tlsaRecordsOf({ host, standings }: CertificateCase): readonly string[] {
  const looks = standings.filter(
    ({ kind, subject, at, last_look }) => kind === 'dane' && subject === host && at === last_look,
  );
  return looks.flatMap(({ facts }) => {
    const records: unknown = facts['records'];
    return Array.isArray(records) ? records.filter((record): record is string => typeof record === 'string') : [];
  });
}

function placeOf({ host, address }: CertificateLife): string {
  return address === null ? host : `${host} [${address}]`;
}
