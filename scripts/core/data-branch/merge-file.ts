/**
 * One file of `data/` that two runs changed since they began from `base`. Null: the file was not there, or was deleted.
 * Almost every file is named after its content and written once, so only these can differ:
 * the ledgers (`*.jsonl`), which only grow, and `checkpoint.json`, each section of which has one task that writes it.
 * In anything else what was pushed first stands: a month is frozen once.
 */
export function mergeFile(
  path: string,
  {
    base,
    ours,
    theirs,
  }: { readonly base: string | null; readonly ours: string | null; readonly theirs: string | null },
): string | null {
  if (ours === theirs || ours === base) return theirs;
  if (theirs === base) return ours;
  if (ours !== null && theirs !== null) {
    if (path.endsWith('.jsonl')) return mergeLines(base ?? '', ours, theirs);
    if (path === 'checkpoint.json') return mergeCheckpoints(base, ours, theirs);
  }
  return theirs;
}

/** Their lines, then those that we added. An event that both added, to the letter, is one event. */
function mergeLines(base: string, ours: string, theirs: string): string {
  const known = new Set([...lines(base), ...lines(theirs)]);
  const added = lines(ours).filter((line) => !known.has(line));
  const whole = theirs === '' || theirs.endsWith('\n') ? theirs : `${theirs}\n`;
  return added.length === 0 ? theirs : `${whole}${added.join('\n')}\n`;
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

type Json = Readonly<Record<string, unknown>>;

/** Section by section, and in `tasks` task by task: where only one side changed it, that one; where both did, the later run. */
function mergeCheckpoints(base: string | null, ours: string, theirs: string): string {
  const [before, one, other] = [base === null ? {} : parse(base), parse(ours), parse(theirs)];
  const { tasks: ourTasks = {}, ...ourSections } = one;
  const { tasks: theirTasks = {}, ...theirSections } = other;
  const { tasks: oldTasks = {}, ...oldSections } = before;
  const tasks = mergeKeys(oldTasks as Json, ourTasks as Json, theirTasks as Json, laterRun);
  const sections = mergeKeys(oldSections, ourSections, theirSections, (_, pushed) => pushed);
  // Each shard of a probe knows about its own domains.
  const lost = mergeKeys(
    asJson(before['lost_hosts']),
    asJson(one['lost_hosts']),
    asJson(other['lost_hosts']),
    (mine) => mine,
  );
  if (Object.keys(lost).length > 0) sections['lost_hosts'] = sorted(lost);
  else delete sections['lost_hosts'];
  return `${JSON.stringify(sorted({ ...sections, tasks: sorted(tasks) }), null, 2)}\n`;
}

function mergeKeys(
  base: Json,
  ours: Json,
  theirs: Json,
  both: (ours: unknown, theirs: unknown) => unknown,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [old, one, other] = [base[key], ours[key], theirs[key]];
    const value = same(one, old) ? other : same(other, old) ? one : both(one, other);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

function laterRun(ours: unknown, theirs: unknown): unknown {
  const at = (run: unknown) => (run as { readonly last_attempt?: string } | undefined)?.last_attempt ?? '';
  return at(ours) > at(theirs) ? ours : theirs;
}

function asJson(value: unknown): Json {
  return (value ?? {}) as Json;
}

function parse(text: string): Json {
  return JSON.parse(text) as Json;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function sorted(value: Json): Json {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
