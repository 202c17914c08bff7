import { excerpt } from './excerpt.ts';
import type { Fault } from './parsed.ts';

/** One `key: value` line of a policy body. */
export interface PolicyLine {
  readonly key: string;
  /** Without the white space around it; may be empty, which no field allows. */
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

export interface PolicyLines {
  /** Null when the bytes are not the text of a policy at all. */
  readonly lines: readonly PolicyLine[] | null;
  readonly faults: Fault[];
  readonly lints: Fault[];
}

/** Senders stop reading at about 64 KB (RFC 8461 §3.3). */
const MAX_BYTES = 65_536;
/** Some senders read no more than this. */
const SMALL_BYTES = 4096;
const FIELD_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
const LINE = /([^\r\n]*)(\r\n|\n|\r|$)/g;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The line grammar of RFC 8461 §3.2: `field *WSP *(term field *WSP) [term]`, where term is LF or CRLF (erratum 6253).
 * Lints: `line-end-lf`, `final-line-end`, `trailing-space`, `non-ascii`, `policy-large`.
 */
export function readPolicyLines(bytes: Uint8Array): PolicyLines {
  const faults: Fault[] = [];
  const lints: Fault[] = [];
  const text = decode(bytes);
  if (typeof text !== 'string') return { lines: null, faults: [text], lints };
  if (bytes.length > SMALL_BYTES) {
    lints.push({
      code: 'policy-large',
      message: `The policy has ${bytes.length} bytes; keep it under ${SMALL_BYTES}.`,
    });
  }

  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (body !== text) {
    const message =
      'A byte order mark stands before the first line; the policy must begin with a field (RFC 8461 §3.2).';
    faults.push({ code: 'bom', message, line: 1 });
  }
  const lines: PolicyLine[] = [];
  const endsFirstAt = new Map<string, number>();
  let number = 0;
  for (const [whole, content = '', end = ''] of body.matchAll(LINE)) {
    if (whole === '') break;
    number += 1;
    if (!endsFirstAt.has(end)) endsFirstAt.set(end, number);
    const field = readField(content, number, faults, lints);
    if (field) lines.push(field);
  }
  checkLineEnds(endsFirstAt, faults, lints);
  return { lines, faults, lints };
}

function decode(bytes: Uint8Array): string | Fault {
  if (bytes.length === 0) return { code: 'policy-empty', message: 'The policy is empty (RFC 8461 §3.2).' };
  if (bytes.length > MAX_BYTES) {
    const message = `The policy has ${bytes.length} bytes; senders read at most ${MAX_BYTES} (RFC 8461 §3.3).`;
    return { code: 'policy-too-large', message };
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { code: 'policy-encoding', message: 'The policy is not UTF-8 text (RFC 8461 §3.2); write plain ASCII.' };
  }
  if (text.includes('\0')) {
    return { code: 'policy-encoding', message: 'The policy holds NUL bytes: it is not plain text (RFC 8461 §3.2).' };
  }
  if (/^\s*</.test(text)) {
    const message =
      'This is an HTML or XML page, not a policy; the web server answers 200 with a page of its own (RFC 8461 §3.3).';
    return { code: 'policy-html', message, line: 1 };
  }
  return text;
}

function checkLineEnds(firstAt: ReadonlyMap<string, number>, faults: Fault[], lints: Fault[]): void {
  const cr = firstAt.get('\r');
  if (cr !== undefined) {
    faults.push({
      code: 'bare-cr',
      line: cr,
      message: 'A lone CR ends this line; only CRLF or LF may (RFC 8461 §3.2).',
    });
  }
  const lf = firstAt.get('\n');
  if (lf !== undefined) {
    const message = 'LF ends this line; write CRLF (RFC 8461 §3.2, erratum 6253).';
    lints.push({ code: 'line-end-lf', line: lf, message });
  }
  const none = firstAt.get('');
  if (none !== undefined) {
    lints.push({ code: 'final-line-end', line: none, message: 'The last line has no line end; write CRLF after it.' });
  }
}

/** `key ":" *WSP value *WSP`; null when the line is not that. */
function readField(content: string, line: number, faults: Fault[], lints: Fault[]): PolicyLine | null {
  const refuse = (code: string, message: string) => {
    faults.push({ code, message, line });
    return null;
  };
  if (/^[ \t]*$/.test(content)) return refuse('blank-line', 'Blank lines are not allowed (RFC 8461 §3.2).');
  if (/^[ \t]/.test(content)) refuse('leading-space', 'White space stands before the field (RFC 8461 §3.2).');
  const colon = content.indexOf(':');
  if (colon < 0) {
    return refuse('no-colon', `\`${excerpt(content)}\` is not \`key: value\` (RFC 8461 §3.2); there are no comments.`);
  }
  const before = content.slice(0, colon).replace(/^[ \t]+/, '');
  const key = before.trimEnd();
  if (key !== before) refuse('space-before-colon', 'White space stands before the colon (RFC 8461 §3.2).');
  if (!FIELD_NAME.test(key)) {
    return refuse(
      'field-name',
      `\`${excerpt(key)}\` is not a field name: at most 32 letters, digits, \`_\`, \`-\`, \`.\` (RFC 8461 §3.2).`,
    );
  }
  const after = content.slice(colon + 1).replace(/^[ \t]+/, '');
  const value = after.slice(0, endWithoutSpace(after));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the grammar forbids
  if (/[\x00-\x1f\x7f]/.test(value)) {
    return refuse('control-character', `The value of \`${key}\` holds a control character (RFC 8461 §3.2).`);
  }
  if (value !== after) {
    lints.push({
      code: 'trailing-space',
      line,
      message: 'White space stands at the end of the line; some readers keep it.',
    });
  }
  if (/[^\p{ASCII}]/u.test(value)) {
    lints.push({
      code: 'non-ascii',
      line,
      message: `The value of \`${key}\` is not ASCII; some readers then refuse the policy.`,
    });
  }
  return { key, value, line };
}

/** A pattern such as `[ \t]+$` would take quadratic time on a hostile line. */
function endWithoutSpace(text: string): number {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return end;
}
