import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { composeMail, policyJson, reportJson, tlsrptPart } from '../io/mail/report-mail.ts';
import { NOW, newWorld } from '../tasks/ingest-world.ts';
import { BOMBS } from './bombs.ts';

/* Each bomb in a process of its own: in quarantine, with less than a second of work and less than 300 MB. */

const SECOND = 1000;
const MEMORY_MB = 300;
const INGEST = join(import.meta.dirname, '../../scripts/tasks/ingest.ts');
/** Processor time, because a busy machine makes everything take longer. */
const MEASURE = `
  import { ingest } from ${JSON.stringify(INGEST)};
  const [root, data, path, now] = process.argv.slice(1);
  const before = process.cpuUsage();
  const { quarantined, reports } = await ingest({ root, data, paths: [path], now, dryRun: false, progress: () => {} });
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ reasons: quarantined.map(({ reason }) => reason), reports, ms: (user + system) / 1000, peak }));
`;

interface Measured {
  readonly reasons: readonly string[];
  readonly reports: number;
  readonly ms: number;
  readonly peak: number;
}

function measure(content: Uint8Array): Measured {
  const world = newWorld();
  try {
    const path = world.put('thing', content);
    const args = ['--input-type=module-typescript', '-e', MEASURE, world.root, world.data, path, NOW];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Measured;
  } finally {
    world.remove();
  }
}

test('every bomb is quarantined, soon and small', { timeout: 600_000 }, async (t) => {
  const ordinary = measure(composeMail({ parts: [tlsrptPart(reportJson({ policies: [policyJson('example.com')] }))] }));
  assert.equal(ordinary.reports, 1);
  t.diagnostic(`an ordinary mail: ${Math.round(ordinary.ms)} ms, ${Math.round(ordinary.peak)} MB`);
  for (const [name, [reason, make]] of Object.entries(BOMBS)) {
    await t.test(name, (one) => {
      const { reasons, ms, peak } = measure(make());
      const more = ms - ordinary.ms;
      one.diagnostic(`${Math.round(more)} ms more than an ordinary mail, ${Math.round(peak)} MB`);
      assert.deepEqual(reasons, [reason]);
      assert.ok(more < SECOND, `${Math.round(more)} ms of processor time`);
      assert.ok(peak < MEMORY_MB, `${Math.round(peak)} MB`);
    });
  }
});
