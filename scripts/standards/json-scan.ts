/** One pass over JSON bytes before `JSON.parse` sees them: what would make parsing dangerous, and what it would hide. */

export interface JsonShape {
  /** Deepest nesting of objects and arrays. Counting stops one past the limit. */
  readonly depth: number;
  /** Objects, arrays and commas: an upper bound of the values. Counting stops one past the limit. */
  readonly values: number;
  /** Keys as written, repeated ones included: more than `JSON.parse` yields means that it dropped some. */
  readonly keys: number;
  /** Some number has a fraction, an exponent or 16 digits, or some key an escape: `JSON.parse` may show another. */
  readonly unusual: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Whole numbers of so many digits are exact in a double. */
const EXACT_DIGITS = 15;

/** Right for valid JSON; for anything else it only ends, and `JSON.parse` then refuses the text. */
export function scanJson(bytes: Uint8Array, maxDepth: number, maxValues: number): JsonShape {
  let level = 0;
  let depth = 0;
  let values = 0;
  let keys = 0;
  let unusual = false;
  let escaped = false;
  const end = bytes.length;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      escaped = false;
      at++;
      while (at < end && bytes[at] !== QUOTE) {
        if (bytes[at] === BACKSLASH) {
          escaped = true;
          at++;
        }
        at++;
      }
    } else if (byte === 0x3a) {
      keys++;
      if (escaped) unusual = true;
    } else if (byte === 0x2c) {
      if (++values > maxValues) break;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++level > depth) depth = level;
      if (depth > maxDepth || ++values > maxValues) break;
    } else if (byte === 0x7d || byte === 0x5d) {
      level--;
    } else if (isDigit(byte)) {
      const start = at;
      while (isDigit(bytes[at + 1])) at++;
      if (at - start >= EXACT_DIGITS) unusual = true;
    } else if (byte === 0x2e || byte === 0x45 || (byte === 0x65 && isDigit(bytes[at - 1]))) {
      // A point or an exponent; the `e` of true and false follows no digit.
      unusual = true;
    }
  }
  return { depth, values, keys, unusual };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
