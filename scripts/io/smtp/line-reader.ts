import type { Duplex } from 'node:stream';
import type { SmtpReason } from '../../core/probe/smtp-look.ts';
import { parseReplyLine } from '../../standards/smtp-reply.ts';

/** A whole reply: its code, and its lines without code and line end. Hostile text. */
export interface SmtpReply {
  readonly code: number;
  readonly lines: readonly string[];
}

export interface ReplyFailure {
  readonly reason: Extract<SmtpReason, 'timeout' | 'closed' | 'reset' | 'not-smtp' | 'too-long'>;
  readonly detail: string;
}

/** RFC 5321 §4.5.3.1.5 allows 512 octets a line; real greetings are longer now and then. */
const LINE_BYTES = 4096;
const REPLY_LINES = 100;
const REPLY_BYTES = 65_536;
const LF = 0x0a;
const CLOSED: ReplyFailure = { reason: 'closed', detail: 'the server closed the connection' };

/** Reads replies from a connection, each within a time, in bounded lines. One at a time; `release` hands the rest back. */
export class LineReader {
  readonly #connection: Duplex;
  #held: Buffer = Buffer.alloc(0);
  #ended: ReplyFailure | null = null;
  #wake: () => void = () => {};

  constructor(connection: Duplex) {
    this.#connection = connection;
    connection.on('data', this.#data);
    connection.on('end', this.#end);
    connection.on('close', this.#end);
    connection.on('error', this.#error);
    // A connection that came through a proxy was stopped while nobody listened.
    connection.resume();
  }

  /** `timeoutMs` is for the whole reply, so that a byte now and then does not prolong it. */
  async reply(timeoutMs: number): Promise<SmtpReply | ReplyFailure> {
    const deadline = performance.now() + timeoutMs;
    const lines: string[] = [];
    let bytes = 0;
    for (;;) {
      const line = await this.#line(deadline);
      if (typeof line !== 'string') return line;
      const parsed = parseReplyLine(line);
      if (parsed === null) return { reason: 'not-smtp', detail: `${JSON.stringify(line.slice(0, 60))} is no reply` };
      bytes += line.length;
      lines.push(parsed.text);
      if (parsed.last) return { code: parsed.code, lines };
      if (lines.length >= REPLY_LINES || bytes > REPLY_BYTES)
        return { reason: 'too-long', detail: `a reply of more than ${lines.length} lines` };
    }
  }

  /** Stops reading and returns what came beyond the last reply. */
  release(): Buffer {
    this.#connection.off('data', this.#data);
    this.#connection.off('end', this.#end);
    this.#connection.off('close', this.#end);
    this.#connection.off('error', this.#error);
    this.#connection.pause();
    return this.#held;
  }

  async #line(deadline: number): Promise<string | ReplyFailure> {
    for (;;) {
      const end = this.#held.indexOf(LF);
      if (end > LINE_BYTES || (end < 0 && this.#held.length > LINE_BYTES))
        return { reason: 'too-long', detail: `a line of more than ${LINE_BYTES} bytes` };
      if (end >= 0) {
        const line = this.#held.subarray(0, end).toString('latin1').replace(/\r$/, '');
        this.#held = this.#held.subarray(end + 1);
        return line;
      }
      // Bytes that cannot begin a reply need no line end to be none.
      if (this.#held.length > 0 && !/^[2-5]/.test(this.#held.toString('latin1', 0, 1)))
        return { reason: 'not-smtp', detail: `bytes ${this.#held.subarray(0, 8).toString('hex')} are no reply` };
      if (this.#ended !== null) return this.#ended;
      const left = deadline - performance.now();
      if (left <= 0) return { reason: 'timeout', detail: 'no complete reply in time' };
      await this.#more(left);
    }
  }

  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  readonly #data = (chunk: Buffer): void => {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    // A server that floods is not listened to for longer than it takes to see that.
    if (this.#held.length > REPLY_BYTES) this.#connection.pause();
    this.#wake();
  };

  readonly #end = (): void => {
    this.#ended ??= CLOSED;
    this.#wake();
  };

  readonly #error = (error: NodeJS.ErrnoException): void => {
    // Whether an end or a reset is seen first is chance: our own bytes may be what meets it.
    this.#ended ??= ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(error.code ?? '')
      ? CLOSED
      : { reason: 'reset', detail: error.code ?? error.message };
    this.#wake();
  };
}
