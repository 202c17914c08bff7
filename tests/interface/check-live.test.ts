import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type FakeDns, startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';
import { folderOf, MINIMAL, NOW, postern } from './command-line.ts';

const mx = (...hosts: readonly string[]): readonly ZoneEntry[] =>
  hosts.map((exchange) => ({ name: 'example.com', type: 'MX', data: { preference: 10, exchange } }));

suite('postern check --live', () => {
  let root: string;
  let dns: FakeDns;
  let zone: readonly ZoneEntry[] = [];
  before(async () => {
    dns = await startFakeDns((asked) => respondFrom(zone)(asked));
    root = folderOf(MINIMAL);
    const network = `network: { resolver: "udp://127.0.0.1:${dns.port}", allow_private: true }`;
    writeFileSync(join(root, 'domains', '_settings.yaml'), `organisation: Example\n${network}\n`);
  });
  after(async () => {
    await dns.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** What DNS holds, the exit, and each problem as `rule severity line`. */
  const CASES: readonly (readonly [
    what: string,
    zone: readonly ZoneEntry[],
    exit: number,
    problems: readonly string[],
  ])[] = [
    ['every MX host is in the file', mx('mx1.example.com', 'mx2.example.com'), 0, []],
    ['an MX host is not in the file', mx('mx1.example.com', 'mx9.example.com'), 1, ['live-mx error 2']],
    ['a null MX', mx('.'), 1, ['live-mx error 2']],
    ['no answer', [{ name: 'example.com', type: 'MX', fails: 'servfail' }], 0, ['live-unknown warning 2']],
  ];
  for (const [what, records, exit, expected] of CASES) {
    test(`${what}: ${exit}`, async () => {
      zone = records;
      const answer = await postern(['check', '--live', '--root', root, '--now', NOW, '--json']);
      assert.deepEqual([answer.exit, answer.err], [exit, ''], answer.out);
      const { problems, domains } = JSON.parse(answer.out);
      assert.deepEqual(domains, ['example.com']);
      assert.deepEqual(
        problems.map(({ rule, severity, line }: Record<string, unknown>) => `${rule} ${severity} ${line}`),
        expected,
      );
    });
  }

  test('an error of the configuration is 2 also then, and without --live nobody is asked', async () => {
    zone = mx('mx9.example.com');
    assert.equal((await postern(['check', '--root', root, '--now', NOW])).exit, 0);
    writeFileSync(join(root, 'domains', 'example.net.yaml'), 'mode: testin\nmx: [mx.example.net]\n');
    const { exit, out } = await postern(['check', '--live', '--root', root, '--now', NOW, '--json']);
    assert.equal(exit, 2);
    assert.deepEqual(
      JSON.parse(out).problems.map(({ rule }: { rule: string }) => rule),
      ['live-mx', 'value-invalid'],
    );
  });
});
