/** One file of a text, as uuencode(1) of POSIX writes it: before MIME, attachments were sent in the text. */
export interface UuencodedFile {
  /** As hostile as any other file name. */
  readonly name: string;
  readonly bytes: Buffer;
}

const BEGIN = Buffer.from('begin ');
const FIRST_LINE = /^begin [0-7]{3,4} (\S.{0,254})$/;
/** A text has one or two. */
const FILES = 20;
/** A space or a backquote stands for nothing, and a line holds 45 bytes at most. */
const LINE_BYTES = 45;

/** The files of a text, in order; a block that is not of that form is none. */
export function uuencodedFiles(text: Buffer): readonly UuencodedFile[] {
  const files: UuencodedFile[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0 && files.length < FILES; at = text.indexOf(BEGIN, at)) {
    const first = lineAt(text, at);
    const name = at === 0 || text[at - 1] === 0x0a ? FIRST_LINE.exec(first.line)?.[1] : undefined;
    at = first.next;
    if (name === undefined) continue;
    const block = decodeBlock(text, at);
    if (block === null) continue;
    files.push({ name: name.trimEnd(), bytes: block.bytes });
    at = block.next;
  }
  return files;
}

/** Up to `end`, or as far as the text goes. */
function decodeBlock(text: Buffer, from: number): { readonly bytes: Buffer; readonly next: number } | null {
  const lines: Buffer[] = [];
  for (let at = from; at < text.length; ) {
    const { line, next } = lineAt(text, at);
    at = next;
    if (line === 'end') return { bytes: Buffer.concat(lines), next: at };
    const decoded = decodeLine(line);
    if (decoded === null) return null;
    lines.push(decoded);
  }
  return lines.length === 0 ? null : { bytes: Buffer.concat(lines), next: text.length };
}

/** Four characters hold three bytes; spaces at the end may have been lost on the way. */
function decodeLine(line: string): Buffer | null {
  const length = line === '' ? 0 : sixBits(line, 0);
  const characters = 1 + Math.ceil(length / 3) * 4;
  // Some write a character more, as a sum.
  if (length > LINE_BYTES || line.length > characters + 1 || /[^ -`]/.test(line)) return null;
  const bytes = Buffer.alloc(Math.ceil(length / 3) * 3);
  for (let at = 1, to = 0; at < characters; at += 4, to += 3) {
    const [a, b, c, d] = [sixBits(line, at), sixBits(line, at + 1), sixBits(line, at + 2), sixBits(line, at + 3)];
    bytes[to] = (a << 2) | (b >> 4);
    bytes[to + 1] = (b << 4) | (c >> 2);
    bytes[to + 2] = (c << 6) | d;
  }
  return bytes.subarray(0, length);
}

function sixBits(line: string, at: number): number {
  return at < line.length ? (line.charCodeAt(at) - 0x20) & 63 : 0;
}

function lineAt(text: Buffer, from: number): { readonly line: string; readonly next: number } {
  const found = text.indexOf(0x0a, from);
  const end = found < 0 ? text.length : found;
  // No line of a block is longer; of another one, its beginning is enough.
  const line = text.toString('latin1', from, Math.min(end, from + 300));
  return { line: line.endsWith('\r') ? line.slice(0, -1) : line, next: found < 0 ? text.length : found + 1 };
}
