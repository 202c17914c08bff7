import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../../core/clock.ts';
import type { ImapSettings, Settings } from '../../core/config/types.ts';
import { plainText } from '../../core/plain-text.ts';
import { selfTestMail } from '../../core/reports/self-test.ts';
import { bad, type Check, ok, unknown } from '../../core/status/doctor.ts';
import { openSubmission } from '../../io/smtp-submit/submit.ts';
import { checkMailbox } from './mailbox-check.ts';

const NAME = 'self-test';
/** Between two looks into the mailbox. */
const LOOK_MS = 2000;

export interface SelfTestOptions {
  readonly root: string;
  readonly now: Instant;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False: it is only said what would be sent. */
  readonly send: boolean;
  /** Seconds that the mail may be on its way. */
  readonly wait: number;
  readonly progress: (text: string) => void;
}

/**
 * Sends a mail to the report address through `digest.smtp`, and looks for it in the mailbox: the whole way of a report but its
 * sender. Only to the first address of `reporting.rua`: others may belong to somebody else. `ingest` files and counts the mail
 * as `self-test`. Throws what openSubmission and checkMailbox throw.
 */
export async function selfTestCheck(settings: Settings, imap: ImapSettings, options: SelfTestOptions): Promise<Check> {
  const { root, now, environment, send, wait, progress } = options;
  const { digest, network, reporting } = settings;
  const to = mailAddress(reporting.rua);
  if (to === null)
    return unknown(NAME, 'No address for reports is set by mailto.', 'write reporting.rua in domains/_settings.yaml');
  const { smtp, from } = digest;
  if (smtp === null || from === null) {
    const how = `set digest.from and digest.smtp, or send any mail to ${to} and see npx postern ingest count it under "other"`;
    return unknown(
      NAME,
      'No mail can be sent from here, so it is not known whether the report address is reached.',
      how,
    );
  }
  if (!send) return unknown(NAME, `A mail to ${to} by ${smtp.host} would be sent and looked for (dry run).`, null);
  const id = randomUUID();
  const sender = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
  const caFile = network.ca_file === null ? null : resolve(root, network.ca_file);
  const submission = openSubmission({ ...smtp, password: environment['POSTERN_SMTP_PASSWORD'] ?? null, caFile });
  try {
    const message = Buffer.from(selfTestMail({ from: sender, to, id, now }));
    const answer = await submission.send(message, sender, to);
    const said = plainText(answer.response, 200);
    if (answer.kind === 'rejected')
      return bad(NAME, `${smtp.host} refuses mail to ${to}: ${said}`, 'mend reporting.rua, or make that mailbox');
    if (answer.kind === 'deferred') return unknown(NAME, `${smtp.host} takes no mail now: ${said}`, 'try again later');
  } finally {
    submission.close();
  }
  progress(`looking for the self-test mail in the mailbox, for at most ${wait} seconds`);
  const start = performance.now();
  for (;;) {
    const { found } = await checkMailbox({ imap, network, root, environment, self_test: id });
    const seconds = Math.round((performance.now() - start) / 1000);
    if (found === true) return ok(NAME, `A mail to ${to} was in the mailbox ${seconds} seconds after it was sent.`);
    if (seconds >= wait)
      return bad(
        NAME,
        `${smtp.host} took a mail to ${to}, and it is not in ${imap.inbox} after ${wait} seconds.`,
        'check that reporting.rua delivers into mailbox.imap and not into a spam folder; where mail is slow, use --wait 600',
      );
    await pause(LOOK_MS);
  }
}

function mailAddress(rua: readonly string[]): string | null {
  const first = rua.find((one) => /^mailto:/i.test(one));
  return first === undefined ? null : decodeURIComponent(first.slice('mailto:'.length).split('?')[0] ?? '');
}
