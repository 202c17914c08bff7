/**
 * What a newcomer does, on a fresh clone with the machine's own Node: `git clone`, `npm start`, look at both addresses.
 * Plain JavaScript: it runs outside npm, before anything is installed there.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LIMIT_MS = 300_000;
const source = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'postern-clone-'));
const clone = join(folder, 'postern');

try {
  execFileSync('git', ['clone', '--quiet', `file://${source}`, clone]);
  const began = Date.now();
  const { addresses, stop, output } = await started(clone);
  console.log(output());
  console.log(`started after ${((Date.now() - began) / 1000).toFixed(0)} s under Node ${process.version}`);
  for (const [address, wanted] of addresses) {
    const answer = await fetch(address);
    const body = await answer.text();
    if (answer.status !== 200 || !body.includes(wanted))
      throw new Error(`${address}: ${answer.status}, without ${wanted}`);
    console.log(`${address} answers, ${body.length} characters`);
  }
  await stop();
  const left = execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' });
  if (left !== '') throw new Error(`npm start left in the clone:\n${left}`);
} finally {
  await removed(folder);
}

/** Removes the clone; what a process writes there while it ends makes a try fail (ENOTEMPTY), not the run. */
async function removed(path) {
  for (let left = 20; ; left -= 1) {
    try {
      return await rm(path, { recursive: true, force: true });
    } catch (error) {
      if (left === 0) throw error;
      await pause(250);
    }
  }
}

/** Runs `npm start` until it has printed both addresses. */
function started(cwd) {
  const child = spawn('npm', ['start', '--', '--port', '0'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  // `close` and not `exit`: npm may be gone before the server that it started, which still writes its compile cache.
  const stop = () =>
    new Promise((resolve) => {
      child.once('close', resolve);
      process.kill(-child.pid, 'SIGTERM');
    });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      stop();
      reject(new Error(`npm start printed no addresses in ${LIMIT_MS / 1000} s:\n${text}`));
    }, LIMIT_MS);
    const read = (chunk) => {
      text += chunk;
      const reports = text.match(/^reports\s+(http:\S+)/m);
      const policies = text.match(/^policies\s+(http:\S+)/m);
      if (reports === null || policies === null) return;
      clearTimeout(limit);
      resolve({
        addresses: [
          [reports[1], 'example.com'],
          [`${reports[1]}domains/example.com/`, 'example.com'],
          [policies[1], 'mta-sts.example.com'],
          [`${policies[1]}example.com/.well-known/mta-sts.txt`, 'version: STSv1\r\n'],
        ],
        stop,
        output: () => text,
      });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
  });
}
