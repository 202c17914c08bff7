import { connect, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { PosternError } from '../../core/failure.ts';
import { addressRefusal, type DialFailure } from '../net/dial.ts';

/** `proxy`: the way to it broke, so nothing is known of the host behind. */
export interface SmtpDialFailure {
  readonly status: DialFailure['status'] | 'proxy';
  readonly detail: string;
}

export type SmtpDial = (address: string, port: number, timeoutMs: number) => Promise<Socket | SmtpDialFailure>;

interface Proxy {
  readonly kind: 'socks5' | 'http';
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
}

/** The reply of a CONNECT is short; what is longer is none. */
const HEAD_BYTES = 8192;

/**
 * Connections through `network.socks`: SOCKS5 (RFC 1928) or HTTP CONNECT (RFC 9110 §9.3.6), with a user where one is
 * named. The address behind is judged before the proxy hears of it. Throws `socks` (exit 2) for what is no such address.
 */
export function createProxyDial(
  url: string,
  password: string | null,
  options: { readonly allow_private: boolean },
): SmtpDial {
  const proxy = proxyOf(url, password);
  return async (address, port, timeoutMs) => {
    const refusal = addressRefusal(address, options.allow_private);
    if (refusal !== null) return refusal;
    return proxy.kind === 'socks5'
      ? bySocks(proxy, address, port, timeoutMs)
      : byConnect(proxy, address, port, timeoutMs);
  };
}

function proxyOf(url: string, password: string | null): Proxy {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const kind = parsed?.protocol === 'http:' ? 'http' : /^socks5h?:$/.test(parsed?.protocol ?? '') ? 'socks5' : null;
  if (parsed === null || kind === null) {
    throw new PosternError('socks', `network.socks is ${JSON.stringify(url)}`, {
      hint: 'write socks5://user@host:port or http://user@host:port; the password is POSTERN_SOCKS_PASSWORD',
      exit: 2,
    });
  }
  return {
    kind,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port === '' ? (kind === 'http' ? 80 : 1080) : parsed.port),
    user: parsed.username === '' ? null : decodeURIComponent(parsed.username),
    password,
  };
}

async function bySocks(
  { host, port: proxyPort, user, password }: Proxy,
  address: string,
  port: number,
  timeout: number,
): Promise<Socket | SmtpDialFailure> {
  try {
    const { socket } = await SocksClient.createConnection({
      proxy: {
        host,
        port: proxyPort,
        type: 5,
        ...(user === null ? {} : { userId: user, password: password ?? '' }),
      },
      command: 'connect',
      destination: { host: address, port },
      timeout,
    });
    return socket;
  } catch (error) {
    return failureOf(error instanceof Error ? error.message : String(error));
  }
}

/** RFC 1928 §6: what the proxy says of the host behind it, told from trouble with the proxy itself. */
function failureOf(message: string): SmtpDialFailure {
  const detail = `through the proxy: ${message}`;
  if (/ConnectionRefused/.test(message)) return { status: 'refused', detail };
  if (/HostUnreachable|NetworkUnreachable/.test(message)) return { status: 'unreachable', detail };
  if (/TTLExpired/.test(message)) return { status: 'timeout', detail };
  return { status: 'proxy', detail };
}

function byConnect(
  { host, port: proxyPort, user, password }: Proxy,
  address: string,
  port: number,
  timeoutMs: number,
): Promise<Socket | SmtpDialFailure> {
  const target = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const login = user === null ? '' : `Proxy-Authorization: Basic ${btoa(`${user}:${password ?? ''}`)}\r\n`;
  return new Promise((resolve) => {
    const socket = connect({ host, port: proxyPort });
    let head = '';
    const finish = (outcome: Socket | SmtpDialFailure): void => {
      clearTimeout(timer);
      socket.off('data', read);
      socket.off('error', failed);
      socket.off('close', closed);
      if ('status' in outcome) {
        socket.on('error', () => {});
        socket.destroy();
      } else socket.pause();
      resolve(outcome);
    };
    const broken = (detail: string): void => finish({ status: 'proxy', detail: `through the proxy: ${detail}` });
    const failed = (error: NodeJS.ErrnoException): void => broken(error.code ?? error.message);
    const closed = (): void => broken('it closed the connection');
    const timer = setTimeout(() => broken(`no answer in time`), timeoutMs);
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > HEAD_BYTES) broken('no HTTP answer');
        return;
      }
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
      if (status < 200 || status > 299) {
        finish(answerOf(status));
        return;
      }
      finish(socket);
      // The mail server may have greeted already: what it said goes back, now that nobody listens.
      if (head.length > end + 4) socket.unshift(Buffer.from(head.slice(end + 4), 'latin1'));
    };
    socket.once('error', failed);
    socket.once('close', closed);
    socket.on('data', read);
    socket.once('connect', () => socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${login}\r\n`));
  });
}

/** 502 and 504 are about the host behind (RFC 9110 §15.6.3, §15.6.5); anything else is the proxy's own refusal. */
function answerOf(status: number): SmtpDialFailure {
  const detail = `through the proxy: HTTP status ${status}`;
  if (status === 502 || status === 503) return { status: 'unreachable', detail };
  return status === 504 ? { status: 'timeout', detail } : { status: 'proxy', detail };
}
