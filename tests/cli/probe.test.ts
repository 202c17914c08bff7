import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PROBE_COMMAND } from '#scripts/cli/commands/probe.ts';
import type { ProbeResult } from '#scripts/tasks/probe.ts';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom } from '../fakes/dns/zone.ts';
import { instant } from '../io/store/observation-rows.ts';

const root = mkdtempSync(join(tmpdir(), 'postern-cli-probe-'));
after(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'domains'));
writeFileSync(join(root, 'domains/example.test.yaml'), 'mode: testing\nmx: [mx1.example.test]\n');

function invoke(options: Readonly<Record<string, string | true>>, operands: readonly string[] = []) {
  return PROBE_COMMAND.run({
    operands,
    options,
    root,
    data: join(root, 'data'),
    now: instant('2026-11-21T06:00:00Z'),
    now_given: true,
    dry_run: true,
    environment: {},
    progress: () => {},
    say: () => {},
  });
}

function settings(resolver: string): void {
  const network = `network: { resolver: "${resolver}", allow_private: true, second_look: 0, smtp_port: 9, https_port: 9, control: [c.test] }`;
  writeFileSync(join(root, 'domains/_settings.yaml'), `organisation: Test\n${network}\n`);
}

test('a run that could observe nothing at all ends with 3, and says that it is no fault of the domain', async () => {
  const dns = await startFakeDns(() => ({ rcode: 2 }));
  settings(dns.url);
  const { exit, json, text } = await invoke({});
  await dns.close();
  assert.equal(exit, 3);
  const { observations, unknown, vantage } = json as ProbeResult;
  assert.equal(unknown, observations.filter(({ outcome }) => outcome === 'unknown').length);
  assert.ok(observations.filter(({ domain }) => domain !== null).every(({ outcome }) => outcome === 'unknown'));
  assert.equal(vantage.smtp_egress, 'unknown');
  assert.match(text, /no fault of the domain/);
  assert.match(text, /Nothing at all could be observed from here/);
});

test('a table for each domain, and hostile text from the DNS does nothing to the terminal', async () => {
  const dns = await startFakeDns(
    respondFrom([
      { name: 'example.test', type: 'MX', data: { preference: 10, exchange: 'mx1.example.test' } },
      { name: 'mx1.example.test', type: 'A', data: '127.0.0.1' },
      { name: '_mta-sts.example.test', type: 'TXT', data: ['v=STSv1; id=\u001b[31mred'] },
    ]),
  );
  settings(dns.url);
  const { exit, text } = await invoke({});
  await dns.close();
  assert.equal(exit, 0);
  assert.match(text, /^example\.test$/m);
  assert.match(text, /□ MX host +mx1\.example\.test 127\.0\.0\.1 +not known: connect-refused/);
  assert.match(text, /nothing was stored/);
  assert.ok(!text.includes('\u001b'));
});

test('options that make no sense are usage errors', async () => {
  settings('udp://127.0.0.1:9');
  for (const options of [
    { shard: '0/2' },
    { shard: '3/2' },
    { shard: 'x' },
    { budget: '0' },
    { budget: '-5' },
    { budget: 'soon' },
    { import: 'x', budget: '5' },
  ])
    await assert.rejects(invoke(options), { code: 'usage' }, JSON.stringify(options));
  await assert.rejects(invoke({}, ['no-such.test']), { code: 'domain-unknown' });
});
