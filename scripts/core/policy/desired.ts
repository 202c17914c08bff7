import type { DomainName } from '../../standards/domain-name.ts';
import type { Mode, MtaStsPolicy } from '../../standards/mta-sts-policy.ts';
import type { DomainConfig } from '../config/types.ts';

/** Seconds that a retiring policy may be kept (RFC 8461 §8.3 wants it small). */
const RETIRING_MAX_AGE = 86_400;

/**
 * The policy a domain should serve. Retiring serves `mode: none` until every cached policy has expired (RFC 8461 §8.3),
 * with the old mx lines, because some senders want at least one in any mode.
 */
export function desiredPolicy(config: DomainConfig): MtaStsPolicy {
  const { mx, max_age: maxAge, retire } = config;
  return {
    version: 'STSv1',
    mode: publishedMode(config),
    mx,
    max_age: retire ? RETIRING_MAX_AGE : maxAge,
    extensions: [],
  };
}

export function publishedMode({ mode, retire }: Pick<DomainConfig, 'mode' | 'retire'>): Mode {
  return retire ? 'none' : mode;
}

/** RFC 8461 §3.2: the policy is at `https://mta-sts.<policy domain>/.well-known/mta-sts.txt`. */
export function policyHost(domain: DomainName): string {
  return `mta-sts.${domain}`;
}
