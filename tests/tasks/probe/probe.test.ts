import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { shardOf } from '#scripts/core/shard.ts';
import { loadCheckpoint } from '#scripts/tasks/checkpoint.ts';
import { openObservationStore } from '#scripts/tasks/open-observation-store.ts';
import { LAB_HOST, LAB_NOW, type Laboratory, startLaboratory } from './laboratory.ts';

const LAB = [
  'allow_private: true',
  'second_look: 0',
  'target_deadline: 5',
  'vantage: bench-1',
  `control: [${LAB_HOST}]`,
];
const mxOf = (rows: readonly Observation[], domain = 'example.test') =>
  rows
    .filter((row) => row.kind === 'mx' && row.domain === domain)
    .map(({ subject, address, outcome, code }) => [subject, address, outcome, code].join(' '));

describe('probe', () => {
  let lab: Laboratory;
  before(async () => {
    lab = await startLaboratory((id) => [
      { host: LAB_HOST, address: '127.0.0.1', server: { chain: [id.good, id.inter] } },
      { host: LAB_HOST, address: '127.0.0.2', server: { chain: [id.expired, id.inter] } },
      { host: 'mx2.lab.test', address: '127.0.0.3', server: { chain: [id.good, id.inter] } },
      { host: 'tar.lab.test', address: '127.0.0.4', server: { greeting: null } },
    ]);
    lab.zone.push({ name: 'closed.lab.test', type: 'A', data: '127.0.0.9' });
    lab.zone.push({ name: 'lame.lab.test', type: 'A', fails: 'servfail' });
  });
  after(() => lab.close());

  test('every MX at every address, backups too, with the vantage, stored once', async () => {
    lab.write(LAB, {
      'example.test': [LAB_HOST, 'mx2.lab.test', 'closed.lab.test', 'lame.lab.test', 'nothing.lab.test'],
    });
    const result = await lab.probe({ domains: ['example.test'] });
    assert.deepEqual(mxOf(result.observations), [
      'closed.lab.test 127.0.0.9 unknown connect-refused',
      'lame.lab.test  unknown dns-servfail',
      'mx1.lab.test 127.0.0.1 ok ok',
      'mx1.lab.test 127.0.0.2 bad mx-cert-expired',
      'mx2.lab.test 127.0.0.3 bad mx-cert-name',
      'nothing.lab.test  bad mx-unreachable',
    ]);
    assert.equal(result.vantage.name, 'bench-1');
    assert.equal(result.vantage.smtp_egress, 'ok');
    assert.equal(result.unknown, result.observations.filter(({ outcome }) => outcome === 'unknown').length);
    const backup = result.observations.find(({ kind, subject }) => kind === 'mx' && subject === 'mx2.lab.test');
    assert.deepEqual([backup?.facts['preference'], backup?.facts['backup']], [20, true]);
    assert.ok(result.observations.some(({ kind, domain }) => kind === 'vantage' && domain === null));
    assert.ok(result.observations.some(({ kind }) => kind === 'mx-set'));
    assert.equal(result.stored, result.observations.length);
    const store = await openObservationStore(lab.data);
    const standings = await store.read({ domains: ['example.test'], from: LAB_NOW, to: LAB_NOW });
    await store.close();
    assert.equal(standings.length, result.observations.length);
    assert.equal(loadCheckpoint(lab.data).tasks['probe']?.last_success, LAB_NOW);
  });

  test('a host of many domains is looked at once', async () => {
    lab.write(
      LAB,
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`shared${index}.test`, ['mx2.lab.test']])),
    );
    const server = lab.servers.get('mx2.lab.test 127.0.0.3');
    const before = server?.seen.connections ?? 0;
    const names = Array.from({ length: 20 }, (_, index) => `shared${index}.test`);
    const { observations } = await lab.probe({ domains: names, dryRun: true });
    for (const name of names) assert.deepEqual(mxOf(observations, name), ['mx2.lab.test 127.0.0.3 bad mx-cert-name']);
    // Two connections a look, and a second look at what is bad.
    assert.equal((server?.seen.connections ?? 0) - before, 4);
  });

  test('shards part the domains: each in one of them, and in the same one whichever others there are', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `shared${index}.test`);
    const partsOf = (domains: readonly string[]) =>
      Promise.all(
        [1, 2, 3].map(async (index) => {
          const { observations } = await lab.probe({ shard: { index, count: 3 }, dryRun: true, domains });
          return [...new Set(observations.flatMap(({ domain }) => domain ?? []))].sort();
        }),
      );
    const all = await partsOf(names);
    assert.deepEqual(all.flat().sort(), names);
    const fewer = names.filter((name) => name !== 'shared3.test');
    assert.deepEqual(
      await partsOf(fewer),
      all.map((part) => part.filter((name) => name !== 'shared3.test')),
    );
  });

  test('a thousand domains are in parts of about the same size', () => {
    const parts = Map.groupBy(
      Array.from({ length: 1000 }, (_, index) => `d${index}.example`),
      (name) => shardOf(name, 8),
    );
    assert.deepEqual([...parts.keys()].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    for (const part of parts.values()) assert.ok(part.length > 85 && part.length < 165, String(part.length));
  });

  test('what is beyond the bounds is not known, and not passed over in silence', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `127.0.8.${index + 1}`);
    for (const name of ['wide.lab.test', 'mta-sts.wide.test'])
      lab.zone.push(...addresses.map((data) => ({ name, type: 'A', data })));
    lab.write(LAB, { 'wide.test': ['wide.lab.test'], 'long.test': ['nothing.lab.test'] });
    for (let index = 0; index < 39; index += 1)
      lab.zone.push({ name: 'long.test', type: 'MX', data: { preference: index, exchange: 'nothing.lab.test' } });
    const { observations } = await lab.probe({ domains: ['wide.test', 'long.test'], dryRun: true });
    const cut = observations.filter(({ code }) => code.startsWith('not-all-'));
    assert.deepEqual(
      cut.map(({ kind, subject, outcome, code, facts }) => [kind, subject, outcome, code, facts['detail']]),
      [
        ['mx-set', 'long.test', 'unknown', 'not-all-hosts', '32 of 40 MX hosts were looked at'],
        ['mx', 'wide.lab.test', 'unknown', 'not-all-addresses', '16 of 20 were looked at'],
        ['policy', 'mta-sts.wide.test', 'unknown', 'not-all-addresses', '16 of 20 addresses were looked at'],
      ],
    );
    assert.equal(mxOf(observations, 'wide.test').length, 17);
  });

  test('an MX host that is an alias, which RFC 5321 §5.1 forbids, is looked at under its name, and the alias is told', async () => {
    lab.zone.push({ name: 'alias.lab.test', type: 'CNAME', data: LAB_HOST });
    lab.write(LAB, { 'aliased.test': ['alias.lab.test'] });
    const { observations } = await lab.probe({ domains: ['aliased.test'], dryRun: true });
    const rows = observations.filter(({ kind }) => kind === 'mx');
    assert.deepEqual(
      rows.map(({ address, code, facts }) => [address, code, facts['alias_of']]),
      [
        ['127.0.0.1', 'mx-cert-name', LAB_HOST],
        ['127.0.0.2', 'mx-cert-expired', LAB_HOST],
        ['127.0.0.2', 'mx-cert-name', LAB_HOST],
      ],
    );
  });

  test('progress counts what there is', async () => {
    const told: string[] = [];
    lab.write(LAB, { 'counted.test': [LAB_HOST] });
    await lab.probe({ domains: ['counted.test'], dryRun: true, progress: (text) => told.push(text) });
    assert.deepEqual(
      told.filter((text) => /^probe: (?:domain|MX address)/.test(text)),
      ['probe: domain 1 of 1', 'probe: MX address 1 of 2', 'probe: MX address 2 of 2'],
    );
  });

  test('a dry run stores nothing', async () => {
    const later = '2031-01-01T00:00:00Z' as typeof LAB_NOW;
    const result = await lab.probe({ domains: ['example.test'], now: later, dryRun: true });
    assert.equal(result.stored, 0);
    const store = await openObservationStore(lab.data);
    assert.deepEqual(await store.read({ domains: ['example.test'], from: later, to: later }), []);
    await store.close();
  });

  test('where the control target is silent, a host that does not answer is not called down', async () => {
    lab.write([...LAB.slice(0, -1), 'control: [closed.lab.test]'], {});
    const { observations, vantage } = await lab.probe({ domains: ['example.test'], dryRun: true });
    assert.equal(vantage.smtp_egress, 'bad');
    assert.ok(mxOf(observations).includes('closed.lab.test 127.0.0.9 unknown probe-blocked'));
    assert.ok(observations.some(({ kind, code }) => kind === 'vantage' && code === 'probe-blocked'));
    lab.write([...LAB.slice(0, -1), 'control: [no-such.lab.test]'], {});
    assert.equal((await lab.probe({ domains: ['shared1.test'], dryRun: true })).vantage.smtp_egress, 'unknown');
  });

  test('private addresses are refused unless the laboratory allows them, and nobody is called', async () => {
    lab.write(LAB.slice(1), {});
    const before = [...lab.servers.values()].map(({ seen }) => seen.connections);
    const { observations, vantage } = await lab.probe({ domains: ['example.test'], dryRun: true });
    assert.equal(vantage.smtp_egress, 'unknown', 'the control target was not asked, so it did not stay silent');
    assert.ok(mxOf(observations).includes('mx1.lab.test 127.0.0.1 unknown private-address'));
    assert.deepEqual(
      [...lab.servers.values()].map(({ seen }) => seen.connections),
      before,
    );
  });

  test('who never answers keeps nobody waiting, and ends with its deadline', async () => {
    lab.write([...LAB.filter((line) => !line.startsWith('target_deadline')), 'target_deadline: 2'], {
      'slow.test': ['tar.lab.test', LAB_HOST],
    });
    const started = performance.now();
    const { observations } = await lab.probe({ domains: ['slow.test'], dryRun: true });
    assert.ok(mxOf(observations, 'slow.test').includes('tar.lab.test 127.0.0.4 unknown greeting-timeout'));
    assert.ok(mxOf(observations, 'slow.test').includes('mx1.lab.test 127.0.0.1 ok ok'));
    assert.ok(performance.now() - started < 15_000);
  });

  test('a budget ends the run: what was not seen is unknown, what was not confirmed does not count', async () => {
    lab.write([...LAB.filter((line) => !line.startsWith('second_look')), 'second_look: 30'], {});
    const { observations } = await lab.probe({ domains: ['example.test'], budgetSeconds: 20, dryRun: true });
    assert.ok(mxOf(observations).includes('mx1.lab.test 127.0.0.2 unknown not-confirmed'));
    assert.ok(mxOf(observations).includes('mx1.lab.test 127.0.0.1 ok ok'));
  });

  test('a fault that is gone at the second look does not count', async () => {
    lab.write(
      LAB.map((line) => (line.startsWith('second_look') ? 'second_look: 2' : line)),
      { 'flaky.test': ['flaky.lab.test'] },
    );
    let answers = 0;
    lab.zone.push({
      name: '_smtp._tls.flaky.test',
      type: 'TXT',
      // Broken when asked first, sound afterwards.
      get data() {
        answers += 1;
        return [answers <= 1 ? 'v=TLSRPTv1' : 'v=TLSRPTv1; rua=mailto:t@flaky.test'];
      },
    });
    const { observations } = await lab.probe({ domains: ['flaky.test'], dryRun: true });
    const rows = observations.filter(({ kind }) => kind === 'tlsrpt').map(({ outcome }) => outcome);
    assert.deepEqual([...new Set(rows)], ['ok']);
  });

  test('TLSA records are held against the chain that was seen at each address', async () => {
    const { createHash } = await import('node:crypto');
    const pin = (spki: Uint8Array) => createHash('sha256').update(spki).digest();
    const tlsa = (host: string, data: Uint8Array) =>
      lab.zone.push({
        name: `_25._tcp.${host}`,
        type: 'TLSA',
        data: { usage: 3, selector: 1, matchingType: 1, certificate: data },
      });
    tlsa(LAB_HOST, pin(lab.id.good.publicKey.export({ type: 'spki', format: 'der' })));
    lab.zone.push(
      {
        name: 'secure.test',
        type: 'SOA',
        data: { mname: 'ns.test', rname: 'h.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 },
      },
      { name: 'bogus.test', type: 'A', fails: 'bogus' },
    );
    lab.write([...LAB, 'validation_test: { secure: secure.test, bogus: bogus.test }'], { 'dane.test': [LAB_HOST] });
    const { observations, vantage } = await lab.probe({ domains: ['dane.test'], dryRun: true });
    assert.equal(vantage.validating, 'ok');
    const rows = observations
      .filter(({ kind }) => kind === 'dane')
      .map(({ address, outcome, code }) => `${address} ${outcome} ${code}`);
    assert.ok(rows.includes('127.0.0.1 ok ok'), rows.join('; '));
    assert.ok(rows.includes('127.0.0.2 bad tlsa-mismatch'), rows.join('; '));
  });
});
