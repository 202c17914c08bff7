import type { Instant } from '../clock.ts';

/** The field by which ingest knows a mail of our own: `doctor` sends one to the report address and looks for it there. */
export const SELF_TEST_FIELD = 'X-Postern-Self-Test';
const ID = /^[A-Za-z0-9-]{1,64}$/;

/** A mail to the report address (RFC 5322), with CRLF line ends. `id` is new for each. Throws RangeError for another one. */
export function selfTestMail(mail: {
  readonly from: string;
  readonly to: string;
  readonly id: string;
  readonly now: Instant;
}): string {
  if (!ID.test(mail.id)) throw new RangeError('the id of a self-test is letters, digits and hyphens');
  const domain = mail.from.slice(mail.from.lastIndexOf('@') + 1);
  return [
    `From: <${oneLine(mail.from)}>`,
    `To: <${oneLine(mail.to)}>`,
    'Subject: Postern self-test',
    `Date: ${new Date(mail.now).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <postern-self-test-${mail.id}@${oneLine(domain)}>`,
    `${SELF_TEST_FIELD}: ${mail.id}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'This mail shows that the address for TLS reports is reached. Postern files it by itself; nothing is to be done.',
    '',
  ].join('\r\n');
}

function oneLine(text: string): string {
  return text.replace(/[\r\n<>]/g, '');
}
