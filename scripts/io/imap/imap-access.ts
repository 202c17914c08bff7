import { rootCertificates } from 'node:tls';
import { ImapFlow, type ImapFlowError, type ImapFlowOptions } from 'imapflow';
import { PosternError } from '../../core/failure.ts';

/** Everything a connection to the mailbox depends on. */
export interface ImapAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** False only on loopback: nothing is encrypted. */
  readonly tls: boolean;
  readonly credential: { readonly password: string } | { readonly token: string };
  /** PEM beside the built-in roots, or null. */
  readonly ca: string | null;
}

const CONNECT_MS = 20_000;
const SILENCE_MS = 60_000;
/** A message that was asked for may be as large as this; a server that sends more is cut off. */
const LITERAL_BYTES = 64 * 2 ** 20;

/**
 * A logged-in connection. Port 143 begins with STARTTLS, any other with TLS; a server that speaks plainly on such a port is
 * asked for STARTTLS. Nothing is ever sent unencrypted but with `tls: false`, and that only to loopback.
 * Throws PosternError `imap-tls-required`, `imap-unreachable`, `imap-no-tls`, `imap-certificate`, `imap-login`.
 */
export async function connectImap(access: ImapAccess): Promise<ImapFlow> {
  if (!access.tls && !isLoopback(access.host)) {
    throw new PosternError('imap-tls-required', `mailbox.imap.tls is false, and ${access.host} is not this machine`, {
      hint: 'remove tls: false from mailbox.imap in domains/_settings.yaml; it is for a laboratory on loopback only',
      exit: 2,
    });
  }
  const ways: readonly Way[] = !access.tls ? ['plain'] : access.port === 143 ? ['starttls'] : ['tls', 'starttls'];
  for (const [index, way] of ways.entries()) {
    const client = new ImapFlow(optionsOf(access, way));
    // Errors of a broken connection reject whatever waits for it; without a listener they would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.close();
      const speaksPlainly = way === 'tls' && (error as ImapFlowError).code === 'ERR_SSL_WRONG_VERSION_NUMBER';
      if (speaksPlainly && index + 1 < ways.length) continue;
      throw failureOf(error as ImapFlowError, access, way);
    }
  }
  throw new Error('a way to connect is missing');
}

type Way = 'tls' | 'starttls' | 'plain';

function optionsOf({ host, port, user, credential, ca }: ImapAccess, way: Way): ImapFlowOptions {
  const bare = host.replace(/^\[|\]$/g, '');
  return {
    host: bare,
    port,
    secure: way === 'tls',
    doSTARTTLS: way === 'starttls',
    auth: 'token' in credential ? { user, accessToken: credential.token } : { user, pass: credential.password },
    tls: { minVersion: 'TLSv1.2', ca: ca === null ? [...rootCertificates] : [...rootCertificates, ca] },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    maxLiteralSize: LITERAL_BYTES,
    maxLineLength: LITERAL_BYTES,
  };
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** What went wrong, and which setting mends it. */
function failureOf(error: ImapFlowError, access: ImapAccess, way: Way): PosternError {
  const { host, port, user, credential } = access;
  const place = `${host} port ${port}`;
  const said = error.responseText ?? error.reason ?? '';
  const words = said === '' ? '' : ` (the server says: ${said.slice(0, 200)})`;
  if (error.authenticationFailed === true) {
    const unavailable = error.serverResponseCode === 'UNAVAILABLE';
    const secret = 'token' in credential ? 'the token (POSTERN_IMAP_TOKEN)' : 'the password (POSTERN_IMAP_PASSWORD)';
    return new PosternError('imap-login', `${place} does not let ${user} in${words}`, {
      hint: unavailable
        ? 'the server cannot check it at the moment: try again later'
        : `check mailbox.imap.user and mailbox.imap.auth in domains/_settings.yaml, and ${secret}; large providers want auth: oauth2 or an app password`,
      exit: unavailable ? 3 : 2,
      cause: error,
    });
  }
  if (error.tlsFailed === true && way === 'starttls' && !isCertificateFault(error)) {
    return new PosternError('imap-no-tls', `${place} offers no TLS, so nothing was sent to it`, {
      hint: 'name the port with TLS in mailbox.imap.port (993, or 143 with STARTTLS), or have the server offer it',
      exit: 2,
      cause: error,
    });
  }
  if (isCertificateFault(error)) {
    return new PosternError('imap-certificate', `the certificate of ${place} is not good: ${error.message}`, {
      hint: 'mailbox.imap.host must be a name in the certificate; a private authority goes into network.ca_file',
      exit: 3,
      cause: error,
    });
  }
  return new PosternError('imap-unreachable', `${place} cannot be reached: ${reasonOf(error)}`, {
    hint: 'check mailbox.imap.host and mailbox.imap.port in domains/_settings.yaml, and that this machine may connect there',
    exit: 3,
    cause: error,
  });
}

function isCertificateFault({ code }: ImapFlowError): boolean {
  return /^(?:ERR_TLS_CERT|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code ?? '');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name in the DNS',
  EAI_AGAIN: 'the DNS does not answer',
  ECONNREFUSED: 'nothing listens there',
  CONNECT_TIMEOUT: 'no answer in time',
  GREETING_TIMEOUT: 'it says nothing',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no route',
};

function reasonOf(error: ImapFlowError): string {
  return REASONS[error.code ?? ''] ?? error.message.split('\n')[0] ?? 'unknown error';
}
