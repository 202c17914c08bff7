import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { policyJson, reportJson } from '../io/mail/report-mail.ts';
import { NOW, newWorld, type World } from './ingest-world.ts';

/* A run may be killed at any moment: every report ends up stored exactly once, and what was stored stays. */

const worlds: World[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

const MONTHS = ['2026-08', '2026-09', '2026-10', '2026-11'];

/** A world whose inbox holds reports on several months, and something that cannot be read. */
function filledWorld(reports: number): World {
  const world = newWorld();
  worlds.push(world);
  for (let index = 0; index < reports; index += 1) {
    const day = `${MONTHS[index % MONTHS.length]}-0${1 + (index % 9)}`;
    const range = { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` };
    const json = reportJson({
      'report-id': `r${index}`,
      'date-range': range,
      policies: [policyJson('example.com'), policyJson('example.net')],
    });
    world.put(`${String(index).padStart(5, '0')}.json`, JSON.stringify(json));
  }
  world.put('broken.json', '{"policies": broken');
  return world;
}

/** Every file with its bytes, whenever it was written. */
const contents = (world: World): ReadonlyMap<string, string> =>
  new Map([...world.tree()].map(([path, content]) => [path, content.slice(content.indexOf(' '))]));

test('cut off while writing, before the commit, at each file of the move, or before the end: nothing lost, nothing doubled', async () => {
  const world = filledWorld(40);
  await world.ingest();
  const whole = contents(world);
  const finished = join(world.root, 'finished');
  cpSync(world.data, finished, { recursive: true });
  const reports = join(world.data, 'reports');
  const months = readdirSync(join(finished, 'reports'));
  assert.deepEqual(
    months,
    MONTHS.map((month) => `month=${month}`),
  );

  /** The store as a run leaves it when it is cut off there. */
  const cuts: Readonly<Record<string, () => void>> = {
    'while a part was written': () => {
      mkdirSync(join(reports, '.staging/month=2026-08'), { recursive: true });
      writeFileSync(join(reports, '.staging/month=2026-08/part.tmp'), 'PAR1 half');
    },
    'before the commit': () => cpSync(join(finished, 'reports'), join(reports, '.staging'), { recursive: true }),
    'after the commit': () => cpSync(join(finished, 'reports'), join(reports, '.committed'), { recursive: true }),
    ...Object.fromEntries(
      months.map((_, moved) => [
        `after ${moved + 1} of ${months.length} moves`,
        () => {
          cpSync(join(finished, 'reports'), join(reports, '.committed'), { recursive: true });
          for (const month of months.slice(0, moved + 1)) {
            mkdirSync(join(reports, month), { recursive: true });
            for (const part of readdirSync(join(reports, '.committed', month))) {
              renameSync(join(reports, '.committed', month, part), join(reports, month, part));
            }
          }
        },
      ]),
    ),
    'while something was quarantined': () => {
      mkdirSync(join(world.data, 'quarantine/.tmp-abc'), { recursive: true });
      writeFileSync(join(world.data, 'quarantine/.tmp-abc/raw'), 'half');
    },
    'with the lock held': () => writeFileSync(join(world.data, '.writing'), '999999999 1\n'),
  };
  for (const [name, cut] of Object.entries(cuts)) {
    rmSync(world.data, { recursive: true });
    mkdirSync(reports, { recursive: true });
    cut();
    await world.ingest();
    assert.deepEqual([name, [...contents(world).keys()]], [name, [...whole.keys()]]);
    assert.deepEqual(contents(world), whole, name);
  }
});

test('killed at random moments, then left alone: every report once', async () => {
  const world = filledWorld(1500);
  const script = `
    import { ingest } from ${JSON.stringify(join(import.meta.dirname, '../../scripts/tasks/ingest.ts'))};
    const [root, data, inbox, now] = process.argv.slice(1);
    await ingest({ root, data, paths: [inbox], now, dryRun: false, progress: (text) => process.stdout.write(text) });
  `;
  const run = (): ReturnType<typeof spawn> =>
    spawn(
      process.execPath,
      ['--input-type=module-typescript', '-e', script, world.root, world.data, world.inbox, NOW],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
  // How long a whole run takes says when it can be killed.
  const start = performance.now();
  await exitOf(run());
  const whole = performance.now() - start;
  rmSync(world.data, { recursive: true });

  let killed = 0;
  for (let round = 0; round < 6; round += 1) {
    const child = run();
    const timer = setTimeout(() => child.kill('SIGKILL'), whole * (0.4 + round * 0.1));
    if ((await exitOf(child)) === 'SIGKILL') killed += 1;
    clearTimeout(timer);
  }
  assert.ok(killed > 0, 'no run was killed');
  const last = await world.ingest({ paths: [world.inbox] });
  assert.equal(last.reports + last.duplicates, 1500);
  const rows = await world.rows('report_sha256');
  assert.deepEqual([rows.length, new Set(rows.map((row) => row['report_sha256'])).size], [3000, 1500]);
  const hidden = readdirSync(join(world.data, 'reports')).filter((name) => name.startsWith('.'));
  assert.deepEqual([hidden, existsSync(join(world.data, '.writing'))], [[], false]);
});

test('two runs at once: one works, the other is told so', async () => {
  const world = filledWorld(200);
  const results = await Promise.allSettled([world.ingest(), world.ingest()]);
  const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
  assert.equal(refused.length, 1);
  assert.ok(refused[0] instanceof PosternError && refused[0].code === 'store-busy' && refused[0].exit === 3);
  assert.equal((await world.ingest()).reports, 0);
});

test('a file of the store that is lost or damaged is filled again from what is still in the inbox', async () => {
  const world = filledWorld(40);
  await world.ingest();
  const folder = join(world.data, 'reports/month=2026-09');
  const [part] = readdirSync(folder);
  assert.ok(part);
  rmSync(join(folder, part));
  const lost = await world.ingest();
  assert.deepEqual([lost.reports, lost.duplicates], [10, 30]);
  writeFileSync(join(folder, String(readdirSync(folder)[0])), 'damaged');
  const damaged = await world.ingest();
  assert.deepEqual([damaged.reports, damaged.duplicates, damaged.unreadable.length], [10, 30, 1]);
});

function exitOf(child: ReturnType<typeof spawn>): Promise<number | NodeJS.Signals | null> {
  child.stdout?.resume();
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
}
