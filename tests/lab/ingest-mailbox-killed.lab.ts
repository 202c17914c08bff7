import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { NOW } from '../tasks/ingest-world.ts';
import { mailboxWorld, reportMails, SECRETS } from './mailbox-world.ts';
import { startDovecot } from './servers/dovecot.ts';

/* `kill -9` at random moments, against the real server: what was reported is stored exactly once, whatever happened. */

const KILLS = 100;
/** New in each run. */
const MAILS = 60;
const POSTERN = join(import.meta.dirname, '../../scripts/postern.ts');
/** Given, the same moments are tried again. */
const SEED = process.env['POSTERN_SEED'] ?? String(Date.now());

test(`killed ${KILLS} times while new mail keeps coming: every report once`, { timeout: 1_200_000 }, async (t) => {
  t.diagnostic(`POSTERN_SEED=${SEED}`);
  const server = await startDovecot();
  const world = mailboxWorld(server);
  const run = (): ChildProcess =>
    spawn(process.execPath, [POSTERN, 'ingest', '--root', world.root, '--now', NOW, '--json'], {
      env: { ...process.env, ...SECRETS },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  try {
    let delivered = 0;
    const deliver = async (count: number): Promise<void> => {
      server.deliver(await reportMails(count, delivered));
      delivered += count;
    };
    await deliver(200);
    await exitOf(run());
    // How long a run takes that is like those to be killed says when it can be.
    await deliver(MAILS);
    const started = performance.now();
    assert.equal(await exitOf(run()), 0);
    const whole = performance.now() - started;

    let killed = 0;
    let attempts = 0;
    while (killed < KILLS) {
      attempts += 1;
      assert.ok(attempts < 4 * KILLS, `only ${killed} of ${attempts} runs were still there to be killed`);
      // What a killed run left is still to do; a little more keeps every run busy.
      await deliver(MAILS);
      const child = run();
      const timer = setTimeout(() => child.kill('SIGKILL'), whole * (0.15 + 0.85 * random(attempts)));
      const end = await exitOf(child);
      clearTimeout(timer);
      if (end === 'SIGKILL') killed += 1;
      else assert.equal(end, 0);
    }
    assert.equal(await exitOf(run()), 0);
    t.diagnostic(`${attempts} runs, ${killed} killed, ${delivered} reports, a whole run took ${Math.round(whole)} ms`);

    const ids = (await world.rows('report_id')).map((row) => String(row['report_id']));
    assert.deepEqual([ids.length, new Set(ids).size], [delivered, delivered]);
    assert.deepEqual([server.count('INBOX'), server.count('Postern/Processed')], [0, delivered]);
    const last = await world.ingest({ environment: SECRETS });
    assert.deepEqual([last.messages, last.reports], [0, 0]);
  } finally {
    await server.stop();
    world.remove();
  }
});

/** 0 to 1, by the seed. */
function random(step: number): number {
  return createHash('sha256').update(`${SEED}/${step}`).digest().readUInt32BE(0) / 2 ** 32;
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  const end = await new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (end !== 0 && end !== 'SIGKILL') console.error(said);
  return end;
}
