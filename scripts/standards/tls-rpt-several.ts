/**
 * RFC 8460 §4.4 and §5.2: a report is one JSON object, in a body of its own. Some software writes what it collected as a list,
 * or as one object behind the other (JSON lines, RFC 7464 text sequences).
 */
export interface SeveralReports {
  readonly form: 'list' | 'lines';
  /** The bytes of each, in order; the last may be cut off. */
  readonly reports: readonly Uint8Array[];
  /** There are more than SEVERAL_REPORTS: these are the first. */
  readonly more: boolean;
}

/** A mail or file of so many reports is none of a reporter. */
export const SEVERAL_REPORTS = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [COMMA, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d, 0x7b, 0x7d];
/** RFC 8259 §2 white space, and the record separator of RFC 7464 §2.2. */
const BETWEEN = new Set([0x20, 0x09, 0x0a, 0x0d, 0x1e]);

/** The parts of a UTF-8 text that holds more than one value; null when it is one value, or something else stands between them. */
export function severalReports(json: Uint8Array): SeveralReports | null {
  const start = afterMark(json);
  const list = json[firstOf(json, start)] === OPEN_LIST;
  const reports: Uint8Array[] = [];
  let at = list ? firstOf(json, start) + 1 : start;
  for (let next = firstOf(json, at); next < json.length; next = firstOf(json, at)) {
    const byte = json[next];
    if (list && byte === CLOSE_LIST) break;
    if (list && byte === COMMA) {
      at = next + 1;
      continue;
    }
    if (!list && byte !== OPEN) return null;
    if (reports.length === SEVERAL_REPORTS) return { form: list ? 'list' : 'lines', reports, more: true };
    at = endOf(json, next);
    reports.push(json.subarray(next, at));
  }
  return reports.length < 2 ? null : { form: list ? 'list' : 'lines', reports, more: false };
}

function afterMark(json: Uint8Array): number {
  return json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf ? 3 : 0;
}

function firstOf(json: Uint8Array, from: number): number {
  let at = from;
  while (BETWEEN.has(json[at] ?? -1)) at += 1;
  return at;
}

/** Behind the value that begins here: an object or a list up to its bracket, anything else up to a comma or a bracket. */
function endOf(json: Uint8Array, from: number): number {
  let level = 0;
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) {
      at += 1;
      for (; at < json.length && json[at] !== QUOTE; at += 1) if (json[at] === BACKSLASH) at += 1;
    } else if (byte === OPEN || byte === OPEN_LIST) level += 1;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      level -= 1;
      if (level === 0) return at + 1;
      if (level < 0) return at;
    } else if (level === 0 && byte === COMMA) return at;
  }
  return json.length;
}
