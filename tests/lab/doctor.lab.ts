import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { selfTestCheck } from '#scripts/tasks/doctor/self-test.ts';
import { loadConfiguration } from '#scripts/tasks/load-configuration.ts';
import { instantOf } from '../io/store/stored-rows.ts';
import { NOW, type World } from '../tasks/ingest-world.ts';
import { mailboxWorld, SECRETS } from './mailbox-world.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';
import { type PostfixDelivery, startPostfixDelivery } from './servers/postfix-delivery.ts';

describe('the self-test mail of doctor, through Postfix into Dovecot', { timeout: 120_000 }, () => {
  let dovecot: Dovecot;
  let postfix: PostfixDelivery;
  let world: World;
  before(async () => {
    dovecot = await startDovecot();
    postfix = await startPostfixDelivery(dovecot, ['tls@lab.test']);
    world = mailboxWorld(dovecot);
  });
  after(async () => {
    postfix?.stop();
    await dovecot?.stop();
    world?.remove();
  });

  /** What doctor says when reports go to this address; null = without a server to send by. */
  async function check(to: string, { send = true, smtp = true } = {}) {
    const settings = {
      organisation: 'Lab',
      reporting: { rua: [`mailto:${to}`] },
      mailbox: { imap: { host: 'localhost', port: dovecot.imapsPort, user: 'reports' } },
      ...(smtp
        ? {
            digest: { from: 'postern@lab.test', to: ['ops@lab.test'], smtp: { host: '127.0.0.1', port: postfix.port } },
          }
        : {}),
      network: { ca_file: 'ca.pem', dkim_keys: 'keys.txt', resolver: 'udp://127.0.0.1:9' },
    };
    writeFileSync(join(world.root, 'domains/_settings.yaml'), JSON.stringify(settings));
    const { settings: read, problems } = await loadConfiguration(world.root);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.ok(read?.mailbox && 'imap' in read.mailbox);
    const options = { root: world.root, now: instantOf(NOW), environment: SECRETS, progress: () => {} };
    return selfTestCheck(read, read.mailbox.imap, { ...options, send, wait: 30 });
  }

  test('it is sent, found, and filed and counted by ingest', async () => {
    assert.equal((await check('tls@lab.test', { send: false })).state, 'unknown');
    assert.equal(dovecot.count('INBOX'), 0);
    const told = await check('tls@lab.test');
    assert.deepEqual([told.state, dovecot.count('INBOX')], ['ok', 1], told.text);
    const result = await world.ingest({ environment: SECRETS });
    assert.deepEqual([result.other, result.quarantined, result.reports], [{ 'self-test': 1 }, [], 0]);
    assert.deepEqual([dovecot.count('INBOX'), dovecot.count('Postern/Processed')], [0, 1]);
  });

  test('an address that does not exist is bad; without a server to send by it is said how', async () => {
    const gone = await check('nobody@lab.test');
    assert.deepEqual([gone.state, /refuses mail to nobody@lab\.test: 550/.test(gone.text)], ['bad', true], gone.text);
    const without = await check('tls@lab.test', { smtp: false });
    assert.deepEqual([without.state, /digest\.smtp/.test(without.fix ?? '')], ['unknown', true]);
  });
});
