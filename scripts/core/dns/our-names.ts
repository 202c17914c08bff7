import type { DomainName } from '../../standards/domain-name.ts';
import { type MxPattern, matchesMx } from '../../standards/mx-pattern.ts';
import type { DomainConfig } from '../config/types.ts';

/** The names a domain's records stand at. With `delegation: cname` each has a twin in our own zone. */
export interface OurNames {
  readonly mta_sts: string;
  readonly tls_rpt: string;
  readonly policy_host: string;
}

/** RFC 8461 §3.1 and §3.2, RFC 8460 §3. */
export function ourNames(domain: DomainName): OurNames {
  return { mta_sts: `_mta-sts.${domain}`, tls_rpt: `_smtp._tls.${domain}`, policy_host: `mta-sts.${domain}` };
}

/** Where the CNAMEs of a delegating customer point to. */
export function delegatedNames(domain: DomainName, zone: DomainName): OurNames {
  const names = ourNames(domain);
  return {
    mta_sts: `${names.mta_sts}.${zone}`,
    tls_rpt: `${names.tls_rpt}.${zone}`,
    policy_host: `${names.policy_host}.${zone}`,
  };
}

/** Where the records really stand: in our zone when the customer has delegated. `zone`: null when we have none. */
export function standingNames(
  domain: DomainName,
  delegation: DomainConfig['delegation'],
  zone: DomainName | null,
): OurNames {
  return delegation === 'cname' && zone !== null ? delegatedNames(domain, zone) : ourNames(domain);
}

/** RFC 7672 §2.2.1: TLSA records of SMTP stand below port 25. */
const TLSA_PREFIX = '_25._tcp.';

/**
 * May Postern ever change this name? Only the three names of the domain, their twins in our zone, and `_25._tcp` of its
 * MX hosts, those that `mx` covers, when DANE is managed. Everything that writes DNS asks here, whatever a plan says.
 */
export function isOurName(
  name: string,
  { domain, dane }: Pick<DomainConfig, 'domain' | 'dane'>,
  zone: DomainName | null,
  mx: readonly MxPattern[],
): boolean {
  const names = [
    ...Object.values(ourNames(domain)),
    ...(zone === null ? [] : Object.values(delegatedNames(domain, zone))),
  ];
  if (names.includes(name)) return true;
  const host = dane.managed && name.startsWith(TLSA_PREFIX) ? name.slice(TLSA_PREFIX.length) : null;
  return host !== null && mx.some((pattern) => matchesMx(pattern, host));
}
