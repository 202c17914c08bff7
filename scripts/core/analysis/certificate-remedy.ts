import { dayOf } from '../clock.ts';
import { brokenIssuerPins, renewalStandings } from '../probe/certificate-life.ts';
import {
  type CertificateCase,
  NEAR_ITS_END,
  newerOne,
  placeOf,
  presentedNow,
  tlsaRecordsOf,
} from './presented-certificates.ts';

const MAX_PLACES = 8;

/**
 * What to do where the certificates of all addresses of the host say more than the fault alone: the newer one that only some
 * of a pool have, or the key that a CA signs with now in place of the pinned one. Null: nothing more than the rule says.
 */
export function certificateRemedy(one: CertificateCase): string | null {
  if (NEAR_ITS_END.test(one.rule)) return poolRemedy(one);
  return one.rule === 'tlsa-mismatch' ? pinRemedy(one) : null;
}

function poolRemedy(one: CertificateCase): string | null {
  const lives = presentedNow(one);
  const newer = newerOne(lives, one);
  if (newer === null) return null;
  // A member with yet another certificate, far from its end, is left as it is.
  const near = renewalStandings(lives, one.certificate_thresholds, one.now).filter(({ stage }) => stage !== 'none');
  const places = [...new Set(near.map(({ life }) => placeOf(life)))].slice(0, MAX_PLACES).join(', ');
  return `The renewal ran, but did not reach every server: install the certificate that ${placeOf(newer)} presents (until ${dayOf(newer.not_after)}) on ${places} too, and reload the server there.`;
}

/** RFC 7671 §5.2.2: with usage 2 the pinned certificate itself has to be sent. */
function pinRemedy(one: CertificateCase): string | null {
  const { host } = one;
  const lives = presentedNow(one);
  const pins = brokenIssuerPins(lives, { host, records: tlsaRecordsOf(one) });
  if (pins.length === 0) return null;
  const pinned = pins.map((pin) => pin.slice(6));
  const keys = lives
    .filter(({ issuer_spki_sha256 }) => !pinned.some((pin) => issuer_spki_sha256.includes(pin)))
    .map(({ spki_sha256 }) => spki_sha256);
  const records = [...new Set(keys)]
    .filter((key) => /^[0-9a-f]{64}$/.test(key))
    .slice(0, MAX_PLACES)
    .map((key) => `\`_25._tcp.${host}. IN TLSA 3 1 1 ${key}\``);
  if (records.length === 0) return null;
  return `The certificate comes from another intermediate of the CA than the pinned one, or that is not sent: if it was renewed just now and you have the old one, put it back first. Then publish, beside the old record, ${records.join(' and ')} for the key in use. Pins of the CA’s keys break whenever it changes them; 3 1 1 with a key that is kept does not.`;
}
