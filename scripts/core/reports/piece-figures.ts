import type { FailingReporterDay, ReportedSubdomain, ReporterWarning, ReportsApart } from './view.ts';

/** Counts: whole ones below 2^32 need half the room. */
export type Counts = Float64Array | Uint32Array;

/**
 * The figures of some whole days of one month, as narrow columns: a fleet has millions of them. Row `i` of a table is what
 * stands at `i` in each of its columns; domains are by index, days are days of the month.
 */
export interface PieceFigures {
  /** `2026-11`. */
  readonly month: string;
  readonly policyTypes: readonly string[];
  /** DailySessions by day, domain and policy type. */
  readonly daily: {
    readonly domain: Int32Array;
    readonly day: Uint8Array;
    readonly type: Uint8Array;
    readonly successful: Counts;
    readonly failed: Counts;
    readonly unknown: Int32Array;
    readonly reporters: Int32Array;
  };
  readonly failing: readonly FailingReporterDay[];
  readonly reporters: ReporterColumns;
  readonly apart: readonly ReportsApart[];
  readonly subdomains: readonly ReportedSubdomain[];
  readonly warnings: readonly ReporterWarning[];
}

/** What the numbers in a piece stand for. */
interface FigureTexts {
  readonly reporters: readonly string[];
  readonly organizations: readonly string[];
  readonly policies: readonly (readonly string[])[];
}

/** One row for each reporter of a domain; -1 is none. */
export interface ReporterColumns {
  readonly texts: FigureTexts;
  readonly domain: Int32Array;
  readonly reporter: Int32Array;
  readonly organization: Int32Array;
  readonly policy: Int32Array;
  readonly policyDay: Uint8Array;
  /** Seconds of the epoch. */
  readonly lastReceived: Counts;
  /** Bit `d - 1` for day `d`. */
  readonly days: Uint32Array;
  /** One for each bit of `days`, row after row. */
  readonly volumes: Float64Array | Uint32Array;
  /** By row. */
  readonly totals: {
    readonly row: Int32Array;
    readonly type: Uint8Array;
    readonly successful: Counts;
    readonly failed: Counts;
  };
  /** By row, the policy shown last first. */
  readonly applied: {
    readonly row: Int32Array;
    readonly policy: Int32Array;
    readonly first: Uint8Array;
    readonly last: Uint8Array;
    readonly successful: Counts;
    readonly failed: Counts;
  };
}
