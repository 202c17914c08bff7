import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';

/** docs/costs.md against the workflows as they stand, and against itself. */
const root = new URL('..', import.meta.url).pathname;
const page = readFileSync(`${root}/docs/costs.md`, 'utf8');

/** The rows of the first table whose head begins so: name and figures. */
function tableOf(head: string): ReadonlyMap<string, readonly number[]> {
  const lines = page
    .slice(page.indexOf(`| ${head} |`))
    .split('\n')
    .slice(2);
  const rows = lines.slice(0, lines.indexOf('')).filter((line) => !line.includes('**'));
  return new Map(
    rows.map((line) => {
      const [name = '', ...figures] = line.split('|').slice(1, -1);
      return [name.trim(), figures.map((text) => Number(text.replaceAll(',', '')))];
    }),
  );
}

/** Runs a month, then minutes by size. */
const rows = tableOf('workflow | runs a month');
/** Seconds of waiting, then seconds by size. */
const seconds = tableOf('job | waiting');
const requests = tableOf('run | 1 domain | 30 domains');
const totals = new Map(
  [
    ...page.matchAll(
      /^\| \*\*([^|]+)\*\* \| \| \*\*([\d,]+)\*\* \| \*\*([\d,]+)\*\* \| \*\*([\d,]+)\*\* \| \*\*([\d,]+)\*\* \|$/gm,
    ),
  ].map(([, name = '', ...figures]) => [name, figures.map((text) => Number(text.replaceAll(',', '')))]),
);

function cronsOf(workflow: string): readonly string[] {
  const { on } = load(readFileSync(`${root}/.github/workflows/${workflow}.yml`, 'utf8')) as {
    readonly on: { readonly schedule?: readonly { readonly cron: string }[] };
  };
  return (on.schedule ?? []).map(({ cron }) => cron);
}

/** Most runs that these lines start in one month of 2026. */
function mostRuns(crons: readonly string[]): number {
  const months = Array.from({ length: 12 }, (_, month) => {
    let runs = 0;
    for (
      let at = new Date(Date.UTC(2026, month, 1));
      at.getUTCMonth() === month;
      at = new Date(at.getTime() + 3_600_000)
    )
      runs += crons.filter((cron) => matches(cron, at)).length;
    return runs;
  });
  return Math.max(...months);
}

/** Whether a line runs within the hour that begins at `at`: none of ours runs twice in one. */
function matches(cron: string, at: Date): boolean {
  const [, hour = '*', day = '*', month = '*', weekday = '*'] = cron.split(' ');
  const fields = [
    [hour, at.getUTCHours()],
    [day, at.getUTCDate()],
    [month, at.getUTCMonth() + 1],
    [weekday, at.getUTCDay()],
  ] as const;
  return fields.every(([field, value]) => fieldMatches(field, value));
}

function fieldMatches(field: string, value: number): boolean {
  const found = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(field);
  if (found === null) throw new Error(`a field that this test does not know: ${field}`);
  const [, from, to, step] = found;
  if (from === undefined) return value % Number(step ?? 1) === 0;
  return value >= Number(from) && value <= Number(to ?? from) && (value - Number(from)) % Number(step ?? 1) === 0;
}

suite('what it costs', () => {
  for (const workflow of ['hourly', 'daily', 'weekly', 'monthly', 'upgrade'])
    test(`${workflow}: its runs a month are those of its schedule`, () => {
      assert.equal(rows.get(workflow)?.[0], mostRuns(cronsOf(workflow)), workflow);
    });

  test('workflows without a schedule have none', () => {
    for (const workflow of ['publish', 'pull-request', 'comment']) {
      assert.deepEqual(cronsOf(workflow), []);
      assert.ok((rows.get(workflow)?.[0] ?? 0) > 0, workflow);
    }
  });

  test('the sums are the sums, with every run and with POSTERN_SPARSE', () => {
    const sum = (runsOf: (name: string, runs: number) => number) =>
      [0, 1, 2, 3].map((size) =>
        [...rows].reduce((all, [name, [runs = 0, ...minutes]]) => all + runsOf(name, runs) * (minutes[size] ?? 0), 0),
      );
    const [everyTwoHours = ''] = cronsOf('hourly');
    assert.equal(rows.size, 8);
    assert.deepEqual(
      totals.get('a month'),
      sum((_, runs) => runs),
    );
    assert.deepEqual(
      totals.get('with `POSTERN_SPARSE`'),
      sum((name, runs) => (name === 'hourly' ? mostRuns([everyTwoHours]) : runs)),
    );
  });

  test('the minutes are what the seconds and requests make, with every assumption that the page names', () => {
    const assumed = (text: RegExp) => Number(text.exec(page)?.[1] ?? Number.NaN);
    const around =
      assumed(/^- (\d+) seconds for the install/m) +
      assumed(/^- (\d+) for GitHub's own/m) +
      assumed(/^- (\d+) in reserve/m);
    const ownJobs: Readonly<Record<string, number>> = { daily: 1, monthly: 1 };
    for (const [name, [waiting = 0, ...processor]] of seconds) {
      const minutes = processor.map((one, size) => {
        const asked = requests.get(name)?.[size] ?? Number.NaN;
        return Math.ceil((around + waiting + one + asked / 4) / 60) + (ownJobs[name] ?? 0);
      });
      assert.deepEqual(rows.get(name)?.slice(1), minutes, name);
    }
    assert.deepEqual([...seconds.keys(), 'upgrade'].sort(), [...rows.keys()].sort());
  });

  test('a private repository of the free plan stays within 2,000 minutes at 100 domains', () => {
    assert.ok((totals.get('a month')?.[2] ?? Number.POSITIVE_INFINITY) <= 2000);
  });
});
