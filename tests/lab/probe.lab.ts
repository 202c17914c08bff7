import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { ProbeResult } from '#scripts/tasks/probe.ts';
import { startHttpFolder } from '../fakes/http-folder.ts';
import { type FaultServer, type Peculiarity, startFaultServer } from '../fakes/smtp/fault-server.ts';
import { mailFaults, mailIdentities } from '../fakes/smtp/faults.ts';
import { type LabZone, type Named, startNamed } from './servers/named.ts';
import { startUnansweringPort } from './servers/unanswering-port.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';

/** The whole of `postern probe`, run as a person runs it, against BIND, unbound and every kind of mail server. */

interface House {
  readonly host: string;
  readonly domain: string;
  readonly expected: readonly string[];
}

const nowMs = Date.now();
const names = Object.keys(mailFaults(mailIdentities(nowMs, 'mx.lab.test', 'http://127.0.0.1:9')));
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const running: { close: () => Promise<void> }[] = [];
const servers = new Map<string, FaultServer>();
const houses: House[] = [];
const roots: string[] = [];
const records: string[] = [];
const bogusRecords: string[] = [];
const insecureRecords: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'postern-lab-probe-'));
let named: Named;
let unbound: Unbound;
let deaf: Unbound;
let port = 0;
let http: Awaited<ReturnType<typeof startHttpFolder>>;

async function serve(address: string, server: Peculiarity): Promise<FaultServer> {
  const one = await startFaultServer(server, { host: address, port });
  port = one.port;
  servers.set(address, one);
  running.push(one);
  return one;
}

function identities(host: string) {
  const id = mailIdentities(nowMs, host, `${http.url}/${host}`);
  http.put(`/${host}/inter.der`, id.inter.der);
  http.put(`/${host}/inter.crl`, id.revocationList);
  roots.push(id.root.pem);
  return id;
}

const tlsaOf = (host: string, data: string): string => `_25._tcp.${host}. TLSA ${data}`;
const spkiOf = (one: { readonly publicKey: ReturnType<typeof identities>['good']['publicKey'] }): string =>
  hash(one.publicKey.export({ type: 'spki', format: 'der' }));

before(async () => {
  http = await startHttpFolder({});
  for (const [index, name] of names.entries()) {
    const host = `h${index}.lab.test`;
    const { server, seen } = mailFaults(identities(host))[name] ?? assert.fail(name);
    await serve(`127.0.2.${index + 1}`, server);
    records.push(`h${index} A 127.0.2.${index + 1}`);
    houses.push({ host, domain: `f${index}.lab.test`, expected: seen });
  }
  records.push(...houses.map(({ host, domain }) => `${domain}. MX 10 ${host}.`));
  await daneServers();
  const unanswering = await startUnansweringPort('127.0.3.2', port);
  running.push(unanswering);
  const six = identities('six.lab.test');
  await serve('::1', { chain: [six.good, six.inter] });
  records.push(
    ...[
      'closed A 127.0.3.1',
      'filtered A 127.0.3.2',
      'six AAAA ::1',
      'private A 10.1.2.3',
      'private A 169.254.169.254',
    ],
    ...['private AAAA fd00::1', 'private AAAA ::ffff:127.0.0.1', 'ways MX 10 closed', 'ways MX 20 filtered'],
    ...['ways MX 30 six', 'inward MX 10 private', 'inward MX 20 h0', 'flap MX 10 flappy', 'flappy A 127.0.3.7'],
  );
  const zone = (name: string, kind: LabZone['kind'], lines: readonly string[]): LabZone => ({
    name,
    kind,
    records: lines,
  });
  named = await startNamed([
    zone('lab.test', 'secure', records),
    zone('insecure.test', 'insecure', insecureRecords),
    zone('bogus.test', 'bogus', bogusRecords),
  ]);
  unbound = await startUnbound(named);
  deaf = await startUnbound(named, { validate: false });
});

async function daneServers(): Promise<void> {
  const ids = ['ok', 'other', 'short', 'bare', 'anchor', 'headless', 'nosni'].map((one) => `${one}.lab.test`);
  for (const [index, host] of [...ids, 'mail.insecure.test', 'mail.bogus.test'].entries()) {
    const address = `127.0.4.${index + 1}`;
    const id = identities(host);
    const chain = host.startsWith('headless') ? [id.good] : [id.good, id.inter];
    const without = host.startsWith('nosni') ? { chainWithoutName: [id.otherName, id.inter] } : {};
    await serve(address, { chain, ...without });
    const lines = host.endsWith('bogus.test')
      ? bogusRecords
      : host.endsWith('insecure.test')
        ? insecureRecords
        : records;
    lines.push(`${host}. A ${address}`);
    const key = `3 1 1 ${spkiOf(id.good)}`;
    const tlsa: Readonly<Record<string, string>> = {
      other: `3 1 1 ${spkiOf(id.rsa)}`,
      short: `3 1 1 ${spkiOf(id.good).slice(2)}`,
      anchor: `2 1 1 ${spkiOf(id.inter)}`,
      headless: `2 1 1 ${spkiOf(id.inter)}`,
    };
    const label = host.split('.')[0] ?? '';
    if (label !== 'bare') lines.push(tlsaOf(host, tlsa[label] ?? key));
  }
  records.push(
    ...['other', 'short', 'anchor', 'headless', 'nosni'].map((one) => `d-${one} MX 10 ${one}`),
    ...[
      'd-both MX 10 ok',
      'd-both MX 20 bare',
      'd-insecure MX 10 mail.insecure.test.',
      'd-bogus MX 10 mail.bogus.test.',
    ],
  );
}

after(async () => {
  for (const one of running) await one.close();
  await http.close();
  for (const one of [unbound, deaf, named]) await one?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly exit: number;
  readonly json: ProbeResult & { readonly findings: readonly { readonly rule: string; readonly domain: string }[] };
}

/** A root with these domains, and one command in it. */
function laboratory(name: string, domains: readonly string[], changes: Readonly<Record<string, string>> = {}) {
  const root = join(folder, name);
  mkdirSync(join(root, 'domains'), { recursive: true });
  writeFileSync(join(root, 'ca.pem'), roots.join(''));
  const network: Readonly<Record<string, string>> = {
    resolver: unbound.udp,
    smtp_port: String(port),
    https_port: '9',
    dns_port: String(named.port),
    ca_file: 'ca.pem',
    allow_private: 'true',
    vantage: 'laboratory',
    control: '[h0.lab.test]',
    validation_test: '{ secure: lab.test, bogus: bogus.test }',
    second_look: '1',
    target_deadline: '5',
    ...changes,
  };
  const lines = Object.entries(network).map(([key, value]) => `  ${key}: ${value}`);
  writeFileSync(join(root, 'domains/_settings.yaml'), ['organisation: Lab', 'network:', ...lines, ''].join('\n'));
  for (const domain of domains)
    writeFileSync(
      join(root, `domains/${domain}.yaml`),
      'mode: testing\nmx: ["*.lab.test", "*.insecure.test", "*.bogus.test"]\n',
    );
  return (...command: readonly string[]): Promise<Run> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['scripts/postern.ts', ...command, '--json', '--root', root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
      });
      child.once('close', (exit) => {
        try {
          resolve({ exit: exit ?? -1, json: JSON.parse(text) });
        } catch (error) {
          reject(error);
        }
      });
    });
}

const told = (rows: readonly Observation[], kind: string, domain: string): readonly string[] =>
  rows
    .filter((row) => row.kind === kind && row.domain === domain)
    .map(({ outcome, code, facts }) =>
      [outcome === 'ok' ? [] : outcome, code, outcome === 'bad' ? (facts['reason'] ?? []) : []].flat().join(' '),
    )
    .sort();

describe('postern probe, from the outside', { timeout: 240_000 }, () => {
  test('every mail server of the laboratory is told apart, by code and reason, with the columns of the interface', async () => {
    const postern = laboratory(
      'faults',
      houses.map(({ domain }) => domain),
    );
    const { exit, json } = await postern('probe');
    assert.equal(exit, 0);
    for (const [index, { domain, expected }] of houses.entries())
      assert.deepEqual(told(json.observations, 'mx', domain), [...expected].sort(), names[index]);
    assert.deepEqual(json.vantage, {
      name: 'laboratory',
      smtp_egress: 'ok',
      ipv6: json.vantage.ipv6,
      validating: 'ok',
    });
    assert.equal(json.unknown, json.observations.filter(({ outcome }) => outcome === 'unknown').length);
    for (const row of json.observations) {
      assert.deepEqual(Object.keys(row).sort(), 'address at code domain facts kind outcome subject vantage'.split(' '));
      assert.equal(row.outcome === 'ok', row.code === 'ok');
    }
    const { json: review } = await postern('review');
    const rulesOf = (domain: string) => review.findings.filter((one) => one.domain === domain).map(({ rule }) => rule);
    for (const [index, { domain, expected }] of houses.entries()) {
      const codes = expected.flatMap((one) => (one.startsWith('bad ') ? [one.split(' ')[1] ?? ''] : []));
      const mx = rulesOf(domain).filter((rule) => rule.startsWith('mx-') && rule !== 'mx-backup-only');
      assert.deepEqual(mx.sort(), codes.sort(), `${names[index]}: a finding for what is bad, and for nothing unknown`);
      const isUnknown = expected.some((one) => one.startsWith('unknown '));
      assert.equal(rulesOf(domain).includes('coverage-gap'), isUnknown, `${names[index]}: ${rulesOf(domain)}`);
    }
  });

  test('closed, filtered, and reached over IPv6 alone', async () => {
    const { json } = await laboratory('ways', ['ways.lab.test'])('probe');
    assert.deepEqual(told(json.observations, 'mx', 'ways.lab.test'), [
      'ok',
      'unknown connect-refused',
      'unknown connect-timeout',
    ]);
    assert.equal(json.vantage.ipv6, 'ok');
  });

  test('DANE: match, mismatch, malformed, missing on one host, bogus, insecure, trust anchors, without SNI', async () => {
    const domains = 'both other short anchor headless nosni insecure bogus'
      .split(' ')
      .map((one) => `d-${one}.lab.test`);
    const { json } = await laboratory('dane', domains)('probe');
    const seen = Object.fromEntries(
      domains.map((domain) => [domain.slice(2, -9), [...new Set(told(json.observations, 'dane', domain))]]),
    );
    assert.deepEqual(seen, {
      both: ['bad tlsa-missing-host no TLSA record at _25._tcp.bare.lab.test', 'ok'],
      other: ['bad tlsa-mismatch', 'ok'],
      short: ['bad tlsa-malformed', 'ok'],
      anchor: ['ok'],
      headless: ['bad tlsa-mismatch', 'ok'],
      nosni: ['ok'],
      insecure: ['ok'],
      bogus: ['bad dnssec-bogus'],
    });
    assert.deepEqual(told(json.observations, 'mx', 'd-nosni.lab.test'), ['bad mx-sni-required other-name']);
    const insecure = json.observations.find(({ kind, domain }) => kind === 'dane' && domain === 'd-insecure.lab.test');
    assert.equal(insecure?.facts['dane'], false);
  });

  test('a resolver that does not validate: DANE is unknown, and nothing is called bogus', async () => {
    const domains = ['d-both.lab.test', 'd-other.lab.test', 'd-bogus.lab.test'];
    const { json } = await laboratory('deaf', domains, { resolver: deaf.udp })('probe');
    assert.equal(json.vantage.validating, 'bad');
    for (const domain of domains)
      assert.deepEqual([...new Set(told(json.observations, 'dane', domain))], ['unknown not-validating']);
  });

  test('a control target that is down: what does not answer is blocked here, and no fault', async () => {
    const postern = laboratory('blocked', ['ways.lab.test'], { control: '[closed.lab.test]' });
    const { json } = await postern('probe');
    assert.equal(json.vantage.smtp_egress, 'bad');
    assert.deepEqual(told(json.observations, 'mx', 'ways.lab.test'), [
      'ok',
      'unknown probe-blocked',
      'unknown probe-blocked',
    ]);
    const { json: review } = await postern('review');
    assert.ok(!review.findings.some(({ rule }) => rule.startsWith('mx-')), JSON.stringify(review.findings));
  });

  test('names that lead inward: no connection is made, whatever the address looks like', async () => {
    const before = [...servers.values()].map(({ seen }) => seen.connections);
    const { json } = await laboratory('inward', ['inward.lab.test'], { allow_private: 'false' })('probe');
    const codes = new Set(told(json.observations, 'mx', 'inward.lab.test'));
    assert.deepEqual([...codes], ['unknown private-address']);
    assert.deepEqual(
      [...servers.values()].map(({ seen }) => seen.connections),
      before,
    );
  });

  test('a fault that is mended before the second look is none', async () => {
    const id = identities('flappy.lab.test');
    const broken = await startFaultServer({ chain: [id.expired, id.inter] }, { host: '127.0.3.7', port });
    const looking = laboratory('flap', ['flap.lab.test'], { second_look: '4' })('probe');
    for (let waited = 0; broken.seen.connections < 2 && waited < 20_000; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await broken.close();
    await serve('127.0.3.7', { chain: [id.good, id.inter] });
    assert.deepEqual(told((await looking).json.observations, 'mx', 'flap.lab.test'), ['ok']);
  });

  test('a budget ends the run in time, the rest is unknown; rows made here are taken in elsewhere', async () => {
    const postern = laboratory(
      'budget',
      houses.map(({ domain }) => domain),
      { target_deadline: '60', second_look: '60' },
    );
    const started = performance.now();
    const { json } = await postern('probe', '--budget', '12');
    assert.ok(performance.now() - started < 20_000, `${performance.now() - started} ms`);
    assert.ok(json.observations.some(({ outcome }) => outcome === 'unknown'));
    assert.ok(!json.observations.some(({ outcome, code }) => outcome === 'bad' && code.startsWith('mx-no')));
    const file = join(folder, 'rows.jsonl');
    writeFileSync(
      file,
      json.observations.map((row) => `${JSON.stringify({ ...row, vantage: 'elsewhere' })}\n`).join(''),
    );
    const { json: taken } = await postern('probe', '--import', file);
    assert.equal(taken.stored, json.observations.length);
    assert.equal((await postern('probe', '--import', file)).json.stored, 0);
  });

  test('what two vantages cannot reach is a finding', async () => {
    const postern = laboratory('vantages', ['ways.lab.test']);
    const { json } = await postern('probe');
    const rows = json.observations.map((row) => ({ ...row, vantage: 'elsewhere' }));
    const file = join(folder, 'other.jsonl');
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const unreachable = async () =>
      (await postern('review')).json.findings.filter(({ rule }) => rule === 'mx-unreachable').length;
    assert.equal(await unreachable(), 0);
    await postern('probe', '--import', file);
    assert.equal(await unreachable(), 2);
  });
});
