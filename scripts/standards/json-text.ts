import { excerpt } from './excerpt.ts';
import { type CarefulJson, readCarefully } from './json-careful.ts';
import { scanJson } from './json-scan.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
  /** Objects, arrays and elements: what memory goes into. */
  readonly values: number;
}

export type JsonReading =
  | ({
      readonly ok: true;
      /** A byte order mark stood before the text (RFC 8259 §8.1 forbids it). */
      readonly bom: boolean;
      /** It was UTF-16 (RFC 8259 §8.1 wants UTF-8). */
      readonly utf16: boolean;
      /** Bytes that are not UTF-8 became U+FFFD. */
      readonly replaced: boolean;
    } & CarefulJson)
  | {
      readonly ok: false;
      readonly reason: 'not-json' | 'too-large' | 'too-deep' | 'too-many-values';
      readonly message: string;
    };

const NONE: ReadonlySet<string> = new Set();
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/**
 * JSON bytes from a stranger as a value. Bytes that are not UTF-8 are replaced, not refused: the counts and names of a
 * report are ASCII, so a reporter's Latin-1 in one free text must not cost the report; the caller is told.
 * What `JSON.parse` would lose arrives as readCarefully says.
 */
export function readJson(sent: Uint8Array, limits: JsonLimits): JsonReading {
  if (sent.length > limits.bytes) {
    return { ok: false, reason: 'too-large', message: `${sent.length} bytes; at most ${limits.bytes} are read.` };
  }
  const utf16 = utf16Of(sent);
  const bytes = utf8Of(sent);
  const shape = scanJson(bytes, limits.depth, limits.values);
  if (shape.depth > limits.depth) {
    return { ok: false, reason: 'too-deep', message: `Objects and arrays are nested more than ${limits.depth} deep.` };
  }
  if (shape.values > limits.values) {
    return { ok: false, reason: 'too-many-values', message: `More than ${limits.values} values.` };
  }
  const decoded = lenient.decode(bytes);
  const bom = decoded.startsWith('\ufeff');
  const text = bom ? decoded.slice(1) : decoded;
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: 'not-json', message: notJson(bytes, error) };
  }
  const replaced =
    decoded.includes('\ufffd') && !isSound(sent, utf16 === null ? strict : new TextDecoder(utf16, { fatal: true }));
  const form = { bom: bom || utf16 !== null, utf16: utf16 !== null, replaced };
  if (!shape.unusual && countKeys(value) === shape.keys) {
    return { ok: true, ...form, value, repeatedKeys: NONE, floatKeys: NONE };
  }
  return { ok: true, ...form, ...readCarefully(text) };
}

/** Depth is bounded by the scan. */
function countKeys(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += countKeys(element);
    return count;
  }
  const object = value as JsonObject;
  for (const key in object) count += 1 + countKeys(object[key] as JsonValue);
  return count;
}

/** By the byte order mark, or by where the zeros of the first two characters stand, which are ASCII (RFC 4627 §3). */
function utf16Of([first, second, third, fourth]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0 && third === 0 && second !== 0 && fourth !== 0) return 'utf-16be';
  return second === 0 && fourth === 0 && first !== 0 && third !== 0 ? 'utf-16le' : null;
}

/** JSON bytes as UTF-8, in which every JSON should be (RFC 8259 §8.1). */
export function utf8Of(sent: Uint8Array): Uint8Array {
  const utf16 = utf16Of(sent);
  return utf16 === null ? sent : utf8.encode(new TextDecoder(utf16).decode(sent));
}

function isSound(bytes: Uint8Array, decoder: TextDecoder): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function notJson(bytes: Uint8Array, error: unknown): string {
  const [first, second] = bytes;
  if (first === undefined) return 'There is no text at all.';
  if (first === 0x1f && second === 0x8b) return 'The text is still gzip: decompress it first.';
  if (first === 0x50 && second === 0x4b) return 'The text is still a zip archive: unpack it first.';
  if (first === 0x3c) return 'An HTML or XML page stands where JSON should.';
  return `The text is not JSON (RFC 8259): ${excerpt(error instanceof Error ? error.message : '')}.`;
}
