import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { appendLedgerText, listLedgers, readLedgerText } from '#scripts/io/files/policy-ledger.ts';
import { appendLedger, domainsWithLedger, readLedger } from '#scripts/tasks/ledger.ts';
import { domainName, instant } from '../../core/analysis/world.ts';
import { policy, published } from '../../core/policy/ledger-events.ts';

const data = mkdtempSync(join(tmpdir(), 'postern-ledger-'));
after(() => rmSync(data, { recursive: true, force: true }));
const name = domainName('example.com');
const path = join(data, 'policies', 'example.com.jsonl');

suite('the ledger on disk', () => {
  test('no file is an empty ledger, and reading makes none', () => {
    assert.equal(readLedgerText(data, name), null);
    assert.deepEqual(readLedger(data, name).versions, []);
    assert.deepEqual(listLedgers(data), []);
  });

  test('is appended to, and nothing that stands is changed', () => {
    const first = published('2026-11-01T00:00:00Z', policy('testing', 'mx1.example.com'));
    appendLedger(data, name, first);
    const before = readFileSync(path, 'utf8');
    appendLedger(data, name, []);
    assert.equal(readFileSync(path, 'utf8'), before);
    appendLedger(data, name, published('2026-11-20T00:00:00Z', policy('enforce', 'mx1.example.com'), first));
    assert.ok(readFileSync(path, 'utf8').startsWith(before));
    assert.equal(readLedger(data, name).in_force?.mode, 'enforce');
    assert.deepEqual(domainsWithLedger(data), ['example.com']);
  });

  test('a half-written line is closed off, stepped over and told', () => {
    const before = readLedger(data, name).versions.length;
    appendFileSync(path, '{"at":"2026-11-21T00:00:00Z","event":"minted","id":"20261121000000","sha');
    const [cut, ...none] = readLedger(data, name).damage;
    assert.match(cut ?? '', /^data\/policies\/example\.com\.jsonl: line \d+ is cut off, /);
    assert.deepEqual(none, []);
    appendLedger(data, name, published('2026-11-21T00:00:00Z', policy('testing', 'mx1.example.com')));
    const ledger = readLedger(data, name);
    assert.match(
      ledger.damage.join('|'),
      /^data\/policies\/example\.com\.jsonl: line \d+ cannot be read and is stepped over/,
    );
    assert.equal(ledger.versions.length, before + 1);
    assert.ok(ledger.ids.has('20261121000000'));
  });

  test('what happens to the host stands in a file of its own: the policies hold the four events of a version alone', () => {
    const before = readFileSync(path, 'utf8');
    const { id, sha256 } = readLedger(data, name).versions.at(-1) ?? assert.fail('no version');
    const hosting = { name: 'here', kind: 'pages-here' } as const;
    const now = instant('2026-11-22T00:00:00Z');
    appendLedger(data, name, [
      { at: now, event: 'hosted', id, sha256, hosting },
      { at: now, event: 'served', id, sha256 },
    ]);
    const added = readFileSync(path, 'utf8').slice(before.length);
    assert.equal(added, `${JSON.stringify({ at: now, event: 'served', id, sha256 })}\n`);
    assert.deepEqual(readLedger(data, name).hosts.place, hosting);
    appendFileSync(join(data, 'hosts', 'example.com.jsonl'), '{"at":');
    assert.match(readLedger(data, name).damage.at(-1) ?? '', /^data\/hosts\/example\.com\.jsonl: line 2 is cut off/);
    assert.deepEqual(readLedger(data, name).hosts.place, hosting);
  });

  test('two processes that append at once lose and mix nothing', async () => {
    const two = domainName('two.example');
    const each = 200;
    const writer = (letter: string) =>
      `import { appendLedgerText } from ${JSON.stringify(new URL('../../../scripts/io/files/policy-ledger.ts', import.meta.url).href)};
       for (let i = 0; i < ${each}; i++) appendLedgerText(${JSON.stringify(data)}, 'two.example', ['${letter}'.repeat(3000) + i]);`;
    await Promise.all(['a', 'b'].map((letter) => run(writer(letter))));
    const lines = (readLedgerText(data, two) ?? '').split('\n').filter((line) => line !== '');
    assert.equal(lines.length, 2 * each);
    assert.ok(lines.every((line) => /^(?:a{3000}|b{3000})\d+$/.test(line)));
    appendLedgerText(data, two, []);
  });
});

function run(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`writer ended with ${code}`))));
  });
}
