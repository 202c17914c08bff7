/**
 * Text from mail, DNS or a file name, made safe to print: on a terminal an escape sequence could recolour, overwrite or
 * hide what stands before it, and a bidirectional override could show a name backwards.
 *
 * Control characters become their picture (`␛`), line ends and tabs a space, invisible and bidirectional characters
 * `<U+202E>`, lone surrogates `�`. The result is one line of at most `max` UTF-16 units, ending in `…` when cut.
 */
export function plainText(text: string, max: number): string {
  if (text.length <= max && PRINTABLE.test(text)) return text;
  // Every unit of the text gives at least one unit of the result, so what lies further out cannot be needed.
  const bounded = text.slice(0, max + 2).toWellFormed();
  const pieces: string[] = [];
  let length = 0;
  for (const character of bounded) {
    const piece = visible(character);
    pieces.push(piece);
    length += piece.length;
    if (length > max) return cut(pieces, max);
  }
  return pieces.join('');
}

/** Whole pieces only: half of `<U+202E>` would say nothing. */
function cut(pieces: readonly string[], max: number): string {
  let kept = '';
  for (const piece of pieces) {
    if (kept.length + piece.length > max - 1) break;
    kept += piece;
  }
  return max > 0 ? `${kept}…` : '';
}

function visible(character: string): string {
  if (character === '\n' || character === '\r' || character === '\t') return ' ';
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return INVISIBLE.test(character) ? `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>` : character;
}

const PRINTABLE = /^[\x20-\x7e]*$/;
/**
 * C1 controls, format characters (bidirectional marks, zero-width joiners, soft hyphen, tags), line and paragraph
 * separators, private use and unassigned code points, variation selectors, and the fillers that print as nothing.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Variation_Selector}\u115F\u1160\u3164\uFFA0\u2800]/u;
