import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { folderOf, NOW, postern } from '../interface/command-line.ts';

const KEY = 'a'.repeat(64);
const root = folderOf({
  'domains/_settings.yaml': 'organisation: Example\n',
  'domains/example.com.yaml': 'mode: testing\nmx: [mx1.example.com]\ndane: { managed: true }\n',
  'domains/example.net.yaml': 'mode: testing\nmx: [mx1.example.net]\ndane: { managed: true }\n',
});
after(() => rmSync(root, { recursive: true, force: true }));

test('TLSA records come from what probes saw, and what nobody saw is said', async () => {
  const look = {
    at: NOW,
    vantage: 'away',
    domain: 'example.com',
    kind: 'dane',
    subject: 'mx1.example.com',
    address: null,
    outcome: 'ok',
    code: 'ok',
    facts: { signed: true, base: 'mx1.example.com', ttl: 300, records: [], keys: { '192.0.2.1': KEY } },
  };
  const rows = join(root, 'rows.jsonl');
  writeFileSync(rows, JSON.stringify(look));
  assert.equal((await postern(['probe', '--root', root, '--import', rows])).exit, 0);
  const { exit, out, err } = await postern(['export', 'zone', '--root', root, '--dry-run']);
  assert.equal(exit, 0, err);
  assert.match(out, new RegExp(`^_25\\._tcp\\.mx1\\.example\\.com\\. 3600 IN TLSA 3 1 1 ${KEY}$`, 'm'));
  assert.match(
    out,
    /^example\.net: TLSA records are left out, because no probe has seen an MX host in the zone of example\.net\.$/m,
  );
});
