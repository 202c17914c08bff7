import { type JsonObject, type JsonValue, setOwn } from './json-value.ts';

/** What `JSON.parse` drops or changes without a word, read slowly; for the few texts that scanJson points out. */
export interface CarefulJson {
  /** As `JSON.parse` gives it, except that nothing is lost: see readCarefully. */
  readonly value: JsonValue;
  /** Keys that occurred more than once in one object. */
  readonly repeatedKeys: ReadonlySet<string>;
  /** Keys whose number is whole but written with a point or an exponent, `10.0`. */
  readonly floatKeys: ReadonlySet<string>;
}

const LITERAL = /[^\s,:{}[\]"]+/y;
const SPACE = /\s*/y;

/**
 * Reads JSON that is known to be valid and not deep. Of a repeated key the last value has the name and earlier ones are
 * `key#1`, `key#2`, …; a number beyond 2^53, or so small that nothing is left of it, is
 * `{"#number": "its digits"}`; escaped keys are what they say, which
 * `JSON.parse` of Node 24 and 26 gets wrong at times (nodejs/node#63785).
 */
export function readCarefully(text: string): CarefulJson {
  const repeatedKeys = new Set<string>();
  const floatKeys = new Set<string>();
  let at = 0;

  function take(token: RegExp): string {
    token.lastIndex = at;
    const found = token.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  }

  /** Not by a pattern, which runs out of stack on a string of some megabytes. */
  function takeString(): string {
    const start = at++;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at));
  }

  /** Skips white space, and then `char` when it is there. */
  function passes(char: string): boolean {
    take(SPACE);
    if (text[at] !== char) return false;
    at++;
    return true;
  }

  function readValue(key: string | null): JsonValue {
    if (passes('{')) return readObject();
    if (passes('[')) return readArray();
    if (text[at] === '"') return takeString();
    const literal = take(LITERAL);
    const value: JsonValue = JSON.parse(literal);
    if (typeof value !== 'number') return value;
    const vanished = value === 0 && /[1-9]/.test(literal.split(/e/i)[0] ?? '');
    if (vanished || Math.abs(value) > Number.MAX_SAFE_INTEGER) return { '#number': literal };
    if (key !== null && Number.isInteger(value) && /[.eE]/.test(literal)) floatKeys.add(key);
    return value;
  }

  function readArray(): JsonValue {
    const elements: JsonValue[] = [];
    while (!passes(']')) {
      elements.push(readValue(null));
      passes(',');
    }
    return elements;
  }

  function readObject(): JsonObject {
    const members = new Map<string, JsonValue>();
    const renamed = new Map<string, number>();
    while (!passes('}')) {
      const key = takeString();
      passes(':');
      const value = readValue(key);
      const earlier = members.get(key);
      if (earlier !== undefined) {
        let n = (renamed.get(key) ?? 0) + 1;
        while (members.has(`${key}#${n}`)) n++;
        renamed.set(key, n);
        members.set(`${key}#${n}`, earlier);
        repeatedKeys.add(key);
      }
      members.set(key, value);
      passes(',');
    }
    const object: Record<string, JsonValue> = {};
    for (const [key, value] of members) setOwn(object, key, value);
    return object;
  }

  return { value: readValue(null), repeatedKeys, floatKeys };
}
