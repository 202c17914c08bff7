import { dayOf } from '../clock.ts';
import type { Evidence } from '../finding.ts';
import { renewalWords } from '../incidents/certificate-escalation.ts';
import { brokenIssuerPins, poolDifferences } from '../probe/certificate-life.ts';
import type { Standing } from '../probe/standing.ts';
import {
  type CertificateCase,
  NEAR_ITS_END,
  newerOne,
  placeOf,
  presentedNow,
  tlsaRecordsOf,
} from './presented-certificates.ts';
import { validityOf } from './probes/certificate-validity.ts';

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
