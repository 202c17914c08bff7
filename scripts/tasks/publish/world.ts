import type { Instant } from '../../core/clock.ts';
import type { DomainConfig } from '../../core/config/types.ts';
import type { RecordSet } from '../../core/dns/record-set.ts';
import type { HostPlace } from '../../core/hosting/host-place.ts';
import type { HostAnswer } from '../../core/policy/host-answer.ts';
import type { LedgerEvent } from '../../core/policy/versions/ledger-event.ts';
import type { AuthorityView } from '../../core/publish/authority-view.ts';
import type { DnsProvider } from '../../io/dns-providers/provider.ts';
import type { Hosting } from '../../io/hosting/hosting.ts';
import type { DomainName } from '../../standards/domain-name.ts';

/** Everything outside that publishing touches; every call may be the last one of a run. */
export interface PublishWorld {
  readonly now: Instant;
  /** Null: somebody else serves the policy host. */
  readonly hosting: (place: HostPlace | null) => Promise<Hosting | null>;
  /** Who changes this record of the domain, and nothing but our names; null: a person. */
  readonly provider: (config: DomainConfig, name: string) => Promise<DnsProvider | null>;
  /** The policy host as a sender sees it, on every address; empty when it has none. */
  readonly fetchBody: (host: string) => Promise<readonly HostAnswer[]>;
  readonly atAuthorities: (record: Pick<RecordSet, 'name' | 'type'>) => Promise<AuthorityView>;
  /** Does the name still lead anywhere, by the resolver? Null: not known. */
  readonly nameExists: (name: string) => Promise<boolean | null>;
  /**
   * Everything that the hostings keep in files here as the ledgers have it now: a checkout begins without them, and a domain
   * may have moved to one.
   */
  readonly keepFiles: () => Promise<void>;
  /** Writes to the ledger, durably. */
  readonly record: (domain: DomainName, events: readonly LedgerEvent[]) => void;
}

/** How far one domain came in this run. */
export type Standing =
  | { readonly state: 'done' | 'unchanged' }
  | { readonly state: 'waiting'; readonly for: readonly string[]; readonly since: Instant };
