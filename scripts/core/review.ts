import type { DomainName } from '../standards/domain-name.ts';
import type { Agreement } from './agreement.ts';
import type { Day, Instant } from './clock.ts';
import type { Finding } from './finding.ts';
import type { ReportsApart } from './reports/view.ts';

/** What `review` says: a function of configuration, reports received at or before `at`, and observations. */
export interface Review {
  readonly at: Instant;
  readonly domains: readonly DomainReview[];
  readonly findings: readonly Finding[];
  readonly rollouts: readonly RolloutReview[];
  readonly freshness: Freshness;
  /** Reports that are stored and not counted: of these domains, and those for domains that are not ours. */
  readonly apart: readonly ReportsApart[];
}

export interface DomainReview {
  readonly domain: DomainName;
  /** reporting and absent need probes; until then only what the configuration decides. */
  readonly state: 'testing' | 'enforce' | 'none' | 'retiring';
  readonly agreement: Agreement;
  /** The last 30 days of one policy type: `sts` where there is any, else `tlsa`, else `no-policy-found`. Null without reports. */
  readonly sessions: {
    readonly policy_type: string;
    readonly successful: number;
    readonly failed: number;
    /** successful / (successful + failed); null when nothing was counted. */
    readonly success_share: number | null;
    readonly days_with_data: number;
  } | null;
  readonly last_report_day: Day | null;
  /** What happens next, in words. */
  readonly next: string;
}

export interface RolloutReview {
  readonly domain: DomainName;
  readonly state: DomainReview['state'];
  readonly clean_days: number;
  readonly needed: number;
  readonly blocked_by: readonly string[];
}

export interface Freshness {
  readonly reports: {
    readonly last_received_at: Instant | null;
    readonly last_day: Day | null;
  };
  readonly domains: readonly {
    readonly domain: DomainName;
    readonly last_day: Day | null;
    readonly last_received_at: Instant | null;
    readonly reporters: number;
  }[];
  /** Null until a probe has run. */
  readonly observations: Instant | null;
}
