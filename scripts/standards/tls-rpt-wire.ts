import { excerpt } from './excerpt.ts';
import { type JsonObject, type JsonValue, setOwn } from './json-value.ts';

/** What is learnt about one report while it is read. */
export interface ReportNotes {
  readonly warnings: Set<string>;
  /** False as soon as something differs from the letter of RFC 8460 §4.4. */
  strict: boolean;
  /** Keys with a whole number written as `10.0`. */
  readonly floatKeys: ReadonlySet<string>;
}

/** One JSON object of the report being read, and what of it could not be taken. */
export interface WireObject {
  readonly raw: JsonObject;
  /** Unknown keys and unusable values at their place; null when none. */
  extra: Record<string, JsonValue> | null;
  readonly notes: ReportNotes;
}

/** A hostile report must not turn into a flood of warnings. */
const MAX_WARNINGS = 64;
const NOTHING: JsonObject = {};

export function warn(notes: ReportNotes, id: string, detail?: string): void {
  const warning = detail === undefined ? id : `${id}:${excerpt(detail)}`;
  const { warnings } = notes;
  if (!warnings.has(warning)) warnings.add(warnings.size < MAX_WARNINGS ? warning : 'more-warnings');
}

/** A warning about something the strict form does not allow. */
export function repair(notes: ReportNotes, id: string, detail?: string): void {
  notes.strict = false;
  warn(notes, id, detail);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null, "" and [] are three ways to say nothing. */
export function isAbsent(value: JsonValue | undefined): value is undefined | null | '' | readonly [] {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

export function openObject(raw: JsonObject, known: ReadonlySet<string>, notes: ReportNotes): WireObject {
  const object: WireObject = { raw, extra: null, notes };
  for (const key in raw) {
    if (!known.has(key)) keep(object, key, raw[key] ?? null);
  }
  return object;
}

/**
 * An object inside another one. What stands in its place and is no object is kept; what is kept of it afterwards is
 * the caller's to attach with closeInner.
 */
export function openInner(outer: WireObject, key: string, known: ReadonlySet<string>): WireObject {
  const value = outer.raw[key];
  if (isObject(value)) return openObject(value, known, outer.notes);
  if (isAbsent(value)) repair(outer.notes, 'missing', key);
  else keepWrongType(outer, key);
  return openObject(NOTHING, known, outer.notes);
}

export function closeInner(outer: WireObject, key: string, inner: WireObject): void {
  if (inner.extra) keep(outer, key, inner.extra);
}

export function keep(object: WireObject, key: string, value: JsonValue): void {
  object.extra ??= {};
  setOwn(object.extra, key, value);
}

export function keepWrongType(object: WireObject, key: string): void {
  repair(object.notes, 'wrong-type', key);
  keep(object, key, object.raw[key] ?? null);
}

/** An earlier value of the same key, which readJson keeps under another name: which of the two is meant is not known. */
export function isAmbiguous(object: WireObject, key: string): boolean {
  return object.extra !== null && Object.hasOwn(object.extra, `${key}#1`);
}

/** A text; null when nothing is said. What is not a text is kept aside, and one that no UTF-8 can hold (RFC 7493 §2.1) is, too. */
export function takeText(object: WireObject, key: string): string | null {
  const value = object.raw[key];
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      repair(object.notes, 'surrogate', key);
      keep(object, key, value);
    }
    return value === '' ? null : value;
  }
  if (value === undefined) return null;
  if (isAbsent(value)) object.notes.strict = false;
  else keepWrongType(object, key);
  return null;
}

/**
 * A count of sessions (RFC 8460 §4.4); null = not known, never 0. Decimal digits in a string are read; anything else,
 * and a count given twice, is kept aside.
 */
export function takeCount(object: WireObject, key: string): number | null {
  const { notes, raw } = object;
  const value = raw[key];
  if (isAbsent(value)) {
    repair(notes, 'missing', key);
    return null;
  }
  const count = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    repair(notes, 'bad-count', key);
    keep(object, key, value);
    return null;
  }
  if (isAmbiguous(object, key)) {
    keep(object, key, value);
    return null;
  }
  if (typeof value === 'string') repair(notes, 'num-string', key);
  else if (notes.floatKeys.has(key)) warn(notes, 'num-float', key);
  return count + 0;
}
