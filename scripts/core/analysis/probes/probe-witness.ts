import { addDays, type Day, dayOf } from '../../clock.ts';
import type { Standing } from '../../probe/standing.ts';

/** What probes say to a failure that reports tell of. */
export interface Witness {
  /** The host with a fault that explains it; null: no probe saw one. */
  readonly agrees: { readonly host: string } | null;
  /** Vantages that saw every MX address (or the policy host) sound at their last look. */
  readonly green: number;
}

const NO_WITNESS: Witness = { agrees: null, green: 0 };

/** The faults that a result type may be the report of (playbook §1, §3 and `design` of the reference). */
const EXPLAINS: Readonly<Record<string, RegExp>> = {
  'starttls-not-supported': /^mx-(?:no-starttls|handshake)$/,
  'certificate-host-mismatch': /^(?:mx-cert-name|mx-sni-required|mx-not-covered|mx-changed)$/,
  'certificate-expired': /^mx-cert-(?:expired|not-yet-valid)$/,
  'certificate-not-trusted': /^mx-(?:cert-(?:chain|revoked|weak-key|not-yet-valid|expired)|sni-required)$/,
  'validation-failure': /^(?:mx-|tlsa-|dnssec-)/,
  'tlsa-invalid': /^(?:tlsa-|dnssec-bogus)/,
  'dnssec-invalid': /^(?:dnssec-|dns-lame)/,
  'dane-required': /^(?:tlsa-|dnssec-)/,
  'sts-policy-fetch-error': /^policy-(?!cert-expiring|edge-skew)/,
  'sts-policy-invalid': /^(?:policy-(?:syntax|encoding|http-|edge-skew)|out-of-sync|mx-not-covered|txt-)/,
  'sts-webpki-invalid': /^(?:policy-cert-(?!expiring)|policy-host-dns)/,
};
/** Types that tell nothing, and rates of no type: anything seen amiss at an MX explains them. */
const ANYTHING = /^(?:mx-(?!cert-expiring|changed|null)|tlsa-|dnssec-)/;

/** May a report of this type (null: of several) be about the fault that a probe calls `code`? */
export function explains(code: string, resultType: string | null): boolean {
  return ((resultType === null ? undefined : EXPLAINS[resultType]) ?? ANYTHING).test(code);
}

/**
 * A probe agrees when it saw a fault that fits, at this host or where the report names none, from the day before the first
 * failure to the day after the last.
 */
export function witnessOf(
  standings: readonly Standing[],
  failure: {
    readonly result_type: string | null;
    readonly mx: string | null;
    readonly since: Day;
    readonly last_seen: Day;
  },
): Witness {
  if (standings.length === 0) return NO_WITNESS;
  const from = addDays(failure.since, -1);
  const to = addDays(failure.last_seen, 1);
  const agrees = standings.find(
    ({ outcome, code, kind, subject, since, at }) =>
      outcome === 'bad' &&
      explains(code, failure.result_type) &&
      dayOf(at) >= from &&
      dayOf(since) <= to &&
      (failure.mx === null || (kind !== 'mx' && kind !== 'dane') || subject === failure.mx),
  );
  const kind = failure.result_type?.startsWith('sts-') ? 'policy' : 'mx';
  const green = new Map<string, boolean>();
  for (const { kind: seen, vantage, outcome, at, last_look } of standings)
    if (seen === kind && at === last_look && dayOf(at) >= from)
      green.set(vantage, outcome === 'ok' && green.get(vantage) !== false);
  return {
    agrees: agrees === undefined ? null : { host: agrees.subject },
    green: [...green.values()].filter(Boolean).length,
  };
}
