import { type Document, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/** One change to a domain's file. */
export type Edit =
  /** A top-level key with a plain value; null removes the key. */
  | { readonly kind: 'set'; readonly key: string; readonly value: string | number | boolean | null }
  /** A top-level list of texts. */
  | { readonly kind: 'list'; readonly key: string; readonly values: readonly string[] }
  /** Texts, in any case, out of a list inside a top-level map; the list goes with its last one. */
  | { readonly kind: 'take'; readonly map: string; readonly key: string; readonly values: readonly string[] };

/**
 * The text with the edits made and everything else as it was: comments, spacing, quotes, line ends. A value is replaced
 * where it stands; a list gains and loses single items; a key that is not there is added at the end, or behind `mode`
 * for `mx` and `max_age`. The text must be one that readYaml accepts.
 */
export function editYaml(text: string, edits: readonly Edit[]): string {
  return edits.reduce(makeEdit, text);
}

function makeEdit(text: string, edit: Edit): string {
  switch (edit.kind) {
    case 'set':
      return setKey(text, edit);
    case 'list':
      return setList(text, edit);
    case 'take':
      return takeItems(text, edit);
  }
}

function setKey(text: string, { key, value }: Extract<Edit, { kind: 'set' }>): string {
  const { map } = read(text);
  const pair = pairOf(map, key);
  if (pair === null) return value === null ? text : insertKey(text, map, key, [`${key}: ${scalar(value)}`]);
  if (value === null) return removeKey(text, pair);
  const [start, end] = rangeOf(pair.value) ?? emptyAfter(text, pair);
  if (isScalar(pair.value) && pair.value.value === value) return text;
  const gap = text[start - 1] === ':' ? ' ' : '';
  return splice(text, start, end, `${gap}${scalar(value)}`);
}

function setList(text: string, { key, values }: Extract<Edit, { kind: 'list' }>): string {
  const { map } = read(text);
  const pair = pairOf(map, key);
  if (pair === null) return insertKey(text, map, key, [`${key}:`, ...values.map((value) => `  - ${scalar(value)}`)]);
  if (!isSeq(pair.value)) {
    const [start, end] = rangeOf(pair.value) ?? emptyAfter(text, pair);
    const gap = text[start - 1] === ':' ? ' ' : '';
    return splice(text, start, end, `${gap}[${values.map(scalar).join(', ')}]`);
  }
  const items = itemsOf(pair.value);
  const missing = values.filter((value) => !items.some((item) => item.value === value));
  // Added first, so that the list is never empty in between; then one by one away, each from the text as it is then.
  let edited = missing.length === 0 ? text : addItems(text, pair.value, missing);
  const surplus = [...new Set(items.map(({ value }) => value))].filter((value) => !values.includes(value));
  const list = (current: string) => pairOf(read(current).map, key);
  for (const value of surplus) edited = removeItem(edited, list, value);
  return edited;
}

function takeItems(text: string, { map, key, values }: Extract<Edit, { kind: 'take' }>): string {
  const inside = (current: string): YAMLMap | null => {
    const outer = pairOf(read(current).map, map)?.value;
    return isMap(outer) ? outer : null;
  };
  const list = (current: string): Pair | null => {
    const within = inside(current);
    return within === null ? null : pairOf(within, key);
  };
  const pair = list(text);
  if (!isSeq(pair?.value)) return text;
  const items = itemsOf(pair.value).map(({ value }) => value);
  const taken = items.filter((item) => values.some((value) => value.toLowerCase() === item.toLowerCase()));
  // In braces the key shares its line with others: there the list is left empty.
  if (taken.length === items.length && inside(text)?.flow !== true) return removeKey(text, pair);
  return taken.reduce((current, value) => removeItem(current, list, value), text);
}

interface Item {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

function itemsOf(seq: YAMLSeq): readonly Item[] {
  return seq.items.flatMap((node) => {
    const range = rangeOf(node);
    return isScalar(node) && range !== null ? [{ value: String(node.value), start: range[0], end: range[1] }] : [];
  });
}

function addItems(text: string, seq: YAMLSeq, values: readonly string[]): string {
  const last = itemsOf(seq).at(-1);
  if (seq.flow === true) {
    const joined = values.map(scalar).join(', ');
    const start = rangeOf(seq)?.[0] ?? 0;
    return last === undefined
      ? splice(text, start + 1, start + 1, joined)
      : splice(text, last.end, last.end, `, ${joined}`);
  }
  if (last === undefined) throw new RangeError('a list in lines without an item');
  const indent = indentOf(text, last.start);
  const at = lineEnd(text, last.end);
  return splice(text, at, at, values.map((value) => `${newline(text)}${indent}- ${scalar(value)}`).join(''));
}

function removeItem(text: string, list: (text: string) => Pair | null, value: string): string {
  const seq = list(text)?.value;
  if (!isSeq(seq)) return text;
  const items = itemsOf(seq);
  const index = items.findIndex((item) => item.value === value);
  const [before, item, after] = [items[index - 1], items[index], items[index + 1]];
  if (item === undefined) return text;
  if (seq.flow !== true) return splice(text, lineStart(text, item.start), nextLine(text, lineEnd(text, item.end)), '');
  if (after !== undefined) return splice(text, item.start, after.start, '');
  return splice(text, before?.end ?? item.start, item.end, '');
}

function insertKey(text: string, map: YAMLMap, key: string, lines: readonly string[]): string {
  const anchor = key === 'mx' || key === 'max_age' ? (pairOf(map, 'mx') ?? pairOf(map, 'mode')) : null;
  const end = newline(text);
  const block = lines.join(end);
  if (anchor !== null) {
    const at = lineEnd(text, endOf(anchor));
    return splice(text, at, at, `${end}${block}`);
  }
  const separated = text === '' || text.endsWith('\n') ? text : `${text}${end}`;
  return `${separated}${block}${end}`;
}

/** The whole lines of the key; its comment above stays, because it may speak of more. */
function removeKey(text: string, pair: Pair): string {
  const start = lineStart(text, rangeOf(pair.key)?.[0] ?? 0);
  return splice(text, start, nextLine(text, lineEnd(text, endOf(pair))), '');
}

function read(text: string): { readonly document: Document.Parsed; readonly map: YAMLMap } {
  const document = parseDocument(text, { keepSourceTokens: false });
  if (document.errors.length > 0 || !isMap(document.contents))
    throw new RangeError('the text was not checked: it is no map');
  if (document.contents.flow === true) throw new RangeError('a file in braces is not edited');
  return { document, map: document.contents };
}

function pairOf(map: YAMLMap, key: string): Pair | null {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key) ?? null;
}

/** Start and end of what is written; null for a value that is not. */
function rangeOf(node: unknown): readonly [number, number] | null {
  const range = (node as { readonly range?: readonly [number, number, number] | null } | null)?.range;
  if (range === undefined || range === null || range[0] === range[1]) return null;
  return [range[0], range[1]];
}

function emptyAfter(text: string, pair: Pair): readonly [number, number] {
  const colon = text.indexOf(':', rangeOf(pair.key)?.[1] ?? 0) + 1;
  return [colon, colon];
}

function endOf(pair: Pair): number {
  if (isSeq(pair.value) && pair.value.flow !== true) {
    const last = itemsOf(pair.value).at(-1);
    if (last !== undefined) return last.end;
  }
  return rangeOf(pair.value)?.[1] ?? rangeOf(pair.key)?.[1] ?? 0;
}

function indentOf(text: string, offset: number): string {
  const start = lineStart(text, offset);
  return /^[ ]*/.exec(text.slice(start))?.[0] ?? '';
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The place before the line's end, so that a comment behind a value stays on its line. */
function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  if (found < 0) return text.length;
  return text[found - 1] === '\r' ? found - 1 : found;
}

function nextLine(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  return found < 0 ? text.length : found + 1;
}

function newline(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function splice(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return /^[A-Za-z][A-Za-z0-9._:/+-]*[A-Za-z0-9]$/.test(value) && !/^(?:true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
