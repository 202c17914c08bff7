import type { Severity } from '../finding.ts';

/** What the first marker comment says about the issue, so that a lost checkpoint can be made again from the issues. */
export interface Marker {
  readonly key: string;
  /** `merged`: it speaks of nothing any more, another issue does. */
  readonly kind: 'findings' | 'overflow' | 'merged';
  readonly rule: string;
  readonly severity: Severity;
  readonly detected_at: string;
  readonly cause: string | null;
  /** Up to MARKED of each; the checkpoint has all. */
  readonly domains: readonly string[];
  readonly fingerprints: readonly string[];
}

const BEGIN = '<!-- postern:begin ';
const END = '<!-- postern:end -->';
const CLOSE = ' -->';
const MARKED = 40;
const LONGEST_MARKER = 40_000;

/** Our text between its two marker comments, each on a line of its own. */
export function markedBlock(marker: Marker, text: string): string {
  const { domains, fingerprints } = marker;
  const few = { domains: domains.slice(0, MARKED), fingerprints: fingerprints.slice(0, MARKED) };
  const json = JSON.stringify({ v: 1, ...marker, ...few });
  return `${BEGIN}${json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}${CLOSE}\n${text}\n${END}`;
}

export interface MarkedBody {
  readonly before: string;
  /** With its markers, line ends as `\n`. */
  readonly block: string;
  readonly after: string;
  readonly marker: Marker | null;
}

/** The parts of an issue's body; null when our block is not in it, or is no longer whole. */
export function markedBody(body: string): MarkedBody | null {
  const text = body.replaceAll('\r\n', '\n');
  const from = text.indexOf(BEGIN);
  if (from < 0 || (from > 0 && text[from - 1] !== '\n')) return null;
  const end = text.indexOf(`\n${END}`, from);
  if (end < 0) return null;
  const to = end + 1 + END.length;
  return {
    before: text.slice(0, from),
    block: text.slice(from, to),
    after: text.slice(to),
    marker: markerIn(text, from),
  };
}

/** The body with our block replaced, and everything else as it is. Without a whole block it is put at the end. */
export function withBlock(body: string, block: string): string {
  const parts = markedBody(body);
  if (parts !== null) return `${parts.before}${block}${parts.after}`;
  const text = body.replaceAll('\r\n', '\n').trimEnd();
  return text === '' ? block : `${text}\n\n${block}`;
}

function markerIn(text: string, from: number): Marker | null {
  const close = text.indexOf(`${CLOSE}\n`, from);
  if (close < 0 || close - from > LONGEST_MARKER) return null;
  try {
    return markerOf(JSON.parse(text.slice(from + BEGIN.length, close)));
  } catch {
    // A person may have edited it: then the number in the checkpoint is what is left to know it by.
    return null;
  }
}

function markerOf(value: unknown): Marker | null {
  if (typeof value !== 'object' || value === null) return null;
  const { v, key, kind, rule, severity, detected_at, cause, domains, fingerprints } = value as Record<string, unknown>;
  if (v !== 1 || typeof key !== 'string' || typeof rule !== 'string' || typeof detected_at !== 'string') return null;
  if (kind !== 'findings' && kind !== 'overflow' && kind !== 'merged') return null;
  if (severity !== 'sev1' && severity !== 'sev2' && severity !== 'sev3') return null;
  if (cause !== null && typeof cause !== 'string') return null;
  if (!areTexts(domains) || !areTexts(fingerprints)) return null;
  return { key, kind, rule, severity, detected_at, cause, domains, fingerprints };
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** Ends a comment of ours; the same event gives the same mark, so that a comment is not made twice. */
export function eventMark(event: string): string {
  return `<!-- postern:event ${event} -->`;
}

export function bearsEvent(comment: string, event: string): boolean {
  return comment.includes(eventMark(event));
}
