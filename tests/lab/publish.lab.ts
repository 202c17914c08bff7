import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAskAuthority } from '#scripts/io/dns/ask-authority.ts';
import { openProvider } from '#scripts/io/dns-providers/open-provider.ts';
import type { DnsProvider } from '#scripts/io/dns-providers/provider.ts';
import { setRecords } from '#scripts/io/dns-providers/set-records.ts';
import { killEverywhere } from '../tasks/publish/kill-everywhere.ts';
import { killWalk, WALKS } from '../tasks/publish/move-everywhere.ts';
import { type Named, startNamed } from './servers/named.ts';
import { type Pebble, startPebble } from './servers/pebble.ts';
import { type Running, run } from './servers/process.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';

/** `publish` with real servers: BIND takes the updates, Caddy serves the bundle with certificates of an ACME authority. */

const DOMAIN = 'lab.test';
const HOST = `mta-sts.${DOMAIN}`;
const POSTERN = fileURLToPath(new URL('../../scripts/postern.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'postern-publish-lab-'));

let named: Named;
let unbound: Unbound;
let pebble: Pebble;
let caddy: Running | null = null;

before(async () => {
  named = await startNamed([
    {
      name: DOMAIN,
      kind: 'secure',
      records: ['@ MX 10 mx1', 'mx1 A 127.0.0.1', 'mta-sts A 127.0.0.1', '_smtp._tls TXT "of somebody else"'],
      updatable: [`name _mta-sts.${DOMAIN} TXT`, `name _smtp._tls.${DOMAIN} TXT`, `name ${HOST} CNAME`],
    },
  ]);
  unbound = await startUnbound(named);
  pebble = await startPebble(named.port);
});

after(async () => {
  await caddy?.stop();
  await pebble?.stop();
  await unbound?.stop();
  await named?.stop();
  rmSync(root, { recursive: true, force: true });
});

async function update(changes: { secret?: string; key_name?: string; skew?: number } = {}): Promise<DnsProvider> {
  const { key_name, algorithm, secret } = named.tsig;
  const provider = await openProvider(
    {
      kind: 'rfc2136',
      server: named.address,
      port: named.port,
      zone: null,
      key_name: changes.key_name ?? key_name,
      algorithm,
    },
    {
      environment: { POSTERN_TSIG_SECRET: changes.secret ?? secret },
      zone: DOMAIN,
      isOurs: () => true,
      nowSeconds: () => Math.floor(Date.now() / 1000) + (changes.skew ?? 0),
    },
  );
  assert.ok(provider !== null);
  return provider;
}

async function texts(name: string): Promise<readonly string[]> {
  const ask = createAskAuthority({ port: named.port, allow_private: true });
  return (await ask(named.address, name, 'TXT')).records;
}

const NAME = `_mta-sts.${DOMAIN}`;
const id = (text: string) => ({ name: NAME, type: 'TXT' as const, ttl: 300, values: [`v=STSv1; id=${text}`] });

suite('rfc2136 against BIND', () => {
  test('makes, changes, leaves alone and removes a record', async () => {
    const provider = await update();
    assert.equal(await setRecords(provider, id('1')), true);
    assert.deepEqual(await texts(NAME), ['v=STSv1; id=1']);
    assert.equal(await setRecords(provider, id('1')), false);
    assert.equal(await setRecords(provider, id('2')), true);
    assert.deepEqual(await texts(NAME), ['v=STSv1; id=2']);
    assert.equal(await setRecords(provider, { ...id(''), values: [] }), true);
    assert.deepEqual(await texts(NAME), []);
  });

  test('swaps only what was seen', async () => {
    const provider = await update();
    const nothing = await provider.read(id(''));
    assert.equal(await provider.write(nothing, ['v=STSv1; id=a'], 300), 'written');
    assert.equal(await provider.write(nothing, ['v=STSv1; id=b'], 300), 'conflict', 'made by somebody else meanwhile');
    const seen = await provider.read(id(''));
    await provider.write(seen, ['v=STSv1; id=c'], 300);
    assert.equal(await provider.write(seen, ['v=STSv1; id=d'], 300), 'conflict', 'changed by somebody else meanwhile');
    assert.deepEqual(await texts(NAME), ['v=STSv1; id=c']);
    await setRecords(provider, { ...id(''), values: [] });
  });

  test('a text longer than one character string, beside a record of somebody else', async () => {
    const rua = `v=TLSRPTv1; rua=${Array.from({ length: 10 }, (_, index) => `mailto:tls-reports-${index}@lab.test`).join(',')}`;
    const record = { name: `_smtp._tls.${DOMAIN}`, type: 'TXT' as const, ttl: 86_400, values: [rua] };
    const provider = await update();
    assert.equal(await setRecords(provider, record), true);
    assert.deepEqual([...(await texts(record.name))].sort(), ['of somebody else', rua]);
    assert.equal(await setRecords(provider, record), false);
    await setRecords(provider, { ...record, values: [] });
    assert.deepEqual(await texts(record.name), ['of somebody else']);
  });

  test('what the key may not do, a wrong secret, an unknown key, a clock that is wrong: each in words', async () => {
    const www = { name: `www.${DOMAIN}`, type: 'TXT' as const, ttl: 300, values: ['v=STSv1; id=x'] };
    await assert.rejects(setRecords(await update(), www), { code: 'dns-refused', message: /REFUSED/ });
    const wrong = Buffer.alloc(32, 7).toString('base64');
    await assert.rejects(setRecords(await update({ secret: wrong }), id('x')), {
      code: 'dns-refused',
      message: /BADSIG/,
    });
    await assert.rejects(setRecords(await update({ key_name: 'other' }), id('x')), {
      code: 'dns-refused',
      message: /BADKEY/,
    });
    await assert.rejects(setRecords(await update({ skew: 3600 }), id('x')), {
      code: 'dns-refused',
      message: /BADTIME/,
    });
    assert.deepEqual(await texts(NAME), []);
  });
});

suite('a bundle, from nothing to in force', () => {
  const postern = (...argv: string[]) =>
    new Promise<{ status: number; json: Record<string, never[]>; err: string }>((resolve) => {
      const environment = {
        ...process.env,
        POSTERN_TSIG_SECRET: named.tsig.secret,
        GITHUB_REPOSITORY: '',
        GITHUB_ACTIONS: '',
      };
      execFile(
        process.execPath,
        [POSTERN, ...argv, '--root', root, '--json'],
        { env: environment },
        (error, out, err) => {
          resolve({ status: typeof error?.code === 'number' ? error.code : 0, json: JSON.parse(out), err });
        },
      );
    });

  test('waits for the host, then moves the id, and does nothing twice', async () => {
    const { key_name, algorithm } = named.tsig;
    mkdirSync(join(root, 'domains'));
    writeFileSync(join(root, 'ca.pem'), await pebble.root());
    const settings = {
      organisation: 'Lab',
      reporting: { rua: ['mailto:tls@lab.test'] },
      hosting: { ours: { kind: 'bundle', server: 'caddy' } },
      dns: { bind: { kind: 'rfc2136', server: named.address, port: named.port, zone: DOMAIN, key_name, algorithm } },
      network: {
        resolver: unbound.udp,
        dns_port: named.port,
        https_port: pebble.tlsPort,
        allow_private: true,
        ca_file: 'ca.pem',
      },
    };
    writeFileSync(join(root, 'domains', '_settings.yaml'), JSON.stringify(settings));
    writeFileSync(
      join(root, 'domains', `${DOMAIN}.yaml`),
      'mode: testing\nmx: [mx1.lab.test]\nhosting: ours\ndns: bind\n',
    );

    const first = await postern('publish');
    assert.equal(first.status, 0, JSON.stringify(first));
    assert.match(JSON.stringify(first.json['waiting']), /to serve the new body: 127\.0\.0\.1 \(policy-refused\)/);
    assert.deepEqual(await texts(NAME), []);

    // The Caddyfile as it was written, beside what only a laboratory needs.
    writeFileSync(
      join(root, 'Caddyfile'),
      [
        `{\n\tadmin off\n\tstorage file_system ${root}/storage\n\thttp_port ${pebble.httpPort}\n\thttps_port ${pebble.tlsPort}`,
        `\tdefault_bind 127.0.0.1\n\tacme_ca ${pebble.directory}\n\tacme_ca_root ${pebble.caFile}\n\temail lab@lab.test\n}`,
        `import ${root}/dist/Caddyfile\n`,
      ].join('\n'),
    );
    const environment = { HOME: root, XDG_DATA_HOME: root, XDG_CONFIG_HOME: root, POSTERN_BUNDLE: join(root, 'dist') };
    caddy = await run(
      '/usr/bin/caddy',
      ['run', '--config', join(root, 'Caddyfile'), '--adapter', 'caddyfile'],
      async () => true,
      environment,
    );

    let second = await postern('publish');
    for (let again = 0; again < 20 && second.json['waiting']?.length !== 0; again++) {
      await pause(500);
      second = await postern('publish');
    }
    assert.deepEqual(
      [second.status, second.json['done'], second.json['failed']],
      [0, [DOMAIN], []],
      `${JSON.stringify(second.json)}\n${caddy.output()}`,
    );
    const ledger = readFileSync(join(root, 'data', 'policies', `${DOMAIN}.jsonl`), 'utf8')
      .trim()
      .split('\n');
    const events = ledger.map((line) => JSON.parse(line) as { event: string; id: string });
    assert.deepEqual(
      events.map(({ event }) => event),
      ['minted', 'served', 'announced'],
    );
    assert.deepEqual(await texts(NAME), [`v=STSv1; id=${events[0]?.id}`]);
    assert.ok((await texts(`_smtp._tls.${DOMAIN}`)).includes('v=TLSRPTv1; rua=mailto:tls@lab.test'));

    const third = await postern('publish');
    assert.deepEqual([third.status, third.json['done'], third.json['waiting']], [0, [], []]);
    assert.equal(
      readFileSync(join(root, 'data', 'policies', `${DOMAIN}.jsonl`), 'utf8')
        .trim()
        .split('\n').length,
      3,
    );
  });
});

suite('killed at every outside call', () => {
  test('before and after each took effect: the same end with the same changes', async () => {
    await killEverywhere(() => ['before', 'after']);
  });

  for (const one of WALKS)
    test(`on the way from ${one.from} to ${one.to ?? 'somebody else'}`, async () => {
      assert.ok((await killWalk(one, () => true)) > 20);
    });
});
