import type { JsonObject, JsonValue } from './json-value.ts';
import { isAbsent, isObject, keep, keepWrongType, repair, type WireObject, warn } from './tls-rpt-wire.ts';

/** How reporters in the wild differ from the lists and keys of RFC 8460 §4.4, and what is made of it. */

/** A longer string is left whole: cutting it up could cost a hundred times its size. */
const MAX_LIST_TEXT = 65_536;

/**
 * Reads `key`, or the name that some software uses instead when the key says nothing (`failure_details` by
 * Mail::TLSRPT, `mx-host-pattern` and `additional-info-uri` after the placeholders of §4.4). By the letter such a name
 * is an unknown key, so what stands under it does not make the report less strict.
 */
export function takeAliased<T extends string | readonly unknown[] | null>(
  object: WireObject,
  key: string,
  alias: string,
  take: (object: WireObject, key: string) => T,
): T {
  const own = take(object, key);
  const other = object.raw[alias];
  if (other === undefined) return own;
  const saysNothing = (own === null || own.length === 0) && !(object.extra && Object.hasOwn(object.extra, key));
  if (!saysNothing || isAbsent(other)) {
    keep(object, alias, other);
    return own;
  }
  const { notes } = object;
  warn(notes, 'alias', alias);
  const { strict } = notes;
  const value = take(object, alias);
  notes.strict = strict;
  return value;
}

/**
 * An array of objects. One object alone is wrapped; null elements say nothing; other elements become an object with
 * the one key `#value`, so that they are counted and not lost.
 */
export function takeObjects(object: WireObject, key: string): readonly JsonObject[] {
  const { notes } = object;
  const value = object.raw[key];
  if (value === undefined) return [];
  if (isObject(value)) {
    repair(notes, 'object-not-array', key);
    return Object.keys(value).length === 0 ? [] : [value];
  }
  if (!Array.isArray(value)) {
    if (isAbsent(value)) notes.strict = false;
    else keepWrongType(object, key);
    return [];
  }
  const elements: readonly JsonValue[] = value;
  if (elements.every(isObject)) return elements;
  repair(notes, 'wrong-type', key);
  return elements
    .filter((element) => element !== null)
    .map((element): JsonObject => (isObject(element) ? element : { '#value': element }));
}

/**
 * `policy-string` and `mx-host`: an array of strings. Also read: one string (Mail::TLSRPT, Halon, RFC 8460 appendix B:
 * erratum 6241), cut at line ends or, when there are none, at `;` (§4); and an array whose only string is itself a
 * JSON array of strings (Microsoft, tlsa).
 */
export function takeStrings(object: WireObject, key: string): readonly string[] | null {
  const { notes } = object;
  const value = object.raw[key];
  if (value === undefined) return null;
  if (typeof value !== 'string' && !Array.isArray(value)) {
    if (isAbsent(value)) notes.strict = false;
    else keepWrongType(object, key);
    return null;
  }
  if (value === '') {
    notes.strict = false;
    return null;
  }
  let strings: readonly string[];
  if (typeof value === 'string') {
    repair(notes, 'string-not-array', key);
    strings = jsonStrings(value) ? [value] : cut(value);
  } else {
    strings = value.filter((element) => typeof element === 'string');
    if (strings.length < value.length) keepWrongType(object, key);
  }
  if (!strings.every((text) => text.isWellFormed())) {
    repair(notes, 'surrogate', key);
    keep(object, key, value);
  }
  for (let inner = onlyJson(strings); inner; inner = onlyJson(strings)) {
    warn(notes, 'json-in-string', key);
    strings = inner;
  }
  return strings.length === 0 ? null : strings;
}

function cut(text: string): readonly string[] {
  if (text.length > MAX_LIST_TEXT) return [text];
  const parts = text.split(/[\r\n]/.test(text) ? /[\r\n]+/ : ';');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function onlyJson(strings: readonly string[]): readonly string[] | null {
  return strings.length === 1 ? jsonStrings(strings[0] ?? '') : null;
}

/** The strings of a JSON array of at least one string and nothing else. */
function jsonStrings(text: string): readonly string[] | null {
  if (!text.trimStart().startsWith('[') || text.length > MAX_LIST_TEXT) return null;
  try {
    const inner: JsonValue = JSON.parse(text);
    return Array.isArray(inner) && inner.length > 0 && inner.every((element) => typeof element === 'string')
      ? inner
      : null;
  } catch {
    return null;
  }
}
