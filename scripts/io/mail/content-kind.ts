/** What a file, an attachment or a zip entry is. Its content decides; names and declared types are only hearsay. */
export type ContentKind = 'gzip' | 'zip' | 'json' | 'mail' | 'mbox' | 'dmarc' | 'empty' | 'unknown';

/** Enough of the beginning to decide. */
const HEAD_BYTES = 64 * 1024;

const FIELD = /^[!-9;-~]+[ \t]*:/;
/** Fields that make a header a mail's: any text file may begin with `key: value`. */
const MAIL_FIELD =
  /^(?:received|return-path|delivered-to|from|to|subject|date|message-id|mime-version|content-type|dkim-signature|authentication-results|arc-[a-z-]+|x-[a-z-]+|tls-report-[a-z-]+)[ \t]*:/i;

export function contentKind(bytes: Uint8Array): ContentKind {
  const [first, second, third, fourth] = bytes;
  if (first === undefined) return 'empty';
  if (first === 0x1f && second === 0x8b) return 'gzip';
  if (first === 0x50 && second === 0x4b && ((third === 3 && fourth === 4) || (third === 5 && fourth === 6)))
    return 'zip';
  const start = afterBlanks(bytes);
  if (isOpening(bytes[start]) || beginsUtf16Json(bytes)) return 'json';
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  if (isMailHeader(head.toString('latin1'))) return 'mail';
  if (first === 0x46 && head.toString('latin1', 0, 5) === 'From ' && beginsMbox(head)) return 'mbox';
  if (
    bytes[start] === 0x3c &&
    /^<(?:\?xml[^>]*>\s*(?:<!--.*?-->\s*)?<)?feedback\b/s.test(head.toString('latin1', start, start + 4096))
  ) {
    return 'dmarc';
  }
  return start === bytes.length ? 'empty' : 'unknown';
}

/** An object or a list. */
function isOpening(byte: number | undefined): boolean {
  return byte === 0x7b || byte === 0x5b;
}

/** With a byte order mark or without (RFC 4627 §3). */
function beginsUtf16Json(bytes: Uint8Array): boolean {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const [first, second] = marked ? [bytes[2], bytes[3]] : [bytes[0], bytes[1]];
  return (first === 0 && isOpening(second)) || (second === 0 && isOpening(first));
}

/** The place after a byte order mark and white space. */
function afterBlanks(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return at;
}

/** `From sender date`, then a mail. */
function beginsMbox(head: Buffer): boolean {
  const end = head.indexOf(0x0a);
  return end > 0 && isMailHeader(head.toString('latin1', end + 1));
}

/** Fields and folded lines up to the empty line, at least one of them a field that mail has (RFC 5322 §2.2). */
function isMailHeader(text: string): boolean {
  if (!FIELD.test(text)) return false;
  let known = false;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const first = text.charCodeAt(start);
    const empty = end === start || (end === start + 1 && first === 0x0d);
    if (empty) return known;
    const folded = first === 0x20 || first === 0x09;
    if (!folded) {
      const line = text.slice(start, Math.min(end, start + 1000));
      if (!FIELD.test(line)) return known && found < 0;
      known ||= MAIL_FIELD.test(line);
    }
    start = end + 1;
  }
  return known;
}
