import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { type BuildResult, build } from '#scripts/tasks/build.ts';
import { storeWorld } from '../site/stored-world.ts';
import { WORLD_NOW } from '../site/world.ts';

const SIZES = [2000, 4000] as const;

/**
 * Both sites for 2,000 and 4,000 domains with ninety days of reports each, from files: time for each page, how that
 * compares with a plain loop that writes the same bytes to the same names, and whether it grows in line.
 */
export async function benchBuild(): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-build-'));
  try {
    const lines: string[] = [];
    const seconds: number[] = [];
    for (const domains of SIZES) {
      const world = await storeWorld(join(folder, `world-${domains}`), { domains });
      const out = join(folder, `out-${domains}`);
      const [built, took] = await timed(() =>
        build({ ...world, out, sites: ['policies', 'reports'], now: WORLD_NOW, progress: () => {} }),
      );
      const loop = plainLoop(out, join(folder, 'plain'));
      lines.push(line(domains, built, took, loop));
      seconds.push(took);
    }
    const [first = 0, second = 0] = seconds;
    lines.push(`${SIZES[0]} → ${SIZES[1]} domains: ${(second / first).toFixed(2)} times as long (2.00 is linear)`);
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  return [await run(), (performance.now() - start) / 1000];
}

/** Seconds to write every file of `from` again elsewhere, one after the other; reading them is not counted. */
function plainLoop(from: string, to: string): number {
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
  return seconds;
}

function line(domains: number, { pages, files }: BuildResult, took: number, loop: number): string {
  const each = ((took * 1000) / pages).toFixed(2);
  return `${domains} domains: ${pages} pages, ${files} files in ${took.toFixed(1)} s, ${each} ms a page; ${(took / loop).toFixed(1)} times a plain loop writing the same files (${loop.toFixed(1)} s)`;
}
