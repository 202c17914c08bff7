import type { DomainName } from '../standards/domain-name.ts';
import type { Mode } from '../standards/mta-sts-policy.ts';
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
  /** By the ledger, and where nothing was announced by what probes see; else what the configuration asks for. */
  readonly state: 'testing' | 'enforce' | 'none' | 'retiring' | 'reporting' | 'absent' | 'removed';
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
  /** What probes saw last; null: none has looked. */
  readonly observations: ObservationSummary | null;
  /** Published policy versions, newest first, ten at most. */
  readonly versions: readonly VersionSummary[];
  /** What happens next, in words. */
  readonly next: string;
}

export interface ObservationSummary {
  readonly last_at: Instant;
  readonly vantages: readonly string[];
  /** Subjects and addresses by what their newest look saw. */
  readonly ok: number;
  readonly bad: number;
  readonly unknown: number;
  /** Certificates that were presented, soonest end first. */
  readonly certificates: readonly CertificateSummary[];
}

export interface CertificateSummary {
  readonly host: string;
  readonly serial: string | null;
  readonly not_before: Instant;
  readonly not_after: Instant;
}

export interface VersionSummary {
  readonly id: string;
  readonly sha256: string;
  readonly mode: Mode;
  readonly minted_at: Instant;
  readonly announced_at: Instant | null;
  readonly withdrawn_at: Instant | null;
  readonly triggers: readonly string[];
  readonly commit: string | null;
  readonly pull_request: number | null;
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
