import type { RuleId } from '../rules/rule-table.ts';

/** What is wrong with a text before it is anybody's configuration. */
export interface TextFault {
  readonly rule: RuleId;
  readonly message: string;
  readonly hint: string | null;
  /** 0-based, in UTF-16 units; null when it has no place. */
  readonly offset: number | null;
}

/** `text` is all of the file, or what stands before the fault. */
export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly fault: TextFault };

/** Controls but tab and line ends, a byte order mark inside, and what reorders text on a reviewer's screen (UTS #55). */
const UNSEEN = /[^\P{Cc}\t\n\r]|[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

const SAVE_AS = 'Save the file as UTF-8 without a byte order mark.';

/** Plain UTF-8 or a fault: YAML allows UTF-16 and a BOM (YAML 1.2.2 §5.2), the tools around git do not agree on them. */
export function decode(bytes: Uint8Array): Decoded {
  const [first, second, third] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return wrongEncoding('The file is UTF-16, not UTF-8.', '');
  }
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    return wrongEncoding('The file begins with a byte order mark.', '');
  }
  const text = utf8(bytes);
  if (text === null) {
    return wrongEncoding('The file is not UTF-8: the byte here belongs to no character.', validPrefix(bytes));
  }
  const unseen = UNSEEN.exec(text);
  if (unseen === null) return { ok: true, text };
  const code = (unseen[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message = `The file holds the character U+${code}, which does not show.`;
  const fault = { rule: 'file-control-character', message, hint: 'Remove it.', offset: unseen.index } as const;
  return { ok: false, text, fault };
}

function wrongEncoding(message: string, text: string): Decoded {
  return { ok: false, text, fault: { rule: 'file-encoding', message, hint: SAVE_AS, offset: text.length } };
}

/** Null when it is not UTF-8. With `cut`, a character cut off at the end is not held against it. */
function utf8(bytes: Uint8Array, cut = false): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

/** The text before the first byte that is not UTF-8. */
function validPrefix(bytes: Uint8Array): string {
  let [good, bad] = [0, bytes.length];
  let text = '';
  while (good < bad) {
    const middle = good + Math.ceil((bad - good) / 2);
    const tried = utf8(bytes.subarray(0, middle), true);
    if (tried === null) bad = middle - 1;
    else [good, text] = [middle, tried];
  }
  return text;
}
