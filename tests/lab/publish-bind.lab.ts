import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAskAuthority } from '#scripts/io/dns/ask-authority.ts';
import { createPki } from '../fakes/pki.ts';
import { type Named, startNamed } from './servers/named.ts';
import { type Nginx, startNginx } from './servers/nginx.ts';
import { freePort } from './servers/process.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';

/**
 * `publish` for a domain of our own and for a customer who only set CNAMEs: the bundle is served by nginx, BIND takes the
 * records of both zones, and the TLSA records of the MX host.
 */

const OWN = 'lab.test';
const CUSTOMER = 'shop.test';
const ZONE = 'keep.test';
const hostOf = (domain: string): string => `mta-sts.${domain}`;
const POSTERN = fileURLToPath(new URL('../../scripts/postern.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'postern-bind-lab-'));
const pki = createPki(Date.now());
const authority = pki.certificate({ name: 'Lab root', ca: true });

let named: Named;
let unbound: Unbound;
let nginx: Nginx | null = null;
let port = 0;

before(async () => {
  named = await startNamed([
    {
      name: OWN,
      kind: 'secure',
      records: ['@ MX 10 mx1', 'mx1 A 127.0.0.1', 'mta-sts A 127.0.0.1'],
      updatable: [`name _mta-sts.${OWN} TXT`, `name _smtp._tls.${OWN} TXT`, `name _25._tcp.mx1.${OWN} TLSA`],
    },
    {
      name: CUSTOMER,
      kind: 'insecure',
      records: [
        `@ MX 10 mx1.${OWN}.`,
        ...['_mta-sts', '_smtp._tls', 'mta-sts'].map((name) => `${name} CNAME ${name}.${CUSTOMER}.${ZONE}.`),
      ],
    },
    {
      name: ZONE,
      kind: 'insecure',
      records: [`mta-sts.${CUSTOMER} A 127.0.0.1`],
      updatable: [`name _mta-sts.${CUSTOMER}.${ZONE} TXT`, `name _smtp._tls.${CUSTOMER}.${ZONE} TXT`],
    },
  ]);
  unbound = await startUnbound(named);
  port = await freePort();
  mkdirSync(join(root, 'domains'));
  writeFileSync(join(root, 'ca.pem'), authority.pem);
  const { key_name, algorithm } = named.tsig;
  const settings = {
    organisation: 'Lab',
    reporting: { rua: ['mailto:tls@reports.example'] },
    hosting: { ours: { kind: 'bundle', server: 'nginx' } },
    dns: { bind: { kind: 'rfc2136', server: named.address, port: named.port, key_name, algorithm } },
    delegation_zone: ZONE,
    network: {
      resolver: unbound.udp,
      dns_port: named.port,
      https_port: port,
      allow_private: true,
      ca_file: 'ca.pem',
    },
  };
  writeFileSync(join(root, 'domains', '_settings.yaml'), JSON.stringify(settings));
  file(OWN);
  file(CUSTOMER, 'delegation: cname');
});

after(async () => {
  await nginx?.stop();
  await unbound?.stop();
  await named?.stop();
  rmSync(root, { recursive: true, force: true });
});

function file(domain: string, ...more: readonly string[]): void {
  const lines = ['mode: testing', `mx: [mx1.${OWN}]`, 'hosting: ours', 'dns: bind', ...more, ''];
  writeFileSync(join(root, 'domains', `${domain}.yaml`), lines.join('\n'));
}

function postern(...argv: readonly string[]) {
  const env = {
    ...process.env,
    POSTERN_TSIG_SECRET: named.tsig.secret,
    GITHUB_REPOSITORY: '',
    GITHUB_ACTIONS: '',
  };
  return new Promise<{ status: number; json: Record<string, unknown> }>((resolve) => {
    execFile(process.execPath, [POSTERN, ...argv, '--root', root, '--json'], { env }, (error, out) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, json: JSON.parse(out) });
    });
  });
}

const ask = (name: string, type: 'TXT' | 'TLSA') =>
  createAskAuthority({ port: named.port, allow_private: true })(named.address, name, type);

async function texts(name: string): Promise<readonly string[]> {
  return (await ask(name, 'TXT')).records as readonly string[];
}

async function tlsa(): Promise<readonly string[]> {
  const { records } = await ask(`_25._tcp.mx1.${OWN}`, 'TLSA');
  return (records as readonly Uint8Array[]).map((data) => Buffer.from(data).toString('hex')).sort();
}

function events(domain: string): readonly { readonly event: string; readonly id: string; readonly body?: string }[] {
  const lines = readFileSync(join(root, 'data', 'policies', `${domain}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

function fetched(domain: string, path: string): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const servername = hostOf(domain);
    const asked = request(
      { host: '127.0.0.1', port, servername, path, ca: authority.pem, headers: { host: servername }, agent: false },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        const { statusCode: status = 0, headers } = response;
        response.on('end', () => resolve({ status, type: headers['content-type'] ?? '', body }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

test('nginx serves the bundle, and the ids move in our zone and in the one that customers point to', async () => {
  const first = await postern('publish');
  assert.deepEqual([first.status, first.json['done'], first.json['failed']], [0, [], []], JSON.stringify(first.json));
  assert.match(JSON.stringify(first.json['waiting']), /to serve the new body: 127\.0\.0\.1 \(policy-refused\)/);
  assert.deepEqual(await texts(`_mta-sts.${OWN}`), []);

  const certificates = [OWN, CUSTOMER].map((domain) => {
    const leaf = pki.certificate({ name: 'host', dns: [hostOf(domain)], issuer: authority });
    return { host: hostOf(domain), leaf, chain: leaf.pem + authority.pem };
  });
  nginx = await startNginx(join(root, 'dist'), port, certificates);
  for (const domain of [OWN, CUSTOMER]) {
    const { body } = events(domain)[0] ?? {};
    assert.deepEqual(await fetched(domain, '/.well-known/mta-sts.txt'), {
      status: 200,
      type: 'text/plain; charset=utf-8',
      body,
    });
    for (const path of ['/CNAME', '/.nojekyll']) assert.equal((await fetched(domain, path)).status, 404);
  }

  const second = await postern('publish');
  assert.deepEqual([second.status, second.json['done']], [0, [OWN, CUSTOMER]], JSON.stringify(second.json));
  for (const [domain, name] of [
    [OWN, `_mta-sts.${OWN}`],
    [CUSTOMER, `_mta-sts.${CUSTOMER}.${ZONE}`],
  ] as const) {
    const [minted] = events(domain);
    assert.deepEqual(await texts(name), [`v=STSv1; id=${minted?.id}`]);
    assert.deepEqual(
      events(domain).map(({ event }) => event),
      ['minted', 'served', 'announced'],
    );
  }
  assert.deepEqual(await texts(`_smtp._tls.${CUSTOMER}.${ZONE}`), ['v=TLSRPTv1; rua=mailto:tls@reports.example']);
});

test('the TLSA record of the key that is in use, and that of the next one before it is', async () => {
  const [inUse, next] = ['a'.repeat(64), 'b'.repeat(64)];
  const looked = async (records: readonly string[]): Promise<void> => {
    const facts = { signed: true, base: `mx1.${OWN}`, ttl: 300, records, keys: { '127.0.0.1': inUse } };
    const fact = { kind: 'dane', subject: `mx1.${OWN}`, address: null, outcome: 'ok', code: 'ok', facts };
    const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    writeFileSync(join(root, 'looks.jsonl'), `${JSON.stringify({ at, vantage: 'away', domain: OWN, ...fact })}\n`);
    assert.equal((await postern('probe', '--import', join(root, 'looks.jsonl'))).status, 0);
  };
  await looked([]);
  file(OWN, 'dane: { managed: true }');
  const first = await postern('publish');
  assert.deepEqual([first.status, first.json['done']], [0, [OWN]], JSON.stringify(first.json));
  assert.deepEqual(await tlsa(), [`030101${inUse}`]);

  await looked([`3 1 1 ${inUse}`]);
  assert.deepEqual((await postern('publish')).json['done'], [], 'nothing is written twice');
  file(OWN, `dane: { managed: true, next_keys: [${next}] }`);
  assert.deepEqual((await postern('publish')).json['done'], [OWN]);
  assert.deepEqual(await tlsa(), [`030101${inUse}`, `030101${next}`]);
  assert.equal(events(OWN).length, 3, 'keys change no policy');
});
