import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { lockStore } from '#scripts/io/store/run-lock.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-lock-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const isBusy = (error: unknown) => error instanceof PosternError && error.code === 'store-busy' && error.exit === 3;

function held(name: string, holder: string): string {
  const data = join(scratch, name);
  mkdirSync(data);
  writeFileSync(join(data, '.writing'), holder);
  return data;
}

test('one at a time, and the next when the first lets go', () => {
  const data = join(scratch, 'data');
  const release = lockStore(data);
  assert.throws(() => lockStore(data), isBusy);
  release();
  assert.equal(existsSync(join(data, '.writing')), false);
  lockStore(data)();
});

test('a lock of a process that is gone is taken over', () => {
  for (const [name, holder] of Object.entries({
    dead: '999999999 1\n',
    reused: `${process.ppid} 1\n`,
    ours: `${process.pid} 1\n`,
    nonsense: 'x\n',
  })) {
    // Only where the kernel tells start times can a number that was given again be noticed.
    if (name === 'reused' && !existsSync('/proc/self/stat')) continue;
    lockStore(held(name, holder))();
  }
});

test('a lock of a living process holds', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    const data = held('living', `${child.pid}\n`);
    assert.throws(() => lockStore(data), isBusy);
  } finally {
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
  }
});

test('a lock that is being written holds; one that was never finished does not', () => {
  const data = held('fresh', '');
  assert.throws(() => lockStore(data), isBusy);
  utimesSync(join(data, '.writing'), 0, 0);
  lockStore(data)();
});
