import { randomBytes } from 'node:crypto';
import { type Answer, AUTHENTIC_DATA, CHECKING_DISABLED, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { ExtendedError, RecordType } from '../../core/probe/dns-lookup.ts';

/** One DNS message each way (RFC 1035 §4, RFC 6891): made and checked here, carried by udp.ts, tcp.ts and doh.ts. */

export interface Query {
  /** In lower case, without the root dot. */
  readonly name: string;
  readonly type: RecordType;
  /** RD: a recursive resolver is asked; a server that holds the zone is asked without. */
  readonly recursive: boolean;
  /** CD: give the answer although it does not validate (RFC 4035 §3.2.2). */
  readonly unchecked: boolean;
  /** EDNS with DO. Without only for servers that refuse it. */
  readonly edns: boolean;
}

export interface SentQuery extends Query {
  readonly id: number;
  /** The name in random case, which comes back as it was sent (draft-vixie-dnsext-dns0x20). */
  readonly spelled: string;
  readonly bytes: Uint8Array;
}

export interface Message {
  /** RFC 1035 §4.1.1 and RFC 6891 §6.1.3. */
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly authentic: boolean;
  readonly truncated: boolean;
  /** The name of the question did not come back in the case it was sent in. */
  readonly case_lost: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly errors: readonly ExtendedError[];
}

/** No message over UDP is asked to be larger: it passes every link unfragmented. */
const UDP_PAYLOAD = 1232;
const MAX_ERRORS = 8;
const ERROR_TEXT_BYTES = 200;
const OPTION_EDE = 15;

/** Can the name be asked at all (RFC 1035 §2.3.4)? Labels of 1 to 63 bytes, 253 in all. */
export function isAskable(name: string): boolean {
  if (name === '.') return true;
  if (Buffer.byteLength(name) > 253) return false;
  return name.split('.').every((label) => label.length > 0 && Buffer.byteLength(label) <= 63);
}

/** With an id by chance; over TLS the id is 0, so that answers can be cached (RFC 8484 §4.1). */
export function encodeQuery(query: Query, path: 'datagram' | 'stream' | 'https'): SentQuery {
  const id = path === 'https' ? 0 : randomBytes(2).readUInt16BE();
  const spelled = path === 'datagram' ? randomCase(query.name) : query.name;
  const flags = AUTHENTIC_DATA | (query.recursive ? RECURSION_DESIRED : 0) | (query.unchecked ? CHECKING_DISABLED : 0);
  const opt = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: UDP_PAYLOAD,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0x8000,
    flag_do: true,
    options: [],
  };
  const bytes = encode({
    type: 'query',
    id,
    flags,
    questions: [{ name: spelled, type: query.type, class: 'IN' }],
    additionals: query.edns ? [opt] : [],
  });
  return { ...query, id, spelled, bytes };
}

/**
 * The reply to a query; null when the bytes are no reply to it (another id, another question: a stranger's or a late
 * one) and `malformed` when they are and cannot be read.
 */
export function decodeReply(bytes: Uint8Array, sent: SentQuery): Message | 'malformed' | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 12 || buffer.readUInt16BE(0) !== sent.id) return null;
  const flags = buffer.readUInt16BE(2);
  const isReply = (flags & 0x8000) !== 0 && (flags & 0x7800) === 0;
  if (!isReply) return null;
  const truncated = (flags & 0x0200) !== 0;
  const rcode = flags & 0x000f;
  // A server that could not read the query may leave the question out.
  if (buffer.readUInt16BE(4) === 0 && rcode !== 0) return bare(rcode, truncated);
  const question = readQuestion(buffer);
  if (question === null || !isSame(question, sent)) return null;
  const case_lost = question.name !== sent.spelled;
  // What a truncated reply holds is not used, and may end in the middle of a record.
  if (truncated) return { ...bare(rcode, true), case_lost };
  try {
    const packet = decode(buffer);
    const opt = packet.additionals?.find((record) => record.type === 'OPT');
    return {
      rcode: rcode | ((opt?.type === 'OPT' ? opt.extendedRcode : 0) << 4),
      authoritative: (flags & 0x0400) !== 0,
      authentic: (flags & 0x0020) !== 0,
      truncated,
      case_lost,
      answers: packet.answers ?? [],
      authorities: packet.authorities ?? [],
      errors: opt?.type === 'OPT' ? extendedErrors(opt.options as readonly { code: number; data?: Buffer }[]) : [],
    };
  } catch {
    return 'malformed';
  }
}

function bare(rcode: number, truncated: boolean): Message {
  return {
    rcode,
    truncated,
    authoritative: false,
    authentic: false,
    case_lost: false,
    answers: [],
    authorities: [],
    errors: [],
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** The first question, read by hand: a decoder that stumbles later in the message must not hide whose reply it is. */
function readQuestion(buffer: Buffer): Question | null {
  if (buffer.readUInt16BE(4) !== 1) return null;
  const labels: string[] = [];
  let at = 12;
  for (let length = buffer[at] ?? 0; length > 0; length = buffer[at] ?? 0) {
    if (length > 63 || at + 1 + length > buffer.length) return null;
    labels.push(buffer.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > buffer.length) return null;
  const name = labels.length === 0 ? '.' : labels.join('.');
  return { name, type: buffer.readUInt16BE(at + 1), class: buffer.readUInt16BE(at + 3) };
}

function isSame(question: Question, sent: SentQuery): boolean {
  const type = Buffer.from(sent.bytes).readUInt16BE(questionEnd(sent.bytes));
  return question.class === 1 && question.type === type && question.name.toLowerCase() === sent.name.toLowerCase();
}

function questionEnd(bytes: Uint8Array): number {
  let at = 12;
  while ((bytes[at] ?? 0) > 0) at += 1 + (bytes[at] ?? 0);
  return at + 1;
}

function extendedErrors(options: readonly { readonly code: number; readonly data?: Buffer }[]): ExtendedError[] {
  return options
    .filter(({ code, data }) => code === OPTION_EDE && data !== undefined && data.length >= 2)
    .slice(0, MAX_ERRORS)
    .map(({ data = Buffer.alloc(2) }) => ({
      code: data.readUInt16BE(0),
      text: data.toString('utf8', 2, 2 + ERROR_TEXT_BYTES).replace(/\0+$/, ''),
    }));
}

function randomCase(name: string): string {
  const bits = randomBytes(name.length);
  return Array.from(name, (letter, i) => ((bits[i] ?? 0) & 1 ? letter.toUpperCase() : letter)).join('');
}
