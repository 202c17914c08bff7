/** Where two JSON values differ: the path, and both values as JSON text. */
export interface Difference {
  readonly path: string;
  readonly stated: string;
  readonly derived: string;
}

const MAX_TEXT = 120;

/**
 * The places where a stated JSON value differs from the derived one, at most `max`. A list of things with a `domain`,
 * `policy_type` or `period` is compared by that name and not by place, so that one missing entry is one difference.
 */
export function differences(stated: unknown, derived: unknown, max: number): readonly Difference[] {
  const found: Difference[] = [];
  compare(stated, derived, '', found, max);
  return found;
}

function compare(stated: unknown, derived: unknown, path: string, found: Difference[], max: number): void {
  if (found.length >= max) return;
  if (isRecord(stated) && isRecord(derived)) {
    for (const key of new Set([...Object.keys(stated), ...Object.keys(derived)]))
      compare(stated[key], derived[key], path === '' ? key : `${path}.${key}`, found, max);
    return;
  }
  if (Array.isArray(stated) && Array.isArray(derived)) {
    const [one, other] = [named(stated), named(derived)];
    for (const key of new Set([...one.keys(), ...other.keys()]))
      compare(one.get(key), other.get(key), `${path}[${key}]`, found, max);
    return;
  }
  if (!Object.is(stated, derived)) found.push({ path, stated: shown(stated), derived: shown(derived) });
}

const NAMES = ['domain', 'reporter', 'policy_type', 'result_type', 'reason'] as const;

function named(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(
    list.map((item, index) => {
      const names = isRecord(item)
        ? NAMES.flatMap((name) => (item[name] === undefined ? [] : [String(item[name])]))
        : [];
      return [names.length === 0 ? String(index) : names.join(' '), item];
    }),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}
