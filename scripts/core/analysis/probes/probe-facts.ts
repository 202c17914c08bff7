import type { Instant } from '../../clock.ts';
import type { AlertSettings, DomainConfig } from '../../config/types.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import type { Standing } from '../../probe/standing.ts';

/** What is known of a domain when what its probes saw is judged. */
export interface ProbeFacts {
  readonly config: DomainConfig;
  readonly ledger: Ledger;
  /** Of this domain. */
  readonly standings: readonly Standing[];
  readonly now: Instant;
  readonly certificate_thresholds: AlertSettings['certificate_thresholds'];
}
