import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from '#scripts/cli/main.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
export const NOW = '2026-11-21T06:00:00Z';

export interface Answer {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** One command line, as the entry runs it, without the cost of a process. */
export async function postern(
  argv: readonly string[],
  { cwd = tmpdir(), environment = {} }: { readonly cwd?: string; readonly environment?: Record<string, string> } = {},
): Promise<Answer> {
  const [out, err] = [collector(), collector()];
  const exit = await main(argv, environment, { out: out.stream, err: err.stream, clock: () => Date.parse(NOW), cwd });
  return { exit, out: out.text(), err: err.text() };
}

/** The same as a process of its own: what packages read from the environment, and who runs it, is real there. */
export function spawned(
  argv: readonly string[],
  { environment = {}, user }: { readonly environment?: Record<string, string>; readonly user?: number } = {},
): Answer {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('GITHUB_'));
  const run = spawnSync(process.execPath, [join(CHECKOUT, 'scripts', 'postern.ts'), ...argv], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...Object.fromEntries(outside), ...environment },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  return { exit: run.status ?? -1, out: run.stdout, err: run.stderr };
}

function collector() {
  let seen = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      seen += String(chunk);
      done();
    },
  }) as unknown as NodeJS.WriteStream;
  return { stream, text: () => seen };
}

/** The smallest configuration the interface promises to be enough. */
export const MINIMAL: Readonly<Record<string, string>> = {
  'domains/_settings.yaml': 'organisation: Example\n',
  'domains/example.com.yaml': 'mode: testing\nmx: [mx1.example.com, mx2.example.com]\n',
};

/** A folder of its own with these files. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-interface-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** Every path below a folder with its content and time of change: equal when nothing was touched. */
export function snapshot(folder: string): Readonly<Record<string, string>> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
    return [path, `${statSync(path).mtimeMs} ${content}`] as const;
  });
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
