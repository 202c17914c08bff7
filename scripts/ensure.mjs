#!/usr/bin/env node
/**
 * Installs exactly what package-lock.json says when node_modules does not already hold it.
 * Plain JavaScript without dependencies: it runs before anything is installed, under any Node from 18.
 *
 * `--omit=dev` leaves out what only tests and checks need: the workflows install anew in each job.
 *
 * npm leaves what it installed in node_modules/.package-lock.json. The two agree when every package of the lockfile
 * is there at its version; optional packages for other platforms may be absent. An installation that was cut off has
 * no such file yet, so it is done again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const withoutDev = process.argv.includes('--omit=dev');

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return null;
  }
}

/** What is missing or different, as one line; null when the installation is what the lockfile says. */
function disagreement() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  if (wanted === null)
    throw new Error('package-lock.json is missing or not JSON. Restore it: git checkout package-lock.json');
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (installed === null) return 'nothing is installed yet';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const have = installed[path];
    if (have === undefined) {
      if (entry.optional === true || (withoutDev && entry.dev === true)) continue;
      return `${path} is missing`;
    }
    if (have.version !== entry.version || have.integrity !== entry.integrity) {
      return `${path} is ${have.version}, the lockfile says ${entry.version}`;
    }
    if (!existsSync(join(root, path, 'package.json'))) return `${path} was deleted`;
  }
  for (const path of Object.keys(installed)) {
    if (wanted[path] === undefined) return `${path} is installed but not in the lockfile`;
  }
  return null;
}

const why = disagreement();
if (why !== null) {
  process.stderr.write(`postern: installing what package-lock.json says (${why}) …\n`);
  // Only errors: npm's engine warnings speak of the machine's Node, and we bring our own.
  const npm = spawnSync(
    'npm',
    [
      'ci',
      '--ignore-scripts',
      withoutDev ? '--omit=dev' : '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  );
  if (npm.error !== undefined || npm.status !== 0) {
    const reason = npm.error?.message ?? `npm ci ended with ${npm.status ?? npm.signal}`;
    process.stderr.write(
      `postern: install-failed: ${reason}\n  hint: see npm's message above; the package registry must be reachable\n`,
    );
    process.exit(3);
  }
}
