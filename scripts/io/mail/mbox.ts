import { readSync } from 'node:fs';
import { MESSAGE_BYTES } from './limits.ts';

const CHUNK = 2 ** 20;
const SEPARATOR = Buffer.from('\nFrom ');
const EMPTY_LINE = Buffer.from('\r\n\r\n');
/** Longer lines separate nothing. */
const SEPARATOR_BYTES = 4096;
/** The end of an mbox separator line: a time of day, `Sat Nov 21 06:00:00 2026`. */
const DATED = /^From [^\n]*\d{1,2}:\d{2}/;

/** One message of an mbox file, unescaped; one that is too large is only told by where it stands. */
export interface MboxMessage {
  readonly bytes: Buffer | null;
  /** Where it stands in the file, with its separator line. */
  readonly start: number;
  readonly length: number;
}

/**
 * The messages of an mbox file, one after the other, in bounded memory. A message begins at a `From ` line at the start,
 * after an empty line, or that carries a time; `>From ` lines lose one `>` (mboxrd; mboxo's single level is the same).
 */
export function* readMbox(fd: number): Generator<MboxMessage> {
  let held = Buffer.alloc(0);
  let heldAt = 0;
  /** Where the message began whose bytes are no longer held, or -1. */
  let oversizeFrom = -1;
  for (let at = 0, searched = 1; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const read = readSync(fd, chunk, 0, CHUNK, at);
    held = Buffer.concat([held, chunk.subarray(0, read)]);
    at += read;
    const last = read === 0;
    for (let next = nextSeparator(held, searched, last); next >= 0; next = nextSeparator(held, searched, last)) {
      yield messageOf(held.subarray(0, next), heldAt, oversizeFrom);
      oversizeFrom = -1;
      held = held.subarray(next);
      heldAt += next;
      searched = 1;
    }
    if (last) break;
    // What is held ends within a line, perhaps within a separator: look at its last line again with the next chunk.
    searched = Math.max(1, held.lastIndexOf(0x0a) - 1);
    if (held.length > MESSAGE_BYTES + CHUNK) {
      if (oversizeFrom < 0) oversizeFrom = heldAt;
      const kept = Math.max(searched - 1, held.length - SEPARATOR_BYTES);
      held = held.subarray(kept);
      heldAt += kept;
      searched = 1;
    }
  }
  if (held.length > 0) yield messageOf(held, heldAt, oversizeFrom);
}

/** Where the next message begins, or -1. `last`: nothing follows what is held. */
function nextSeparator(held: Buffer, from: number, last: boolean): number {
  for (let at = held.indexOf(SEPARATOR, Math.max(0, from - 1)); at >= 0; at = held.indexOf(SEPARATOR, at + 1)) {
    const start = at + 1;
    const before = held[at - 1] === 0x0d ? at - 2 : at - 1;
    if (before < 0 || held[before] === 0x0a) return start;
    const end = held.indexOf(0x0a, start);
    if (end < 0 && !last) continue;
    if (DATED.test(held.toString('latin1', start, Math.min(end < 0 ? held.length : end, start + 200)))) return start;
  }
  return -1;
}

/** Without the separator line and the empty line that ends a message in an mbox file. */
function messageOf(held: Buffer, heldAt: number, oversizeFrom: number): MboxMessage {
  if (oversizeFrom >= 0) return { bytes: null, start: oversizeFrom, length: heldAt + held.length - oversizeFrom };
  const place = { start: heldAt, length: held.length };
  const empty = held.at(-1) !== 0x0a ? 0 : held.at(-2) === 0x0a ? 1 : held.subarray(-4).equals(EMPTY_LINE) ? 2 : 0;
  const bytes = held.subarray(held.indexOf(0x0a) + 1, held.length - empty);
  if (!bytes.includes('\n>From ') && !bytes.includes('\n>>')) return { bytes, ...place };
  return { bytes: Buffer.from(bytes.toString('latin1').replace(/^>(>*From )/gm, '$1'), 'latin1'), ...place };
}
