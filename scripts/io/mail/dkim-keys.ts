import { readFileSync, statSync } from 'node:fs';
import { load } from 'js-yaml';
import { PosternError } from '../../core/failure.ts';

const FILE_BYTES = 2 ** 20;
const NAME = /^[a-z0-9._-]{1,253}$/;

/**
 * Key records from a file, by name in lower case (`s1._domainkey.example.com`), used before the DNS is asked. The file is a
 * YAML or JSON map `name: record`, or lines as in a zone file: `name [ttl] [IN] TXT "part" "part"`, or `name record`;
 * `#` and `;` begin a comment line. Throws `dkim-keys` (exit 2).
 */
export function loadDkimKeys(path: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    if (statSync(path).size > FILE_BYTES) throw fault(path, `is larger than ${FILE_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof PosternError) throw error;
    throw fault(path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`, error);
  }
  const entries = parseDkimKeys(text);
  if (typeof entries === 'string') throw fault(path, entries);
  return entries;
}

/** The keys of such a text, or what is wrong with it. */
export function parseDkimKeys(text: string): ReadonlyMap<string, string> | string {
  const first = text.split('\n').find((line) => !isComment(line));
  if (first === undefined) return new Map();
  return /^\s*[{"']|^\S+:(?:\s|$)/.test(first) ? parseMap(text) : parseZoneLines(text);
}

function parseMap(text: string): ReadonlyMap<string, string> | string {
  let value: unknown;
  try {
    // `;` begins a comment in a zone file, not in YAML.
    value = load(text.replace(/^\s*;.*$/gm, ''));
  } catch (error) {
    return `is not YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'is not a map of names to key records';
  const keys = new Map<string, string>();
  for (const [name, record] of Object.entries(value)) {
    if (typeof record !== 'string') return `gives ${JSON.stringify(name.slice(0, 80))} no text`;
    const added = addKey(keys, name, record);
    if (added !== null) return added;
  }
  return keys;
}

function parseZoneLines(text: string): ReadonlyMap<string, string> | string {
  const keys = new Map<string, string>();
  for (const record of joinParentheses(text)) {
    const name = /^\S+/.exec(record)?.[0] ?? '';
    const rest = record
      .slice(name.length)
      .replace(/^(?:\s+(?:\d+[smhdw]?|IN|TXT)(?=\s))*/i, '')
      .trim();
    const parts = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => (part ?? '').replace(/\\(.)/g, '$1'));
    const added = addKey(keys, name, parts.length > 0 ? parts.join('') : rest);
    if (added !== null) return added;
  }
  return keys;
}

/** Logical lines: a record in parentheses may go over several (RFC 1035 §5.1). */
function joinParentheses(text: string): readonly string[] {
  const joined: string[] = [];
  let open = '';
  for (const line of text.split('\n')) {
    if (isComment(line)) continue;
    const all = `${open}${line.trimEnd()}`;
    const unquoted = all.replace(/"(?:[^"\\]|\\.)*"/g, '');
    if (unquoted.includes('(') && !unquoted.includes(')')) {
      open = `${all} `;
      continue;
    }
    joined.push(all.trim());
    open = '';
  }
  return open === '' ? joined : [...joined, open.trim()];
}

function addKey(keys: Map<string, string>, name: string, record: string): string | null {
  const lower = name.toLowerCase().replace(/\.$/, '');
  if (!NAME.test(lower) || !lower.includes('._domainkey.')) {
    return `has ${JSON.stringify(name.slice(0, 80))}, which is not a key name like s1._domainkey.example.com`;
  }
  if (!/(?:^|;)\s*p\s*=/.test(record)) return `has no key (p=) for ${JSON.stringify(lower.slice(0, 80))}`;
  keys.set(lower, record);
  return null;
}

function isComment(line: string): boolean {
  return /^\s*(?:[#;]|$)/.test(line);
}

function fault(path: string, what: string, cause?: unknown): PosternError {
  return new PosternError('dkim-keys', `the file of DKIM keys ${path} ${what}`, {
    hint: 'network.dkim_keys in domains/_settings.yaml names it; each entry is a name such as s1._domainkey.example.com and its TXT record',
    exit: 2,
    cause,
  });
}
