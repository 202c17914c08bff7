import type { Mail } from './mail.ts';

/**
 * An mbox of the `mboxrd` kind, in the order given. Every line ends with CRLF, separators and all, so that a message cut out
 * of it and unquoted is the exact bytes that were signed. After each message stands one empty line that is not part of it.
 */
export function mbox(mails: readonly Mail[]): Buffer {
  return Buffer.concat(
    mails.flatMap(({ arrivesAt, envelopeSender, bytes }) => [
      Buffer.from(`From ${envelopeSender || 'MAILER-DAEMON'} ${ctime(arrivesAt)}\r\n`),
      // Latin-1 maps each byte to one character and back.
      Buffer.from(bytes.toString('latin1').replace(/^(?=>*From )/gm, '>'), 'latin1'),
      Buffer.from('\r\n'),
    ]),
  );
}

/** `Thu Oct  1 10:04:05 2026`, UTC. */
function ctime(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${weekday?.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
