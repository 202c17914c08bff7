import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { createTransport } from 'nodemailer';
import { PosternError } from '../../core/failure.ts';

export interface Submission {
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
  /** PEM file, added to the built-in roots. */
  readonly caFile: string | null;
}

type SubmitResult =
  | { readonly kind: 'accepted'; readonly response: string }
  /** The server will never take it for this recipient. */
  | { readonly kind: 'rejected'; readonly response: string }
  /** It may take it later. */
  | { readonly kind: 'deferred'; readonly response: string };

export interface Submitter {
  readonly send: (message: Buffer, from: string, to: string) => Promise<SubmitResult>;
  readonly close: () => void;
}

/** Milliseconds. */
const PATIENCE = { connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 60_000, dnsTimeout: 10_000 };

/**
 * A connection to the server that takes our mail, with TLS: from the start on port 465, by STARTTLS elsewhere, and no mail
 * without it. Only what does not leave the machine may go in the clear, or under a certificate for another name.
 */
export function openSubmission({ host, port, user, password, caFile }: Submission): Submitter {
  const local = isLocal(host);
  const transport = createTransport({
    host,
    port,
    secure: port === 465,
    requireTLS: !local,
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: !local,
      ...(caFile === null ? {} : { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] }),
    },
    // Not pooled: a pool sends a mail again, on its own, when a connection ends, and then nobody knows how often it went.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...PATIENCE,
  });
  return {
    send: async (message, from, to) => {
      try {
        const { response, rejected } = await transport.sendMail({ envelope: { from, to: [to] }, raw: message });
        // It resolves when anybody was accepted: with one recipient that is all, but we look.
        return rejected.length > 0
          ? { kind: 'rejected', response: oneLine(response) }
          : { kind: 'accepted', response: oneLine(response) };
      } catch (error) {
        return refusal(error, host);
      }
    },
    close: () => transport.close(),
  };
}

interface MailError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/** What the server says of this mail is a result; that it cannot be spoken to is an outage. */
function refusal(cause: unknown, host: string): SubmitResult {
  const { code, responseCode, response, message } = cause as MailError;
  const said = oneLine(response ?? message);
  if (code === 'EAUTH') {
    throw new PosternError('smtp-login', `${host} refuses the login: ${said}`, {
      hint: 'check digest.smtp.user and POSTERN_SMTP_PASSWORD',
      exit: 3,
      cause,
    });
  }
  if ((code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== undefined)
    return { kind: responseCode >= 500 ? 'rejected' : 'deferred', response: said };
  throw new PosternError('smtp-unavailable', `${host} does not take mail: ${said}`, {
    hint: 'the next run sends what was not sent',
    exit: 3,
    cause,
  });
}

function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 300);
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
