import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { contentKind } from '#scripts/io/mail/content-kind.ts';
import { NOW, type World } from '../tasks/ingest-world.ts';
import { BOMBS, inMail } from './bombs.ts';
import { mailboxWorld, reportMails, SECRETS } from './mailbox-world.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';

/*
 * Bombs that arrive by mail, at a real IMAP server: in quarantine, with less than a second of work and less than 300 MB more
 * than the mail around them takes, which is stored as if they were not there.
 */

const SECOND = 1000;
const MEMORY_MB = 300;
const INGEST = join(import.meta.dirname, '../../scripts/tasks/ingest.ts');
/** Processor time, because a busy machine makes everything take longer. */
const MEASURE = `
  import { ingest } from ${JSON.stringify(INGEST)};
  const [root, data, now] = process.argv.slice(1);
  const before = process.cpuUsage();
  const environment = ${JSON.stringify(SECRETS)};
  const { quarantined, reports, messages } = await ingest({ root, data, paths: [], now, dryRun: false, environment, progress: () => {} });
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  const reasons = quarantined.map(({ reason }) => reason);
  process.stdout.write(JSON.stringify({ reasons, reports, messages, ms: (user + system) / 1000, peak }));
`;

interface Measured {
  readonly reasons: readonly string[];
  readonly reports: number;
  readonly messages: number;
  readonly ms: number;
  readonly peak: number;
}

/** What is no mail itself comes as an attachment. */
const MAILS = Object.entries(BOMBS).map(([name, [reason, make]]) => {
  const mail = (): Uint8Array => {
    const content = make();
    return contentKind(content) === 'mail' ? content : inMail(content);
  };
  return { name, reason, mail };
});

describe('bombs in the mailbox', { timeout: 600_000 }, () => {
  let server: Dovecot;
  let world: World;
  let ordinary: Measured;
  let mails = 0;

  before(async () => {
    server = await startDovecot();
    world = mailboxWorld(server);
    await measure([]);
    ordinary = await measure([]);
  });
  after(async () => {
    world?.remove();
    await server?.stop();
  });

  /** A run over so many bombs, each between two new reports. */
  async function measure(bombs: readonly (() => Uint8Array)[]): Promise<Measured> {
    const around = await reportMails(bombs.length + 1, mails);
    mails += around.length;
    server.deliver(around.slice(0, 1));
    for (const [index, bomb] of bombs.entries()) server.deliver([bomb(), ...around.slice(index + 1, index + 2)]);
    const args = ['--input-type=module-typescript', '-e', MEASURE, world.root, world.data, NOW];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const measured = JSON.parse(stdout) as Measured;
    assert.equal(measured.messages, around.length + bombs.length);
    assert.equal(measured.reports, around.length);
    assert.equal(server.count('INBOX'), 0);
    return measured;
  }

  for (const { name, reason, mail } of MAILS) {
    test(name, async (t) => {
      const { reasons, ms, peak } = await measure([mail]);
      t.diagnostic(`${Math.round(ms - ordinary.ms)} ms and ${Math.round(peak - ordinary.peak)} MB more than without`);
      assert.deepEqual(reasons, [reason]);
      assert.ok(ms - ordinary.ms < SECOND, `${Math.round(ms - ordinary.ms)} ms of processor time`);
      assert.ok(peak - ordinary.peak < MEMORY_MB, `${Math.round(peak - ordinary.peak)} MB`);
    });
  }

  test('all of them in one batch', async (t) => {
    const { reasons, ms, peak } = await measure(MAILS.map(({ mail }) => mail));
    t.diagnostic(`${Math.round(ms - ordinary.ms)} ms and ${Math.round(peak - ordinary.peak)} MB more than without`);
    assert.deepEqual([...reasons].sort(), MAILS.map(({ reason }) => reason).sort());
    assert.ok(ms - ordinary.ms < MAILS.length * SECOND, `${Math.round(ms - ordinary.ms)} ms of processor time`);
    assert.ok(peak - ordinary.peak < MEMORY_MB, `${Math.round(peak - ordinary.peak)} MB`);
  });
});
