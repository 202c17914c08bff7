import type { Instant } from '../clock.ts';
import type { Severity } from '../finding.ts';
import type { TimelineEntry } from '../incidents/incident.ts';

/** An incident as an auditor asks for it: what happened when, and by when it should have. Null: it has not, or is not known. */
export interface IncidentRecord {
  readonly issue: number | null;
  readonly fingerprint: string;
  readonly rule: string;
  readonly domains: readonly string[];
  /** The highest it had. */
  readonly severity: Severity;
  readonly summary: string;
  readonly detected_at: Instant;
  readonly acknowledged_at: Instant | null;
  readonly notified_at: Instant | null;
  readonly recovered_at: Instant | null;
  readonly closed_at: Instant | null;
  readonly respond_by: Instant | null;
  readonly notify_by: Instant | null;
  readonly resolve_by: Instant | null;
  /** What happened up to the end of the month. */
  readonly timeline: readonly TimelineEntry[];
}
