import type { ReportRow } from './rows.ts';

/**
 * Which reports are believed. Anyone on the internet can write to the reporting mailbox, so mail counts only with a verified
 * signature that is aligned with the submitter (RFC 8460 §3: "MUST be ignored" otherwise). A report file that the operator
 * hands over is taken at its word. An HTTPS submission carries no proof of its reporter at all (§5.4): kept, never counted.
 */
export function isBelieved(row: Pick<ReportRow, 'provenance' | 'dkim'>): boolean {
  return row.provenance === 'file' || (row.provenance === 'mail' && row.dkim === 'pass');
}

/** The same rule over the columns of a stored row. */
export const BELIEVED_SQL = "(provenance = 'file' OR (provenance = 'mail' AND dkim = 'pass'))";

/**
 * Stored mail that is worth reading again: DNS did not answer the last time, or one of its domains has become ours since.
 * SQL over the columns of a stored row; the table `managed` holds our domains.
 */
export const WORTH_ANOTHER_LOOK_SQL = `(provenance = 'mail' AND (dkim = 'temporary' OR (dkim = 'unchecked' AND (
  policy_domain IN (SELECT domain FROM managed) OR report_domain IN (SELECT domain FROM managed)))))`;
