import { MailParser, type MailParserOptions } from 'mailparser';
import { HEADER_BYTES, HEADER_LINES, PARTS, type ReadFault } from './limits.ts';

export interface MailPart {
  /** Declared media type, lower case, without parameters. */
  readonly type: string;
  /** Decoded (RFC 2047, RFC 2231), as hostile as everything else: for display and for what it says, never a path. */
  readonly fileName: string | null;
  readonly content: Buffer;
}

export interface Mail {
  /** The bytes that were signed. */
  readonly raw: Buffer;
  /** The first header field of this lower-case name, unfolded, or null. */
  readonly header: (name: string) => string | null;
  /** The parts without subparts, in order; a mail within the mail is one of them, unopened. */
  readonly parts: readonly MailPart[];
}

export type MailReading = { readonly ok: true; readonly mail: Mail } | ({ readonly ok: false } & ReadFault);

type HeaderLines = readonly { readonly key: string; readonly line: string }[];

/** What mailparser hands on to its splitter: a mail within the mail stays one part, with the bytes it was signed with. */
interface SplitterOptions {
  readonly ignoreEmbedded: boolean;
  readonly maxChildNodes: number;
  readonly maxHeadSize: number;
}

const PARSER_OPTIONS: MailParserOptions & SplitterOptions = {
  ignoreEmbedded: true,
  maxChildNodes: PARTS,
  maxHeadSize: HEADER_BYTES,
};

/** Reads the MIME structure of a message that is within MESSAGE_BYTES. Faults: `header-too-large`, `mime-limits`, `mime`. */
export async function readMail(raw: Buffer): Promise<MailReading> {
  const fault = headerFault(raw);
  if (fault !== null) return { ok: false, ...fault };
  const parser = new MailParser(PARSER_OPTIONS);
  // No part is shown as text: every one is handed over decoded, as an attachment is.
  Object.assign(parser, { textTypes: [] });
  const parts: MailPart[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('error', reject);
      parser.on('end', resolve);
      parser.on('data', (data) => {
        if (data.type !== 'attachment') return;
        const chunks: Buffer[] = [];
        data.content.on('error', reject);
        data.content.on('data', (chunk: Buffer) => chunks.push(chunk));
        data.content.on('end', () => {
          const type = mediaType(data.headers.get('content-type'));
          parts.push({ type, fileName: data.filename || null, content: Buffer.concat(chunks) });
          data.release();
        });
      });
      parser.end(raw);
    });
  } catch (error) {
    const tooMuch = (error as NodeJS.ErrnoException).code === 'EMAXLEN';
    const message = tooMuch
      ? `The mail has more than ${PARTS} parts or a part with more than ${HEADER_BYTES} bytes of header.`
      : `The mail cannot be taken apart: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown error'}`;
    return { ok: false, reason: tooMuch ? 'mime-limits' : 'mime', message };
  }
  const { headerLines: fields } = parser as { readonly headerLines?: HeaderLines };
  return { ok: true, mail: { raw, parts, header: (name) => fieldOf(fields, name) } };
}

/**
 * The header is judged before anything parses it: DKIM verification and MIME parsing handle every line of it several
 * times.
 */
function headerFault(raw: Buffer): ReadFault | null {
  let lines = 0;
  for (let start = 0; start < raw.length; lines += 1) {
    const found = raw.indexOf(0x0a, start);
    const end = found < 0 ? raw.length : found;
    if (end === start || (end === start + 1 && raw[start] === 0x0d)) return null;
    if (end > HEADER_BYTES || lines >= HEADER_LINES) {
      const message = `The header is longer than ${HEADER_BYTES} bytes or ${HEADER_LINES} lines.`;
      return { reason: 'header-too-large', message };
    }
    start = end + 1;
  }
  return null;
}

function fieldOf(fields: HeaderLines | undefined, name: string): string | null {
  const line = fields?.find(({ key }) => key === name)?.line;
  return line === undefined
    ? null
    : line
        .slice(line.indexOf(':') + 1)
        .replace(/\r?\n(?=[ \t])/g, '')
        .trim();
}

function mediaType(header: unknown): string {
  const value = typeof header === 'object' && header !== null && 'value' in header ? String(header.value) : '';
  return value.toLowerCase();
}
