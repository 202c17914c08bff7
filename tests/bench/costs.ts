import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenSeconds, git, runWorkflow, type WorkflowRun } from '../lab/workflow-runner.ts';
import { type CostWorld, startCostWorld } from './costs-world.ts';

const SIZES = [1, 30, 100, 300] as const;
const TEMPLATE = new URL('../../', import.meta.url).pathname;
/** What GitHub itself takes of a job before and after its steps; from its own logs, and not measured here. */
const AROUND_SECONDS = 8;

/** One run of one workflow. */
interface Cost {
  readonly name: string;
  readonly jobs: readonly { readonly job: string; readonly processor: number; readonly clock: number }[];
  readonly requests: number;
}

/**
 * What a month at GitHub costs: the workflows as they stand, each run in its own place of a fleet's life, against servers on
 * loopback, port 25 closed as on a hosted runner. Prints the figures of docs/costs.md: for each job the seconds of processors
 * and on the clock, the install once, and the requests to GitHub.
 */
export async function benchCosts(): Promise<readonly string[]> {
  const sizes = process.env['COSTS_SIZES']?.split(',').map(Number) ?? SIZES;
  const lines = process.env['COSTS_SIZES'] === undefined ? [installLine()] : [];
  for (const domains of sizes) {
    const world = await startCostWorld(domains);
    try {
      const costs = await month(world);
      lines.push('', `${domains} domains`, ...costs.map(costLine));
    } finally {
      await world.close();
    }
  }
  return lines;
}

/** In the order of a fleet's life; what only warms up is not told. */
async function month(world: CostWorld): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  const run = async (workflow: string, at: string, told: string | null, options = {}): Promise<WorkflowRun> => {
    const before = world.github.requests.length;
    console.error(`${workflow} ${at}`);
    world.setClock(at);
    const made = await runWorkflow(world.runner, workflow, { event: 'schedule', ...options });
    for (const [job, { result }] of Object.entries(made.jobs))
      if (result === 'failure') throw new Error(`${workflow} ${job} failed:\n${made.log}`);
    const jobs = Object.entries(made.jobs)
      .filter(([, { result }]) => result !== 'skipped')
      .map(([job, { steps }]) => ({
        job,
        processor: steps.reduce((sum, { took }) => sum + took.processor, 0),
        clock: steps.reduce((sum, { took }) => sum + took.clock, 0),
      }));
    if (told !== null) costs.push({ name: told, jobs, requests: world.github.requests.length - before });
    return made;
  };
  await run('monthly', '2026-11-21T06:30:00Z', null);
  await run('hourly', '2026-11-21T07:17:00Z', 'hourly, ten new incidents');
  for (const hour of ['08', '09', '10']) await run('hourly', `2026-11-21T${hour}:17:00Z`, null);
  await run('hourly', '2026-11-21T11:17:00Z', 'hourly, nothing new');
  await run('daily', '2026-11-22T05:41:00Z', 'daily');
  await run('weekly', '2026-11-23T07:23:00Z', 'weekly');
  const pull = await world.propose();
  const checked = await run('pull-request', '2026-11-23T09:00:00Z', 'pull-request', pull.options);
  await run('comment', '2026-11-23T09:01:00Z', 'comment', pull.completed(checked.id));
  pull.merge();
  await run('publish', '2026-11-23T10:00:00Z', 'publish', { event: 'push' });
  await run('monthly', '2026-12-04T06:53:00Z', 'monthly');
  return costs;
}

function costLine({ name, jobs, requests }: Cost): string {
  const each = jobs.map(
    ({ job, processor, clock }) => `${job} ${processor.toFixed(1)} s of processors, ${clock.toFixed(1)} s on the clock`,
  );
  return `  ${name.padEnd(26)} ${each.join('; ')}; ${requests} requests to GitHub`;
}

/** A machine that has nothing: what `scripts/ensure.mjs` takes in a fresh clone with an empty cache of packages. */
function installLine(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-install-'));
  try {
    git(folder, 'clone', '--quiet', '--depth=1', `file://${TEMPLATE}`, join(folder, 'clone'));
    const [clock, processor] = [performance.now(), childrenSeconds()];
    execFileSync(process.execPath, ['scripts/ensure.mjs', '--omit=dev'], {
      cwd: join(folder, 'clone'),
      env: { ...process.env, npm_config_cache: join(folder, 'cache') },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const took = (performance.now() - clock) / 1000;
    return `install, each job: ${(childrenSeconds() - processor).toFixed(1)} s of processors, ${took.toFixed(1)} s on the clock; beside it ${AROUND_SECONDS} s for GitHub's own work`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
