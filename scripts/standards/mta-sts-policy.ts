import { excerpt } from './excerpt.ts';
import { type PolicyLine, readPolicyLines } from './mta-sts-policy-lines.ts';
import { type MxPattern, parseMxPattern } from './mx-pattern.ts';
import type { Fault, Parsed } from './parsed.ts';

/** RFC 8461 §3.2. */
export const MODES = ['enforce', 'testing', 'none'] as const;
export type Mode = (typeof MODES)[number];

/** Seconds: the largest `max_age` (RFC 8461 §3.2), a little over a year. */
export const MAX_AGE_LIMIT = 31_557_600;

/** The policy of one policy domain (RFC 8461 §3.2). */
export interface MtaStsPolicy {
  readonly version: 'STSv1';
  readonly mode: Mode;
  /** In the order written. Empty only with mode `none`. */
  readonly mx: readonly MxPattern[];
  /** Seconds, 0 to MAX_AGE_LIMIT. */
  readonly max_age: number;
  /** Fields this version of the standard does not know; senders ignore them. */
  readonly extensions: readonly { readonly key: string; readonly value: string }[];
}

const FIELD_ORDER = ['version', 'mode', 'mx', 'max_age'];
/** 64 KB of nonsense need not be complained of line by line. */
const MAX_LISTED = 50;

/**
 * The body served at `/.well-known/mta-sts.txt`, strictly by RFC 8461 §3.2: all faults at once, with their lines.
 * Lints name what is legal but not read alike by all senders: those of readPolicyLines and parseMxPattern, and
 * `duplicate-field`, `duplicate-mx`, `field-order`, `leading-zero`, `max-age-zero`, `unknown-field`.
 */
export function parseMtaStsPolicy(bytes: Uint8Array): Parsed<MtaStsPolicy> {
  const { lines, faults, lints } = readPolicyLines(bytes);
  if (lines === null) return { ok: false, faults };

  const fields = firstOfEach(lines, lints);
  checkOrder(
    lines.filter((line) => line.key === 'mx' || fields.get(line.key) === line),
    lints,
  );
  const version = fields.get('version');
  if (version && version.value !== 'STSv1') {
    const message = `The version is \`${excerpt(version.value)}\`; only \`STSv1\` is known (RFC 8461 §3.2).`;
    faults.push({ code: 'version', message, line: version.line });
  }
  const mode = readMode(fields.get('mode'), faults);
  const maxAge = readMaxAge(fields.get('max_age'), faults, lints);
  const mxLines = lines.filter(({ key }) => key === 'mx');
  const mx = readPatterns(mxLines, faults, lints);
  for (const key of FIELD_ORDER) {
    if (fields.has(key) || (key === 'mx' && mode === 'none')) continue;
    const near = lines.find((line) => line.key.toLowerCase() === key);
    const hint = near ? `; \`${near.key}\` on line ${near.line} is another field, because case matters` : '';
    const message = `The policy has no \`${key}:\` line (RFC 8461 §3.2)${hint}.`;
    faults.push({ code: `${key.replace('_', '-')}-missing`, message });
  }
  const extensions = [...fields.values()].filter(({ key }) => !FIELD_ORDER.includes(key));
  for (const { key, value, line } of extensions) {
    if (value === '') faults.push({ code: 'empty-value', message: `\`${key}\` has no value (RFC 8461 §3.2).`, line });
    const message = `\`${key}\` is not a field of RFC 8461 §3.2; senders ignore it.`;
    lints.push({ code: 'unknown-field', message, line });
  }

  if (faults.length > 0 || mode === null || maxAge === null) return { ok: false, faults: listed(faults) };
  const value: MtaStsPolicy = {
    version: 'STSv1',
    mode,
    mx,
    max_age: maxAge,
    extensions: extensions.map(({ key, value }) => ({ key, value })),
  };
  return { ok: true, value, lints: listed(lints) };
}

/** The canonical body: ASCII, CRLF after every line, version, mode, mx…, max_age, and no extensions. */
export function renderMtaStsPolicy(policy: MtaStsPolicy): string {
  return policyLines(policy)
    .map((line) => `${line}\r\n`)
    .join('');
}

/**
 * Does the `policy-string` of a report (RFC 8460 §4.4, one string per line) show this policy? Reports carry no id, so
 * this is the only tie between a report and a version. Order, line ends, white space and repetition do not matter.
 */
export function policyStringShows(policyString: readonly string[], policy: MtaStsPolicy): boolean {
  const shown = new Set<string>();
  for (const line of policyString.flatMap((text) => text.split(/[\r\n]+/))) {
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(colon, 0)).trim();
    const value = line.slice(colon + 1).trim();
    if (key !== '' || value !== '') shown.add(`${key}: ${key === 'mx' ? value.toLowerCase() : value}`);
  }
  const ours = new Set(policyLines(policy));
  for (const { key, value } of policy.extensions) ours.add(`${key}: ${value}`);
  return shown.size === ours.size && [...shown].every((line) => ours.has(line));
}

function policyLines(policy: MtaStsPolicy): readonly string[] {
  const mx = policy.mx.map((pattern) => `mx: ${pattern}`);
  return [`version: ${policy.version}`, `mode: ${policy.mode}`, ...mx, `max_age: ${policy.max_age}`];
}

/** RFC 8461 §3.2: of a repeated field other than mx only the first counts. Some senders take the last. */
function firstOfEach(lines: readonly PolicyLine[], lints: Fault[]): ReadonlyMap<string, PolicyLine> {
  const fields = new Map<string, PolicyLine>();
  for (const field of lines) {
    const earlier = fields.get(field.key);
    if (!earlier) fields.set(field.key, field);
    else if (field.key !== 'mx') {
      const message = `\`${field.key}\` stands on line ${earlier.line} already; only that one counts (RFC 8461 §3.2).`;
      lints.push({ code: 'duplicate-field', message, line: field.line });
    }
  }
  return fields;
}

function checkOrder(lines: readonly PolicyLine[], lints: Fault[]): void {
  const known = lines.filter(({ key }) => FIELD_ORDER.includes(key));
  const late = known.find(
    ({ key }, i) => i > 0 && FIELD_ORDER.indexOf(key) < FIELD_ORDER.indexOf(known[i - 1]?.key ?? ''),
  );
  if (!late) return;
  const message = 'Write version, mode, mx and max_age in this order; RFC 8461 §3.2 allows any, some readers do not.';
  lints.push({ code: 'field-order', message, line: late.line });
}

function readMode(field: PolicyLine | undefined, faults: Fault[]): Mode | null {
  if (!field) return null;
  const mode = MODES.find((known) => known === field.value) ?? null;
  if (mode === null) {
    const message = `The mode is \`${excerpt(field.value)}\`; it must be enforce, testing or none, in lower case (RFC 8461 §3.2).`;
    faults.push({ code: 'mode', message, line: field.line });
  }
  return mode;
}

/** `1*10(DIGIT)`, at most MAX_AGE_LIMIT (RFC 8461 §3.2; erratum 7282 on the two bounds). */
function readMaxAge(field: PolicyLine | undefined, faults: Fault[], lints: Fault[]): number | null {
  if (!field) return null;
  const { value, line } = field;
  if (!/^\d{1,10}$/.test(value)) {
    const message = `max_age is \`${excerpt(value)}\`; it must be whole seconds in at most 10 digits (RFC 8461 §3.2).`;
    faults.push({ code: 'max-age', message, line });
    return null;
  }
  const seconds = Number(value);
  if (seconds > MAX_AGE_LIMIT) {
    const message = `max_age is ${seconds} seconds; at most ${MAX_AGE_LIMIT} are allowed (RFC 8461 §3.2).`;
    faults.push({ code: 'max-age-range', message, line });
  }
  if (/^0\d/.test(value)) {
    lints.push({ code: 'leading-zero', message: `Write ${seconds} without leading zeros.`, line });
  }
  if (seconds === 0) {
    lints.push({ code: 'max-age-zero', message: 'With max_age 0 no sender keeps the policy (RFC 8461 §3.2).', line });
  }
  return seconds;
}

/** By the letter a bad mx line is an unknown field and ignored; readers refuse the policy instead, and so does this. */
function readPatterns(lines: readonly PolicyLine[], faults: Fault[], lints: Fault[]): readonly MxPattern[] {
  const patterns: MxPattern[] = [];
  const seen = new Set<MxPattern>();
  for (const { value, line } of lines) {
    const pattern = parseMxPattern(value);
    if (!pattern.ok) {
      faults.push(...pattern.faults.map((fault) => ({ ...fault, line })));
      continue;
    }
    lints.push(...pattern.lints.map((lint) => ({ ...lint, line })));
    if (seen.has(pattern.value)) {
      lints.push({ code: 'duplicate-mx', message: `\`${pattern.value}\` is listed before.`, line });
    }
    seen.add(pattern.value);
    patterns.push(pattern.value);
  }
  return patterns;
}

/** By line, what concerns the whole policy last. */
function listed(faults: readonly Fault[]): readonly Fault[] {
  const sorted = faults.toSorted((a, b) => (a.line ?? Number.MAX_VALUE) - (b.line ?? Number.MAX_VALUE));
  const more = faults.length - MAX_LISTED;
  return more > 0 ? [...sorted.slice(0, MAX_LISTED), { code: 'more', message: `There are ${more} more.` }] : sorted;
}
