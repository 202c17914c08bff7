import type { Day, Instant } from '../clock.ts';

/** What the store says of the managed domains at one moment: counted by core/reports/sessions.ts, read by io/store. */
export interface ReportsView {
  /** Days the figures cover, both included. */
  readonly from: Day;
  readonly to: Day;
  /** As daily-table.ts has them, or a list. */
  readonly daily: Iterable<DailySessions>;
  readonly failing: readonly FailingReporterDay[];
  readonly reporters: readonly ReporterRecord[];
  readonly apart: readonly ReportsApart[];
  /** Names below a managed domain that believed reports speak of; a bounded number. */
  readonly subdomains: readonly ReportedSubdomain[];
  /** What had to be repaired or doubted in believed reports, by reporter and warning; a bounded number. */
  readonly warnings: readonly ReporterWarning[];
}

/** How many reports of one reporter needed one repair, or left one doubt: see `warnings` in data/README.md. */
export interface ReporterWarning {
  readonly reporter: string;
  /** With its detail only where that is a key of RFC 8460 §4.4. */
  readonly warning: string;
  readonly reports: number;
}

/** A name below a domain asked for, and what believed reports said of it. */
export interface ReportedSubdomain {
  readonly name: string;
  readonly reports: number;
  readonly first_day: Day;
  readonly last_day: Day;
  readonly sessions: number;
  /** Some session had an MTA-STS policy of its own. */
  readonly has_policy: boolean;
}

/** Sessions of one domain, day and policy type over all believed reporters. Never add across policy types (RFC 8460 §4). */
export interface DailySessions {
  readonly domain: string;
  readonly day: Day;
  readonly policy_type: string;
  readonly successful: number;
  readonly failed: number;
  /** Policy entries whose success or failure count the reporter did not give. */
  readonly unknown_entries: number;
  readonly reporters: number;
}

/** One reporter's day with at least one failed session under one policy type. */
export interface FailingReporterDay {
  readonly domain: string;
  readonly day: Day;
  readonly policy_type: string;
  readonly reporter: string;
  readonly organization_name: string | null;
  /** Null = not said. */
  readonly successful: number | null;
  readonly failed: number;
  /** Categories overlap (RFC 8460 §4): they need not add up to `failed`. The remainder is `unspecified`. */
  readonly details: readonly FailureCount[];
  readonly report_sha256: readonly string[];
}

export interface FailureCount {
  /** A registered result type, `other`, or `unspecified` for failures without details. */
  readonly result_type: string;
  readonly mx: string | null;
  readonly sessions: number;
  /** Up to three distinct free-text reasons, as sent: hostile text. */
  readonly reasons: readonly string[];
}

/** One reporter of one domain in the window. */
export interface ReporterRecord {
  readonly domain: string;
  readonly reporter: string;
  readonly organization_name: string | null;
  /** Days with a believed report, ascending. */
  readonly days: readonly Day[];
  /** Sessions on each of `days`: the most under any one policy type, because they never add up (RFC 8460 §4). */
  readonly volumes: Volumes;
  readonly last_received_at: Instant;
  readonly totals: readonly { readonly policy_type: string; readonly successful: number; readonly failed: number }[];
  /** The newest `sts` policy-string this reporter showed, and its day. */
  readonly policy_string: readonly string[] | null;
  readonly policy_string_day: Day | null;
  /** Each `sts` policy it applied, the one shown last first; absent where only the newest is known. */
  readonly policies?: readonly AppliedPolicy[];
}

/** A list of numbers, or a part of a longer one that is shared. */
export type Volumes = ArrayLike<number> & Iterable<number>;

/** A policy as a reporter's servers held it. Two on one day: some hold the older one still. */
export interface AppliedPolicy {
  readonly policy_string: readonly string[];
  readonly first_day: Day;
  readonly last_day: Day;
  /** Sessions under it, of the entries that say. */
  readonly successful: number;
  readonly failed: number;
}

/** Reports that are stored but not counted, and why. `domain` is null for domains that are not ours. */
export interface ReportsApart {
  readonly domain: string | null;
  readonly reason: 'unauthenticated' | 'foreign' | 'conflict';
  readonly reports: number;
  readonly last_received_at: Instant;
}
