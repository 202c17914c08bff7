/** What one run of `ingest` did. */
export interface IngestResult {
  /** Mails and report files read. */
  readonly messages: number;
  /** Newly stored, whether they count or stand apart. */
  readonly reports: number;
  /** Stored already, with the same bytes. */
  readonly duplicates: number;
  /** Newly stored beside another report of the same identity. */
  readonly conflicts: number;
  /** Of the new ones: about no domain managed here. */
  readonly foreign: number;
  /** Of the new ones: about a managed domain, in mail without a valid, aligned signature. */
  readonly unauthenticated: number;
  readonly quarantined: readonly { readonly source: string; readonly reason: string }[];
  /** Repairs of the new ones, by name. */
  readonly warnings: Readonly<Record<string, number>>;
  /** The same for each reporter: who sends what has to be repaired. At most 1000 reporters; those after them are not named. */
  readonly warnings_by_reporter: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What is no TLS report and was left alone, by class. */
  readonly other: Readonly<Record<string, number>>;
  /** Mail of the mailbox that stays there until the DNS answers for its signature. */
  readonly waiting: number;
  /** Mail of the mailbox that the time budget left for the next run. */
  readonly remaining: number;
  /** Files of the store that could not be read. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
}
