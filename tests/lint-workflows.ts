/**
 * `npm run check:workflows`: actionlint over all workflows and local actions. The one of the machine, or where Go is there
 * the pinned one from the Go module proxy, whose bytes Go holds against its checksum database. Where neither is to be had,
 * it says so: npm carries no actionlint that its author or anybody accountable keeps (docs/dependencies.md).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = 'v1.7.12';
const MODULE = `github.com/rhysd/actionlint/cmd/actionlint@${VERSION}`;
const BUILD_MS = 180_000;
/** It learned of `queue` later than GitHub did. */
const OPTIONS = ['-shellcheck=', '-pyflakes=', '-ignore', 'unexpected key "queue" for "concurrency" section'];
const root = new URL('..', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'postern-actionlint-'));
try {
  const found = onThisMachine() ?? built();
  if ('missing' in found) {
    console.error(`actionlint: not run: ${found.missing}. tests/workflows.test.ts holds what is ours all the same.`);
  } else {
    const { status, error } = spawnSync(found.program, OPTIONS, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    if (error !== undefined) throw error;
    console.error(status === 0 ? `actionlint ${found.version}: nothing found` : `actionlint ended with ${status}`);
    process.exitCode = status ?? 3;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function onThisMachine(): { readonly program: string; readonly version: string } | null {
  const { stdout, error } = spawnSync('actionlint', ['-version'], { encoding: 'utf8' });
  return error === undefined ? { program: 'actionlint', version: stdout.split('\n')[0] ?? '' } : null;
}

function built(): { readonly program: string; readonly version: string } | { readonly missing: string } {
  const environment = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' };
  const made = spawnSync('go', ['install', MODULE], { env: environment, encoding: 'utf8', timeout: BUILD_MS });
  if (made.error !== undefined && 'code' in made.error && made.error.code === 'ENOENT')
    return { missing: 'neither actionlint nor Go is installed' };
  if (made.status === 0) return { program: join(folder, 'actionlint'), version: VERSION };
  const why = made.error?.message ?? made.stderr.trim().split('\n').at(-1);
  return { missing: `Go could not build ${MODULE}: ${why}` };
}
