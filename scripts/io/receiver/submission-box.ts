/** Where submissions wait until `ingest` has stored them: a folder, a bucket, or a receiver elsewhere. */
export interface SubmissionBox {
  /** Keeps the bytes; the same bytes twice are one submission. */
  readonly put: (sha256: string, bytes: Uint8Array) => Promise<void>;
  /** SHA-256 (hex) of what waits, at most `limit`. */
  readonly list: (limit: number) => Promise<readonly string[]>;
  /** Null when there is no such submission. */
  readonly get: (sha256: string) => Promise<Uint8Array | null>;
  readonly remove: (sha256: string) => Promise<void>;
}

/** As for an attachment of a mail (RFC 8460 §5.2: many stop at 10 MB). */
export const SUBMISSION_BYTES = 10 * 2 ** 20;
/** What may wait; beyond, reporters are asked to come back, and they try for a day (RFC 8460 §5.5). */
export const WAITING_SUBMISSIONS = 5000;
export const SUBMISSION_NAME = /^[0-9a-f]{64}$/;
