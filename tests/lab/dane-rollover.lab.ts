import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { instantOf } from '#scripts/core/clock.ts';
import { createAskAuthority } from '#scripts/io/dns/ask-authority.ts';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import { parseTlsaRdata, renderTlsaRecord } from '#scripts/standards/tlsa-record.ts';
import { createPki, type Identity } from '../fakes/pki.ts';
import { httpAnswer, type PolicyHost, startPolicyHost } from '../fakes/policy-host.ts';
import { type FaultServer, startFaultServer } from '../fakes/smtp/fault-server.ts';
import { type Named, startNamed } from './servers/named.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';

/** With `dane.managed`, from no record at all to another key: probe, plan, publish and advance against BIND. */

const DOMAIN = 'roll.test';
const HOST = `mx1.${DOMAIN}`;
const OWNER = `_25._tcp.${HOST}`;
const POSTERN = fileURLToPath(new URL('../../scripts/postern.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'postern-rollover-lab-'));
const nowMs = Date.now();
const at = (hours: number): string => instantOf(nowMs + hours * 3_600_000);
const pki = createPki(nowMs);
const authority = pki.certificate({ name: 'Lab Root', ca: true, from: -10 });
const leaf = (name: string): Identity => pki.certificate({ name, issuer: authority, dns: [name] });
const [first, next] = [leaf(HOST), leaf(HOST)];
const record = ({ publicKey }: Identity): string => {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return `3 1 1 ${createHash('sha256').update(spki).digest('hex')}`;
};

let named: Named;
let unbound: Unbound;
let mail: FaultServer;
let web: PolicyHost;

before(async () => {
  named = await startNamed([
    {
      name: DOMAIN,
      kind: 'secure',
      records: ['@ MX 10 mx1', 'mx1 A 127.0.0.1', 'mta-sts A 127.0.0.1'],
      updatable: [`name _mta-sts.${DOMAIN} TXT`, `name _smtp._tls.${DOMAIN} TXT`, `name ${OWNER} TLSA`],
    },
    { name: 'bogus.test', kind: 'bogus', records: [] },
  ]);
  unbound = await startUnbound(named);
  mail = await startFaultServer({ chain: [first] });
  web = await startPolicyHost({
    chain: [leaf(`mta-sts.${DOMAIN}`)],
    answer: (socket) => socket.end(httpAnswer(200, { 'Content-Type': 'text/plain' }, served())),
  });
});

after(async () => {
  await Promise.all([mail?.close(), web?.close()]);
  for (const one of [unbound, named]) await one?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** What the bundle holds for the policy host; nothing before the first publish. */
function served(): string {
  try {
    return readFileSync(join(root, 'dist/policies', DOMAIN, '.well-known/mta-sts.txt'), 'utf8');
  } catch {
    return '';
  }
}

interface Run {
  readonly exit: number;
  readonly json: Readonly<Record<string, unknown>>;
}

function postern(hours: number, ...argv: readonly string[]): Promise<Run> {
  const env = { ...process.env, POSTERN_TSIG_SECRET: named.tsig.secret, GITHUB_REPOSITORY: '', GITHUB_ACTIONS: '' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [POSTERN, ...argv, '--root', root, '--json', '--now', at(hours)],
      { env },
      (error, out) => {
        resolve({ exit: typeof error?.code === 'number' ? error.code : 0, json: JSON.parse(out) });
      },
    );
  });
}

function configure(dane: string): void {
  mkdirSync(join(root, 'domains'), { recursive: true });
  writeFileSync(join(root, 'ca.pem'), authority.pem);
  const { key_name, algorithm } = named.tsig;
  const settings = {
    organisation: 'Lab',
    reporting: { rua: ['mailto:tls@lab.test'] },
    hosting: { ours: { kind: 'bundle', server: 'caddy' } },
    dns: { bind: { kind: 'rfc2136', server: named.address, port: named.port, zone: DOMAIN, key_name, algorithm } },
    network: {
      resolver: unbound.udp,
      dns_port: named.port,
      smtp_port: mail.port,
      https_port: web.port,
      allow_private: true,
      ca_file: 'ca.pem',
      second_look: 0,
      control: [HOST],
      validation_test: { secure: DOMAIN, bogus: 'bogus.test' },
    },
  };
  writeFileSync(join(root, 'domains/_settings.yaml'), JSON.stringify(settings));
  writeFileSync(
    join(root, `domains/${DOMAIN}.yaml`),
    `mode: testing\nmx: [${HOST}]\nhosting: ours\ndns: bind\ndane:\n  managed: true\n${dane}`,
  );
}

/** At the server of the zone, and then by the resolver, which keeps answers for a second. */
async function published(): Promise<readonly string[]> {
  const shown = (records: readonly Uint8Array[]) =>
    records.flatMap((data) => {
      const parsed = parseTlsaRdata(data);
      return parsed.ok ? [renderTlsaRecord(parsed.value)] : [];
    });
  const ask = createAskAuthority({ port: named.port, allow_private: true });
  const records = shown((await ask(named.address, OWNER, 'TLSA')).records).toSorted();
  const network = { resolver: unbound.udp };
  for (let tries = 0; tries < 100; tries += 1) {
    const resolver = await openResolver(network, { ca: null });
    const seen = shown((await resolver.lookup(OWNER, 'TLSA')).records).toSorted();
    await resolver.close();
    if (seen.join() === records.join()) return records;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail('the resolver never showed what the zone holds');
}

/** Probes, and publishes what is due then. */
async function probeAndPublish(hours: number): Promise<readonly string[]> {
  assert.equal((await postern(hours, 'probe')).exit, 0);
  const { exit, json } = await postern(hours, 'publish');
  assert.equal(exit, 0, JSON.stringify(json));
  assert.deepEqual([json['failed'], json['waiting']], [[], []], JSON.stringify(json));
  return published();
}

interface Advanced {
  readonly pull_requests: readonly { readonly kind: string }[];
  readonly steps: readonly { readonly at: string | null; readonly what: string }[];
}

async function advanced(hours: number): Promise<Advanced> {
  const { exit, json } = await postern(hours, 'advance', '--dry-run');
  assert.equal(exit, 0, JSON.stringify(json));
  return json as unknown as Advanced;
}

test('a first record, the next key beside it, two TTLs, the swap, and the old one goes', {
  timeout: 240_000,
}, async () => {
  configure('');
  assert.equal((await postern(0, 'publish')).exit, 0);
  assert.deepEqual(await published(), []);
  const { json: plan } = await (async () => {
    assert.equal((await postern(0.1, 'probe')).exit, 0);
    return postern(0.1, 'plan');
  })();
  assert.match(JSON.stringify(plan), new RegExp(`"name":"${OWNER}","type":"TLSA"`));
  assert.deepEqual(await published(), [], 'a plan writes nothing');
  assert.deepEqual(await probeAndPublish(0.2), [record(first)]);
  const { observations } = (await postern(1, 'probe')).json as {
    observations: readonly { kind: string; code: string }[];
  };
  const dane = observations.filter(({ kind }) => kind === 'dane').map(({ code }) => code);
  assert.deepEqual([...new Set(dane)], ['ok']);

  configure(`  next_keys: ["${record(next).slice(6)}"]\n`);
  const both = [record(first), record(next)].toSorted();
  assert.deepEqual(await probeAndPublish(1.5), both);
  assert.deepEqual(await probeAndPublish(2), both);
  const waiting = await advanced(2.1);
  assert.deepEqual(
    waiting.steps.map(({ at: when }) => when),
    [at(4)],
    `two TTLs after it was first seen: ${JSON.stringify(waiting.steps)}`,
  );
  const ready = await advanced(4.1);
  assert.match(ready.steps.map(({ at: when, what }) => `${when} ${what}`).join(), /^null TLSA: .*may now be put on/);

  const { port } = mail;
  await mail.close();
  mail = await startFaultServer({ chain: [next] }, { port });
  assert.deepEqual(await probeAndPublish(5), both, 'caches may still hold the old set');
  assert.deepEqual(
    (await advanced(5.1)).pull_requests.map(({ kind }) => kind),
    ['next-keys'],
  );
  configure('');
  assert.deepEqual(await probeAndPublish(6), both);
  assert.deepEqual(await probeAndPublish(8), [record(next)]);
  assert.deepEqual(await probeAndPublish(9), [record(next)]);
  assert.deepEqual((await advanced(9.1)).steps, []);
});
