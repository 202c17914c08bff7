import type { Instant } from '../clock.ts';
import type { DkimVerdict } from './rows.ts';

/**
 * Where a mail of the mailbox belongs once everything of it is stored: `processed` = it held reports, or was our own
 * self-test · `rejected` = it held none · `waiting` = the DNS did not answer for its signature, so that it stays where it is
 * and is read again by the next run.
 */
export type Filing = 'processed' | 'rejected' | 'waiting';

/** A key that nobody could ask for within this time is no longer waited for: Google's signatures expire after as long. */
const WAIT_MS = 7 * 86_400_000;

export function filingOf(mail: {
  /** Verdicts on its reports; of mail that was read before, whatever they are, empty only when it held none. */
  readonly verdicts: readonly (DkimVerdict | null)[];
  /** The class of a mail without report and without fault: see other-mail.ts. */
  readonly other: string | null;
  /** When it was first found waiting; null = now. */
  readonly waiting_since: Instant | null;
  readonly now: Instant;
}): Filing {
  if (mail.verdicts.length === 0) return mail.other === 'self-test' ? 'processed' : 'rejected';
  const waited = mail.waiting_since === null ? 0 : Date.parse(mail.now) - Date.parse(mail.waiting_since);
  return mail.verdicts.includes('temporary') && waited < WAIT_MS ? 'waiting' : 'processed';
}
