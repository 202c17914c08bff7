import type { DomainName } from '../../standards/domain-name.ts';
import { type Mode, renderMtaStsPolicy } from '../../standards/mta-sts-policy.ts';
import type { DomainConfig } from '../config/types.ts';
import { desiredPolicy } from './desired.ts';
import type { Ledger } from './versions/ledger.ts';

/** What the document root of one policy host holds. */
export interface HostedPolicy {
  readonly domain: DomainName;
  readonly mode: Mode;
  readonly mx: readonly string[];
  /** Seconds. */
  readonly max_age: number;
  /** Exactly the bytes to serve, as text. */
  readonly body: string;
  /** `mode: none` on the way out. */
  readonly retiring: boolean;
  /** False: nothing was ever published, so that no id of ours leads here yet. */
  readonly published: boolean;
}

/**
 * What may stand at each policy host, by name: the version that `publish` let through last, whatever the files ask for by
 * now. So a policy that is refused, or one whose file was deleted too early, never reaches a host that is deployed from
 * what was built. A domain that was never published, or not since it was removed, is built as configured.
 */
export function hostedPolicies(
  configs: readonly DomainConfig[],
  ledgers: ReadonlyMap<DomainName, Ledger>,
): readonly HostedPolicy[] {
  const configured = new Map(configs.map((config) => [config.domain, config]));
  return [...new Set([...configured.keys(), ...ledgers.keys()])].sort().flatMap((domain) => {
    const config = configured.get(domain);
    const version = ledgers.get(domain)?.current ?? null;
    if (version === null) return config === undefined ? [] : [configuredPolicy(config)];
    const { mode, mx, max_age, body } = version;
    const retiring = mode === 'none' && config?.retire !== false;
    return [{ domain, mode, mx, max_age, body, retiring, published: true }];
  });
}

/** As the file asks for it. */
export function configuredPolicy(config: DomainConfig): HostedPolicy {
  const policy = desiredPolicy(config);
  const { mode, mx, max_age } = policy;
  const { domain, retire } = config;
  return { domain, mode, mx, max_age, body: renderMtaStsPolicy(policy), retiring: retire, published: false };
}
