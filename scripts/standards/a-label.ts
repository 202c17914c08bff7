/** IDNA: U-labels to A-labels and back (RFC 5890 §2.3.2.1). The mapping is that of the WHATWG `URL`, which is UTS #46. */

/** `URL` treats these as syntax or refuses them; they are kept away from it. Underscores pass through it untouched. */
const URL_SAFE = /^(?:[a-z0-9._-]|[^\p{ASCII}])+$/iu;
/** No name of 253 characters comes from more; keeps hostile text short. */
const MAX_LENGTH = 1000;

/** The name with every label as A-label or LDH label, lower case; null when there is no such form. */
export function toALabels(name: string): string | null {
  if (name.length > MAX_LENGTH || !URL_SAFE.test(name)) return null;
  return URL.parse(`http://${name}`)?.hostname ?? null;
}

/** The name with its A-labels as U-labels; null when one of them is not the A-label of anything (RFC 5891 §5.4). */
export function toULabels(name: string): string | null {
  const labels: string[] = [];
  for (const label of name.split('.')) {
    const decoded = label.startsWith('xn--') ? decodePunycode(label.slice(4)) : label;
    if (decoded === null || (decoded !== label && toALabels(decoded) !== label)) return null;
    labels.push(decoded);
  }
  return labels.join('.');
}

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;

/** RFC 3492 §6.2. Null when the text is not the Punycode of a label with at least one non-ASCII character. */
function decodePunycode(text: string): string | null {
  const basicEnd = Math.max(text.lastIndexOf('-'), 0);
  const output = Array.from(text.slice(0, basicEnd), (char) => char.charCodeAt(0));
  let codePoint = 128;
  let insertAt = 0;
  let bias = 72;
  let at = basicEnd > 0 ? basicEnd + 1 : 0;
  if (at >= text.length) return null;
  while (at < text.length) {
    const before = insertAt;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(text.charCodeAt(at++));
      if (digit === null) return null;
      insertAt += digit * weight;
      if (insertAt > 0x7fffffff) return null;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapt(insertAt - before, length, before === 0);
    codePoint += Math.floor(insertAt / length);
    insertAt %= length;
    if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return null;
    output.splice(insertAt++, 0, codePoint);
  }
  return String.fromCodePoint(...output);
}

/** RFC 3492 §6.1. */
function adapt(delta: number, length: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? 700 : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + 38));
}

/** RFC 3492 §5: a–z are 0–25, 0–9 are 26–35. `NaN` (past the end) is no digit. */
function digitOf(code: number): number | null {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  return null;
}
