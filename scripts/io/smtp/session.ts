import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { SmtpLook, SmtpPhase, SmtpReason, SmtpStop } from '../../core/probe/smtp-look.ts';
import { offers } from '../../standards/smtp-reply.ts';
import type { Trust } from '../net/trust.ts';
import { handshake } from './handshake.ts';
import { LineReader, type ReplyFailure, type SmtpReply } from './line-reader.ts';
import { describeChain } from './sent-chain.ts';

export interface SessionOptions {
  /** Who we say we are. */
  readonly ehlo: string;
  /** SNI; null sends none. */
  readonly servername: string | null;
  readonly context: SecureContext;
  readonly trust: Trust;
  /** For the whole session. `performance.now()` milliseconds. */
  readonly deadline: number;
  /** Called at each step forward. */
  readonly onProgress?: (phase: SmtpPhase) => void;
  /** Waited for before the handshake, the dear part: handshakes in progress may be few while many connections wait. */
  readonly beforeHandshake?: () => Promise<void>;
}

/** Milliseconds. RFC 5321 §4.5.3.2 would wait minutes; a probe has less time than a message. */
const PATIENCE: Readonly<Record<Exclude<SmtpPhase, 'connect'>, number>> = {
  greeting: 40_000,
  ehlo: 20_000,
  starttls: 20_000,
  handshake: 20_000,
  'after-tls': 10_000,
};

/** How long a server may take to close its end after QUIT. */
const FAREWELL_MS = 500;

/**
 * Greeting, EHLO, STARTTLS, handshake, EHLO again, QUIT (RFC 5321 §3, RFC 3207 §4) over a connection that stands and ends
 * with it. Never MAIL. Whatever the server does is a value.
 */
export async function lookOverSmtp(socket: Socket, options: SessionOptions): Promise<SmtpLook> {
  socket.setNoDelay(true);
  const reader = new LineReader(socket);
  try {
    const stop = await reachStartTls(socket, reader, options);
    if (stop !== null) return { stop, tls: null };
    // What came with the reply, or right after it, came in clear text: the TLS client speaks first.
    await new Promise((resolve) => setImmediate(resolve));
    const early = reader.release();
    if (early.length > 0)
      return stopped('starttls', 'injected', `${early.length} bytes in clear text after the reply to STARTTLS`);
    return await lookInside(socket, options);
  } finally {
    await farewell(socket);
  }
}

/** Ends when the connection is closed, so that the next one to the same address is not a second one. */
function farewell(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
    socket.end();
  });
}

async function reachStartTls(socket: Socket, reader: LineReader, options: SessionOptions): Promise<SmtpStop | null> {
  const ask = async (phase: 'greeting' | 'ehlo' | 'starttls', command: string | null) => {
    if (command !== null) socket.write(`${command}\r\n`);
    const reply = await reader.reply(patience(phase, options.deadline));
    options.onProgress?.(phase);
    return reply;
  };
  const greeting = await ask('greeting', null);
  if ('reason' in greeting) return stopOf('greeting', greeting);
  if (greeting.code !== 220) return bow(socket, refusal('greeting', greeting));
  const extensions = await ask('ehlo', `EHLO ${options.ehlo}`);
  if ('reason' in extensions) return stopOf('ehlo', extensions);
  if (extensions.code >= 500) return bow(socket, { ...refusal('ehlo', extensions), reason: 'no-ehlo' });
  if (extensions.code !== 250) return bow(socket, refusal('ehlo', extensions));
  if (!offers(extensions.lines, 'STARTTLS'))
    return bow(socket, { phase: 'starttls', reason: 'not-offered', detail: 'EHLO does not list STARTTLS' });
  const ready = await ask('starttls', 'STARTTLS');
  if ('reason' in ready) return stopOf('starttls', ready);
  return ready.code === 220 ? null : bow(socket, refusal('starttls', ready));
}

async function lookInside(socket: Socket, options: SessionOptions): Promise<SmtpLook> {
  await options.beforeHandshake?.();
  const outcome = await handshake(socket, options, patience('handshake', options.deadline));
  options.onProgress?.('handshake');
  if ('reason' in outcome) return { stop: { phase: 'handshake', ...outcome }, tls: null };
  const { secured, facts, sent } = outcome;
  const tls = { ...facts, chain: describeChain(sent, options.trust) };
  const stop = await speakInside(secured, options);
  secured.on('error', () => {});
  secured.end();
  return { stop, tls };
}

/** With TLS 1.3 a server refuses a missing client certificate only after the handshake, so one word more is needed. */
async function speakInside(secured: TLSSocket, options: SessionOptions): Promise<SmtpStop | null> {
  const reader = new LineReader(secured);
  secured.write(`EHLO ${options.ehlo}\r\n`);
  const reply = await reader.reply(patience('after-tls', options.deadline));
  options.onProgress?.('after-tls');
  if (!('reason' in reply)) {
    secured.write('QUIT\r\n');
    return reply.code < 500 ? null : refusal('after-tls', reply);
  }
  const isAboutClient = /CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE/.test(reply.detail);
  return { phase: 'after-tls', reason: isAboutClient ? 'client-certificate' : reply.reason, detail: reply.detail };
}

/** QUIT, and the stop as it is: the server is not kept waiting for us. */
function bow(socket: Socket, stop: SmtpStop): SmtpStop {
  socket.write('QUIT\r\n');
  return stop;
}

function refusal(phase: SmtpPhase, { code, lines }: SmtpReply): SmtpStop {
  const reason: SmtpReason = code < 400 ? 'not-smtp' : code < 500 ? 'temporary' : 'refused';
  return { phase, reason, detail: `${code} ${(lines[0] ?? '').slice(0, 200)}`.trim() };
}

function stopOf(phase: SmtpPhase, { reason, detail }: ReplyFailure): SmtpStop {
  return { phase, reason, detail };
}

function stopped(phase: SmtpPhase, reason: SmtpReason, detail: string): SmtpLook {
  return { stop: { phase, reason, detail }, tls: null };
}

function patience(phase: Exclude<SmtpPhase, 'connect'>, deadline: number): number {
  return Math.max(0, Math.min(PATIENCE[phase], deadline - performance.now()));
}
