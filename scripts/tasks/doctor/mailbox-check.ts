import type { ImapSettings, NetworkSettings } from '../../core/config/types.ts';
import { SELF_TEST_FIELD } from '../../core/reports/self-test.ts';
import { ImapMailbox } from '../../io/imap/imap-folder.ts';
import { imapAccess } from '../imap-access.ts';

export interface MailboxCheck {
  /** Mail in the inbox that no ingest has read is at most so much; null = there is no such folder. */
  readonly inbox: { readonly uidnext: number } | null;
  readonly folders: readonly string[];
  /** Whether the self-test mail is there, in the inbox or already filed; null = none was looked for. */
  readonly found: boolean | null;
}

/**
 * For `doctor`: logs in, and looks for the inbox and for a self-test mail (core/reports/self-test.ts). Changes nothing.
 * Throws what imapAccess and connectImap throw: each message names the setting that mends it.
 */
export async function checkMailbox(options: {
  readonly imap: ImapSettings;
  readonly network: NetworkSettings;
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The id of the self-test mail to look for, or null. */
  readonly self_test: string | null;
}): Promise<MailboxCheck> {
  const { imap, network, root, environment, self_test } = options;
  const mailbox = await ImapMailbox.open(await imapAccess(imap, network, root, environment));
  try {
    const folders = await mailbox.folderNames();
    const inbox = await mailbox.openFolder(imap.inbox, { readOnly: true });
    const found = self_test === null ? null : await isThere(mailbox, [imap.inbox, imap.processed], self_test);
    return { inbox, folders, found };
  } finally {
    await mailbox.close();
  }
}

async function isThere(mailbox: ImapMailbox, paths: readonly string[], id: string): Promise<boolean> {
  for (const path of paths) {
    const folder = await mailbox.openFolder(path, { readOnly: true });
    if (folder !== null && (await mailbox.withHeader(SELF_TEST_FIELD, id)).length > 0) return true;
  }
  return false;
}
