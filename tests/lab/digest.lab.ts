import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';
import type { Instant } from '#scripts/core/clock.ts';
import { composeMail } from '#scripts/io/smtp-submit/compose.ts';
import { openSubmission } from '#scripts/io/smtp-submit/submit.ts';
import { digestWeekly } from '#scripts/tasks/digest-weekly.ts';
import { storeRows } from '../io/store/stored-rows.ts';
import { failure, reportOf } from '../tasks/stored-rows.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';
import { type PostfixDelivery, startPostfixDelivery } from './servers/postfix-delivery.ts';

const NOW = '2026-11-24T06:00:00Z' as Instant;

describe('the weekly mail through Postfix, read back over IMAP', { timeout: 120_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'postern-digest-lab-'));
  const data = join(root, 'data');
  let dovecot: Dovecot;
  let postfix: PostfixDelivery;
  before(async () => {
    dovecot = await startDovecot();
    postfix = await startPostfixDelivery(dovecot, ['ops@lab.test', 'owner@lab.test']);
    mkdirSync(join(root, 'domains'));
    const settings = `organisation: Lab\nreporting:\n  rua: [mailto:r@organisation.example]\ndigest:\n  from: postern@lab.test\n  to: [ops@lab.test, gone@lab.test]\n  smtp: {host: 127.0.0.1, port: ${postfix.port}}\n`;
    writeFileSync(join(root, 'domains/_settings.yaml'), settings);
    writeFileSync(
      join(root, 'domains/ours.example.yaml'),
      'mode: enforce\nmx: [mx1.ours.example]\ndigest: [owner@lab.test]\n',
    );
    await storeRows(data, [
      reportOf('ours.example', '2026-11-17', 300, [failure('certificate-expired', 'mx1.ours.example', 40)]),
    ]);
  });
  after(async () => {
    postfix?.stop();
    await dovecot?.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const run = () =>
    digestWeekly({ root, data, out: join(root, 'out'), period: null, now: NOW, dryRun: false, environment: {} });

  test('who has a mailbox gets one mail under TLS; who has none is reported; again sends nothing', async () => {
    const first = await run();
    assert.deepEqual(first.sent, ['ops@lab.test', 'owner@lab.test']);
    assert.deepEqual(
      first.rejected.map(({ to }) => to),
      ['gone@lab.test'],
    );
    assert.match(first.rejected[0]?.response ?? '', /^550 /);
    const again = await run();
    assert.deepEqual([again.sent, again.already], [[], ['ops@lab.test', 'owner@lab.test']]);

    for (let waited = 0; dovecot.count('INBOX') < 2 && waited < 10_000; waited += 100) await pause(100);
    const mails = await readInbox(dovecot);
    assert.deepEqual(mails.map(({ to }) => to).sort(), ['ops@lab.test', 'owner@lab.test']);
    for (const { text, html, received } of mails) {
      assert.match(received, /using TLSv1\.[23]/);
      for (const part of ['ours.example', 'certificate-expired', 'What is not known']) {
        assert.ok(text.includes(part), part);
        assert.ok(html.includes(part), part);
      }
    }
  });

  test('beyond this machine no mail goes without a certificate that fits', async () => {
    // Another name of the loopback, which the certificate does not have.
    const submitter = openSubmission({
      host: '0.0.0.0',
      port: postfix.port,
      user: null,
      password: null,
      caFile: dovecot.caFile,
    });
    const mail = await composeMail({
      from: 'a@lab.test',
      to: 'ops@lab.test',
      subject: 's',
      text: 't',
      html: '<p>t</p>',
      date: NOW,
      id: 'x@lab.test',
    });
    await assert.rejects(submitter.send(mail, 'a@lab.test', 'ops@lab.test'), { code: 'smtp-unavailable', exit: 3 });
    submitter.close();
  });
});

async function readInbox(dovecot: Dovecot) {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: dovecot.plainPort,
    secure: false,
    auth: { user: 'reports', pass: 'secret' },
    logger: false,
    doSTARTTLS: false,
  });
  await client.connect();
  const mails: { to: string; text: string; html: string; received: string }[] = [];
  const lock = await client.getMailboxLock('INBOX');
  try {
    for await (const { source } of client.fetch('1:*', { source: true })) {
      if (source === undefined) continue;
      const { to, text = '', html, headerLines } = await simpleParser(source);
      const first = Array.isArray(to) ? to[0] : to;
      const received = headerLines
        .filter(({ key }) => key === 'received')
        .map(({ line }) => line)
        .join('\n');
      mails.push({ to: first?.value[0]?.address ?? '', text, html: html || '', received });
    }
  } finally {
    lock.release();
    await client.logout();
  }
  return mails;
}
