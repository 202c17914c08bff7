import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { selfTestMail } from '#scripts/core/reports/self-test.ts';
import { checkMailbox } from '#scripts/tasks/doctor/mailbox-check.ts';
import { loadConfiguration } from '#scripts/tasks/load-configuration.ts';
import { composeMail, newSigner, policyJson, reportJson, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { instantOf } from '../io/store/stored-rows.ts';
import { NOW, type World } from '../tasks/ingest-world.ts';
import { configure, mailboxWorld, reportMail, reportMails, SECRETS, SENDER } from './mailbox-world.ts';
import { startCuttingProxy } from './servers/cutting-proxy.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';

const PROCESSED = 'Postern/Processed';
const REJECTED = 'Postern/Rejected';
const OTHER = composeMail({ headers: [], type: 'multipart/mixed', parts: [] });

describe('the mailbox at a real IMAP server', { timeout: 600_000 }, () => {
  const worlds: World[] = [];
  const servers: Dovecot[] = [];
  after(async () => {
    for (const world of worlds) world.remove();
    await Promise.all(servers.map((server) => server.stop()));
  });

  async function newMailbox(imap: Readonly<Record<string, unknown>> = {}): Promise<{ server: Dovecot; world: World }> {
    const server = await startDovecot();
    const world = mailboxWorld(server, imap);
    servers.push(server);
    worlds.push(world);
    return { server, world };
  }

  const ingest = (world: World, options: Parameters<World['ingest']>[0] = {}) =>
    world.ingest({ environment: SECRETS, ...options });
  const position = (world: World) => JSON.parse(readFileSync(join(world.data, 'checkpoint.json'), 'utf8'));
  const storedIds = async (world: World): Promise<readonly unknown[]> =>
    (await world.rows('report_id')).map((row) => row['report_id']);
  async function failureOf(work: Promise<unknown>): Promise<PosternError> {
    const error = await work.then(
      () => null,
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof PosternError, String(error));
    assert.ok(error.hint !== null);
    return error;
  }

  describe('what is read, and where it goes', () => {
    let server: Dovecot;
    let world: World;
    before(async () => {
      ({ server, world } = await newMailbox());
    });

    test('reports to processed, the rest to rejected, both made when missing; the position is kept', async () => {
      const broken = composeMail({ parts: [tlsrptPart({}, { content: Buffer.from('garbage') })] });
      server.deliver([...(await reportMails(3)), OTHER, broken]);
      const result = await ingest(world);
      assert.deepEqual([result.messages, result.reports, result.unauthenticated], [5, 3, 0]);
      assert.deepEqual(result.other, { mail: 1 });
      assert.deepEqual(result.quarantined, [{ source: 'INBOX UID 5', reason: 'not-json' }]);
      assert.deepEqual([server.count('INBOX'), server.count(PROCESSED), server.count(REJECTED)], [0, 3, 2]);
      const { mailbox, tasks } = position(world);
      assert.deepEqual(
        [mailbox.folder, mailbox.uid, mailbox.filed[PROCESSED].uid, mailbox.filed[REJECTED].uid],
        ['INBOX', 5, 3, 2],
      );
      assert.deepEqual(tasks.ingest, { last_attempt: NOW, last_success: NOW });
    });

    test('nothing new: nothing is fetched, moved or written', async () => {
      const files = world.tree();
      const result = await ingest(world);
      assert.deepEqual([result.messages, result.reports, result.duplicates], [0, 0, 0]);
      assert.deepEqual(world.tree(), files);
    });

    test('the same mail again, and the same report to another address', async () => {
      const [again] = await reportMails(1);
      assert.ok(again);
      server.deliver([again, Buffer.concat([Buffer.from('Delivered-To: other@organisation.example\r\n'), again])]);
      const result = await ingest(world);
      // Ed25519 signatures are the same each time, so the first is the very mail that was stored.
      assert.deepEqual([result.messages, result.reports, result.duplicates, result.conflicts], [2, 0, 2, 0]);
      assert.equal(server.count('INBOX'), 0);
    });

    test('the same identity with other content is a conflict, kept and counted', async () => {
      server.deliver([await reportMail('r1', { 'x-other': 1 })]);
      const result = await ingest(world);
      assert.deepEqual([result.reports, result.duplicates, result.conflicts], [1, 0, 1]);
    });

    test('a dry run reads everything and touches nothing', async () => {
      server.deliver(await reportMails(2, 100));
      const before = readFileSync(join(world.data, 'checkpoint.json'), 'utf8');
      const result = await ingest(world, { dryRun: true });
      assert.deepEqual([result.reports, server.count('INBOX')], [2, 2]);
      assert.equal(readFileSync(join(world.data, 'checkpoint.json'), 'utf8'), before);
      assert.equal((await ingest(world)).reports, 2);
    });

    test('the server gives the folder other UIDs: everything in it is read again, nothing twice', async () => {
      server.deliver(await reportMails(3, 200));
      await ingest(world);
      server.deliver([...(await reportMails(2, 201)), ...(await reportMails(2, 300))]);
      const { uidvalidity } = position(world).mailbox;
      await server.renumber();
      const result = await ingest(world);
      assert.deepEqual([result.messages, result.reports, result.duplicates], [4, 2, 2]);
      assert.equal(server.count('INBOX'), 0);
      assert.notEqual(position(world).mailbox.uidvalidity, uidvalidity);
    });

    test('a lost position: everything filed is looked at again, and recognised', async () => {
      const stored = (await storedIds(world)).length;
      rmSync(join(world.data, 'checkpoint.json'));
      const result = await ingest(world);
      assert.deepEqual([result.reports, result.duplicates > 0], [0, true]);
      assert.equal((await storedIds(world)).length, stored);
      assert.equal((await ingest(world)).messages, 0);
    });

    test('a run that moved mail and then lost its data: the mail is read from where it was moved', async () => {
      const kept = readFileSync(join(world.data, 'checkpoint.json'));
      const parts = new Set(world.tree().keys());
      server.deliver(await reportMails(4, 400));
      assert.equal((await ingest(world)).reports, 4);
      // What the run wrote is gone, as when a job is cancelled before it pushes its data.
      writeFileSync(join(world.data, 'checkpoint.json'), kept);
      for (const name of world.tree().keys()) if (!parts.has(name)) rmSync(join(world.data, name));
      server.deliver(await reportMails(1, 500));
      const result = await ingest(world);
      assert.deepEqual([result.reports, result.duplicates], [5, 0]);
      assert.equal((await ingest(world)).messages, 0);
    });
  });

  test('only reports are moved, or nothing is', async () => {
    const { server, world } = await newMailbox({ filing: 'reports' });
    server.deliver([await reportMail('a'), OTHER]);
    assert.equal((await ingest(world)).reports, 1);
    assert.deepEqual([server.count('INBOX'), server.count(PROCESSED), server.count(REJECTED)], [1, 1, 0]);
    assert.equal((await ingest(world)).messages, 0);
    configure(world, server, { filing: 'flag' });
    server.deliver([await reportMail('b')]);
    assert.equal((await ingest(world)).reports, 1);
    assert.deepEqual([server.count('INBOX'), server.count(PROCESSED)], [2, 1]);
    assert.equal((await ingest(world)).messages, 0);
  });

  test('while the DNS does not answer, mail stays in the inbox; later it is read again and believed', async () => {
    const { server, world } = await newMailbox();
    const late = newSigner('late.example');
    const json = reportJson({ 'report-id': 'late', 'contact-info': 'tls@late.example' });
    server.deliver([await signMail(composeMail({ parts: [tlsrptPart(json)] }), late), await reportMail('a')]);
    const first = await ingest(world);
    assert.deepEqual([first.reports, first.unauthenticated, first.waiting], [2, 1, 1]);
    assert.deepEqual([server.count('INBOX'), server.count(PROCESSED)], [1, 1]);
    const second = await ingest(world);
    assert.deepEqual([second.messages, second.reports, second.duplicates, second.waiting], [1, 0, 1, 1]);
    const key = ({ name, record }: typeof late): string => `${name}. 300 IN TXT "${record}"\n`;
    writeFileSync(join(world.root, 'keys.txt'), key(late) + key(SENDER));
    const third = await ingest(world);
    assert.deepEqual([third.reports, third.unauthenticated, third.waiting, server.count('INBOX')], [1, 0, 0, 0]);
    assert.deepEqual(await world.rows('report_id, dkim'), [
      { report_id: 'a', dkim: 'pass' },
      { report_id: 'late', dkim: 'pass' },
      { report_id: 'late', dkim: 'temporary' },
    ]);
  });

  test('mail whose key nobody could ask for in a week is filed as it is', async () => {
    const { server, world } = await newMailbox();
    const json = reportJson({ 'report-id': 'late', 'contact-info': 'tls@late.example' });
    server.deliver([await signMail(composeMail({ parts: [tlsrptPart(json)] }), newSigner('late.example'))]);
    assert.equal((await ingest(world)).waiting, 1);
    assert.equal((await ingest(world, { now: '2026-11-25T06:00:00Z' })).waiting, 1);
    const last = await ingest(world, { now: '2026-11-26T06:00:00Z' });
    assert.deepEqual([last.waiting, server.count('INBOX'), server.count(PROCESSED)], [0, 0, 1]);
  });

  test('a mail too large to be read is quarantined by its beginning', async () => {
    const { server, world } = await newMailbox();
    const head = 'From: a@b.example\r\nSubject: x\r\n\r\n';
    server.deliver([Buffer.concat([Buffer.from(head), Buffer.alloc(26 * 2 ** 20, 0x61)]), await reportMail('a')]);
    const result = await ingest(world);
    assert.deepEqual([result.reports, result.quarantined], [1, [{ source: 'INBOX UID 1', reason: 'too-large' }]]);
    assert.deepEqual([server.count('INBOX'), server.count(REJECTED)], [0, 1]);
    const raw = [...world.tree().keys()].find((name) => name.endsWith('/raw'));
    assert.equal(readFileSync(join(world.data, String(raw))).toString('latin1', 0, head.length), head);
  });

  test('a self-test mail is found by its id, before and after ingest has filed it', async () => {
    const { server, world } = await newMailbox();
    const { settings } = await loadConfiguration(world.root);
    assert.ok(settings?.mailbox && 'imap' in settings.mailbox);
    const { imap } = settings.mailbox;
    const look = (self_test: string | null) =>
      checkMailbox({ imap, network: settings.network, root: world.root, environment: SECRETS, self_test });
    assert.deepEqual((await look('id-1')).found, false);
    const mail = { from: 'postern@organisation.example', to: 'tls@organisation.example', now: instantOf(NOW) };
    server.deliver([Buffer.from(selfTestMail({ ...mail, id: 'id-1' }))]);
    assert.deepEqual([(await look('id-1')).found, (await look('id-2')).found], [true, false]);
    assert.deepEqual((await ingest(world)).other, { 'self-test': 1 });
    const filed = await look('id-1');
    assert.deepEqual([filed.found, filed.folders.includes(PROCESSED), server.count('INBOX')], [true, true, 0]);
    assert.deepEqual((await look(null)).found, null);
  });

  test('mail about a domain that becomes ours later counts, once, after it is moved back to the inbox', async () => {
    const { server, world } = await newMailbox();
    const { policies } = reportJson({ policies: [policyJson('later.example')] });
    server.deliver([await reportMail('later', { policies })]);
    assert.deepEqual([(await ingest(world)).foreign, server.count(PROCESSED)], [1, 1]);
    writeFileSync(join(world.root, 'domains/later.example.yaml'), 'mode: testing\nmx: [mx1.later.example]\n');
    server.deliver(server.messages(PROCESSED));
    server.forget(PROCESSED);
    const back = await ingest(world);
    assert.deepEqual([back.reports, back.foreign, back.unauthenticated], [1, 0, 0]);
    server.deliver(server.messages(PROCESSED));
    assert.deepEqual([(await ingest(world)).reports, (await ingest(world)).messages], [0, 0]);
  });

  test('--filed reads filed mail again: of a domain that became ours since it counts, once, and nothing else does', async () => {
    for (const imap of [{}, { filing: 'flag' }]) {
      const { server, world } = await newMailbox(imap);
      const { policies } = reportJson({ policies: [policyJson('later.example')] });
      server.deliver([await reportMail('later', { policies }), await reportMail('ours')]);
      const { reports, foreign } = await ingest(world);
      assert.deepEqual([reports, foreign], [2, 1]);
      writeFileSync(join(world.root, 'domains/later.example.yaml'), 'mode: testing\nmx: [mx1.later.example]\n');
      assert.equal((await ingest(world)).messages, 0);
      const again = await ingest(world, { filed: true });
      assert.deepEqual([again.reports, again.foreign, again.unauthenticated, again.duplicates], [1, 0, 0, 1]);
      assert.equal((await ingest(world, { filed: true })).reports, 0);
      assert.equal((await ingest(world)).messages, 0);
    }
  });

  test('--filed goes on where the time was up, and begins anew for other domains', async () => {
    for (const imap of [{}, { filing: 'flag' }]) {
      const { server, world } = await newMailbox(imap);
      const { policies } = reportJson({ policies: [policyJson('later.example')] });
      const mails = await Promise.all(Array.from({ length: 300 }, (_, index) => reportMail(`f${index}`, { policies })));
      server.deliver(mails);
      assert.equal((await ingest(world)).foreign, 300);
      writeFileSync(join(world.root, 'domains/later.example.yaml'), 'mode: testing\nmx: [mx1.later.example]\n');
      const runs = [];
      do runs.push(await ingest(world, { filed: true, budget: 0.001 }));
      while ((runs.at(-1)?.remaining ?? 0) > 0 && runs.length < 20);
      const [first] = runs;
      assert.ok(runs.length > 1 && runs.length < 20, `${runs.length} runs`);
      assert.equal(first?.remaining, 300 - (first?.messages ?? 0));
      assert.equal(
        runs.reduce((sum, { messages }) => sum + messages, 0),
        300,
      );
      assert.equal(
        runs.reduce((sum, { reports }) => sum + reports, 0),
        300,
      );
      const whole = await ingest(world, { filed: true });
      assert.deepEqual([whole.messages, whole.reports], [300, 0]);
      const begun = await ingest(world, { filed: true, budget: 0.001 });
      writeFileSync(join(world.root, 'domains/last.example.yaml'), 'mode: testing\nmx: [mx1.last.example]\n');
      const anew = await ingest(world, { filed: true });
      assert.ok(begun.remaining > 0);
      assert.deepEqual([anew.messages, anew.remaining], [300, 0]);
    }
  });

  test('two runs at once: one works, the other is told so, and nothing is stored twice', async () => {
    const { server, world } = await newMailbox();
    server.deliver(await reportMails(50));
    const results = await Promise.allSettled([ingest(world), ingest(world)]);
    const refused = results.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 1);
    assert.ok(refused[0]?.reason instanceof PosternError && refused[0].reason.code === 'store-busy');
    await ingest(world);
    assert.equal(new Set(await storedIds(world)).size, 50);
  });

  test('two repositories read one mailbox at once: each report is in at least one of them, none is twice in any', async () => {
    const { server, world } = await newMailbox();
    const other = mailboxWorld(server);
    worlds.push(other);
    server.deliver(await reportMails(300));
    await Promise.allSettled([ingest(world), ingest(other)]);
    await ingest(world);
    await ingest(other);
    for (const one of [world, other]) {
      const ids = await storedIds(one);
      assert.deepEqual([ids.length, new Set(ids).size], [300, 300]);
    }
    assert.equal(server.count('INBOX'), 0);
  });

  test('the time budget leaves the rest for the next run', async () => {
    const { server, world } = await newMailbox();
    server.deliver(await reportMails(600));
    const first = await ingest(world, { budget: 0.001 });
    assert.ok(first.reports > 0 && first.remaining > 0 && first.reports + first.remaining === 600);
    assert.equal(server.count('INBOX'), first.remaining);
    const second = await ingest(world);
    assert.deepEqual([second.reports, second.duplicates, second.remaining], [first.remaining, 0, 0]);
  });

  describe('the connection', () => {
    let server: Dovecot;
    let world: World;
    before(async () => {
      ({ server, world } = await newMailbox());
      server.tokens.set('reports', 'good-token');
      // Dovecot wants an address where the token speaks of one.
      server.tokens.set('reports@organisation.example', 'good-token-2');
    });

    test('STARTTLS where the port speaks plainly, and no TLS only on loopback', async () => {
      for (const imap of [
        { port: server.imapPort },
        { port: server.plainPort, tls: false },
        { port: server.plainPort, tls: false, host: '127.0.0.1' },
      ]) {
        configure(world, server, imap);
        assert.equal((await ingest(world)).messages, 0);
      }
      configure(world, server, { host: 'imap.example.com', tls: false });
      const error = await failureOf(ingest(world));
      assert.deepEqual([error.code, error.exit], ['imap-tls-required', 2]);
    });

    test('what is wrong is told with the setting that mends it', async () => {
      const cases: readonly (readonly [string, 2 | 3, RegExp, object, object, Readonly<Record<string, string>>])[] = [
        ['imap-login', 2, /POSTERN_IMAP_PASSWORD/, {}, {}, { POSTERN_IMAP_PASSWORD: 'wrong' }],
        ['imap-password-missing', 2, /POSTERN_IMAP_PASSWORD/, {}, {}, {}],
        ['imap-token-missing', 2, /POSTERN_IMAP_TOKEN/, { auth: 'oauth2' }, {}, {}],
        ['imap-login', 2, /POSTERN_IMAP_TOKEN/, { auth: 'oauth2' }, {}, { POSTERN_IMAP_TOKEN: 'wrong' }],
        ['imap-folder-missing', 2, /mailbox\.imap\.inbox.*"INBOX"/, { inbox: 'Reports' }, {}, SECRETS],
        ['imap-unreachable', 3, /mailbox\.imap\.port/, { port: 9 }, {}, SECRETS],
        ['imap-unreachable', 3, /mailbox\.imap\.host/, { host: 'nowhere.invalid' }, {}, SECRETS],
        ['imap-certificate', 3, /network\.ca_file/, {}, { ca_file: undefined }, SECRETS],
        ['ca-file', 2, /network\.ca_file|PEM/, {}, { ca_file: 'nothing.pem' }, SECRETS],
      ];
      for (const [code, exit, hint, imap, network, environment] of cases) {
        configure(world, server, { ...imap }, { ...network });
        const error = await failureOf(world.ingest({ environment }));
        assert.deepEqual([error.code, error.exit], [code, exit], error.message);
        assert.match(`${error.message} ${error.hint}`, hint);
        assert.ok(!`${error.message} ${error.hint}`.includes('wrong'));
      }
    });

    test('a server without TLS gets no password', async () => {
      const plain = await startDovecot({ tls: false });
      servers.push(plain);
      configure(world, plain, { port: plain.imapPort });
      const error = await failureOf(ingest(world));
      assert.deepEqual([error.code, error.exit], ['imap-no-tls', 2]);
    });

    test('OAuth2: a token that is given, one by client credentials, one by a refresh token', async () => {
      const oauth = { auth: 'oauth2', user: 'reports@organisation.example' };
      configure(world, server, oauth);
      assert.equal((await world.ingest({ environment: { POSTERN_IMAP_TOKEN: 'good-token-2' } })).messages, 0);

      const asked: Record<string, string>[] = [];
      const endpoint = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += String(chunk);
        });
        request.on('end', () => {
          const form = Object.fromEntries(new URLSearchParams(body));
          asked.push(form);
          const good = form['client_secret'] === 'client-secret';
          response.statusCode = good ? 200 : 401;
          response.end(
            JSON.stringify(good ? { access_token: 'good-token-2', token_type: 'Bearer' } : { error: 'invalid_client' }),
          );
        });
      });
      await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`;
        const oauth2 = { provider: 'microsoft', client_id: 'app', token_url: url };
        configure(world, server, { ...oauth, oauth2 });
        const secret = { POSTERN_IMAP_CLIENT_SECRET: 'client-secret' };
        await world.ingest({ environment: secret });
        await world.ingest({ environment: { ...secret, POSTERN_IMAP_REFRESH_TOKEN: 'refresh' } });
        assert.deepEqual(asked, [
          {
            client_id: 'app',
            client_secret: 'client-secret',
            grant_type: 'client_credentials',
            scope: 'https://outlook.office365.com/.default',
          },
          {
            client_id: 'app',
            client_secret: 'client-secret',
            grant_type: 'refresh_token',
            refresh_token: 'refresh',
            scope: 'https://outlook.office.com/IMAP.AccessAsUser.All offline_access',
          },
        ]);
        const error = await failureOf(world.ingest({ environment: { POSTERN_IMAP_CLIENT_SECRET: 'wrong' } }));
        assert.deepEqual([error.code, error.exit], ['oauth-refused', 2]);
        assert.match(error.message, /invalid_client/);
      } finally {
        endpoint.close();
      }
    });

    test('a failed run is written down as one', async () => {
      configure(world, server, { port: 9 });
      await failureOf(ingest(world, { now: '2026-11-20T06:00:00Z' }));
      const { last_attempt, last_success } = position(world).tasks.ingest;
      assert.deepEqual([last_attempt, last_success], ['2026-11-20T06:00:00Z', NOW]);
    });
  });

  test('a connection cut at any byte: the next runs finish, each report once', async () => {
    const { server, world } = await newMailbox();
    const proxy = await startCuttingProxy(server.imapsPort);
    try {
      configure(world, server, { port: proxy.port });
      let delivered = 0;
      let cuts = 0;
      for (let round = 0; round < 40; round += 1) {
        server.deliver(await reportMails(12, delivered));
        delivered += 12;
        // From the first bytes of the handshake to the last answer of the session.
        proxy.cutAfter = Math.floor((round * 40_000) / 40) + ((round * 7919) % 997);
        await ingest(world).catch((error: unknown) => {
          assert.ok(error instanceof PosternError && error.exit === 3, String(error));
          cuts += 1;
        });
      }
      assert.ok(cuts > 15, `${cuts} runs were cut`);
      proxy.cutAfter = null;
      await ingest(world);
      const ids = await storedIds(world);
      assert.deepEqual([ids.length, new Set(ids).size], [delivered, delivered]);
      assert.equal(server.count('INBOX'), 0);
      assert.ok(!existsSync(join(world.data, '.writing')));
    } finally {
      proxy.close();
    }
  });
});
