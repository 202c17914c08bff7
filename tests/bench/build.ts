import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { type BuildResult, build } from '#scripts/tasks/build.ts';
import type { StoredWorld } from '../site/stored-world.ts';
import { WORLD_NOW } from '../site/world.ts';

const SIZES = [1000, 2000] as const;

/**
 * Both sites for 1,000 and 2,000 domains with ninety days of reports, of what probes saw, and of incidents, from files: time for
 * each page, memory, bytes, how that compares with a plain loop that writes the same bytes to the same names, and whether it
 * grows in line. `POSTERN_BENCH_DOMAINS=10000` takes other sizes; the world of ten thousand alone takes minutes to make.
 */
export async function benchBuild(): Promise<readonly string[]> {
  const asked = process.env['POSTERN_BENCH_DOMAINS']?.split(',').map(Number) ?? SIZES;
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-build-'));
  try {
    const lines: string[] = [];
    const seconds: number[] = [];
    for (const domains of asked) {
      const world = await worldApart(join(folder, `world-${domains}`), domains);
      const out = join(folder, `out-${domains}`);
      const memory = watchMemory();
      const [built, took] = await timed(() =>
        build({ ...world, out, sites: ['policies', 'reports'], now: WORLD_NOW, progress: () => {} }),
      );
      const peak = memory();
      lines.push(line(domains, built, took, plainLoop(out, join(folder, 'plain')), peak));
      seconds.push(took);
    }
    const [first = 0, second] = seconds;
    if (second !== undefined) lines.push(`${asked.join(' → ')} domains: ${(second / first).toFixed(2)} times as long`);
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Made by a process of its own: what making it leaves behind is not memory of the build. As `ingest` leaves it, which counts where
 * much is stored.
 */
async function worldApart(folder: string, domains: number): Promise<StoredWorld> {
  const from = (path: string): string => JSON.stringify(import.meta.resolve(path));
  const made = `import { countAhead } from ${from('#scripts/tasks/count-ahead.ts')};
    import { storeWorld } from ${from('../site/stored-world.ts')};
    const world = await storeWorld(${JSON.stringify(folder)}, { domains: ${domains}, observed: true });
    await countAhead({ ...world, now: ${JSON.stringify(WORLD_NOW)} });
    console.log(JSON.stringify(world));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', made]);
  return JSON.parse(stdout);
}

async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  return [await run(), (performance.now() - start) / 1000];
}

/** Starts to look at what this process and those it starts hold of memory; the answer is the most there was at once, in MB. */
function watchMemory(): () => number {
  let peak = 0;
  const look = (): void => {
    const own = readdirSync('/proc').filter(
      (name) => /^\d+$/.test(name) && [name, parentOf(name)].includes(`${process.pid}`),
    );
    peak = Math.max(
      peak,
      own.reduce((sum, name) => sum + residentOf(name), 0),
    );
  };
  const timer = setInterval(look, 250);
  return () => {
    clearInterval(timer);
    return Math.round(peak / 1024);
  };
}

function parentOf(process: string): string | undefined {
  return /^PPid:\s+(\d+)/m.exec(statusOf(process))?.[1];
}

function residentOf(process: string): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(process))?.[1] ?? 0);
}

/** Empty for one that has ended meanwhile. */
function statusOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** Seconds to write every file of `from` again elsewhere, one after the other, and their bytes; reading them is not counted. */
function plainLoop(from: string, to: string): { readonly seconds: number; readonly bytes: number } {
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const contents = files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path: join(to, relative(from, path)), bytes: readFileSync(path) };
  });
  const start = performance.now();
  for (const { path, bytes } of contents) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const seconds = (performance.now() - start) / 1000;
  rmSync(to, { recursive: true, force: true });
  return { seconds, bytes: contents.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

function line(
  domains: number,
  { pages, files }: BuildResult,
  took: number,
  { seconds, bytes }: ReturnType<typeof plainLoop>,
  peak: number,
): string {
  const each = ((took * 1000) / pages).toFixed(2);
  return `${domains} domains: ${pages} pages, ${files} files, ${Math.round(bytes / 1e6)} MB in ${took.toFixed(1)} s, ${each} ms a page, ${peak} MB of memory; ${(took / seconds).toFixed(1)} times a plain loop writing the same files (${seconds.toFixed(1)} s)`;
}
