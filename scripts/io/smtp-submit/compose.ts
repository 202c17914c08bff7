import { createTransport } from 'nodemailer';

export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: string;
  /** Without angle brackets; the same when the mail is made again, so that a mailbox can tell. */
  readonly id: string;
}

/** The message as bytes: what is written to a file is what is sent. */
export async function composeMail({ from, to, subject, text, html, date, id }: Mail): Promise<Buffer> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await composer.sendMail({
    from,
    to,
    subject,
    text,
    html,
    date: new Date(date),
    messageId: `<${id}>`,
    textEncoding: 'quoted-printable',
    // Out-of-office answers to a machine help nobody (RFC 3834 §5).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...{ baseBoundary: id.replace(/[^A-Za-z0-9]/g, '').slice(0, 40) },
  });
  if (!Buffer.isBuffer(message)) throw new Error('the composer was asked for a buffer');
  return message;
}
