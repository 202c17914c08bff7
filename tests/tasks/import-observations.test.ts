import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importObservations } from '#scripts/tasks/import-observations.ts';
import { openObservationStore } from '#scripts/tasks/open-observation-store.ts';
import { instant, observation } from '../io/store/observation-rows.ts';

const home = mkdtempSync(join(tmpdir(), 'postern-import-'));
after(() => rmSync(home, { recursive: true, force: true }));
mkdirSync(join(home, 'domains'));
writeFileSync(join(home, 'domains/_settings.yaml'), 'organisation: Test\n');
const now = instant('2026-11-21T06:00:00Z');
const file = join(home, 'rows.jsonl');
const data = join(home, 'data');
const bring = (lines: readonly string[], dryRun = false) => {
  writeFileSync(file, lines.join('\n'));
  return importObservations({ root: home, data, now, file, dryRun });
};

const sound = observation('2026-11-20T06:00:00Z', { vantage: 'away' });
const blind = observation('2026-11-20T06:00:00Z', {
  vantage: 'away',
  outcome: 'unknown',
  code: 'connect-timeout',
  address: null,
});

test('rows made elsewhere are stored once, whether facts are an object or its text', async () => {
  const lines = [JSON.stringify(sound), '', JSON.stringify({ ...blind, facts: JSON.stringify(blind.facts) })];
  const result = await bring(lines, true);
  assert.deepEqual(
    [result.observations, result.unknown, result.stored, result.vantage.name],
    [[sound, blind], 1, 0, 'away'],
  );
  assert.equal((await bring(lines)).stored, 2);
  assert.equal((await bring(lines)).stored, 0);
  const store = await openObservationStore(data);
  const standings = await store.read({ domains: ['example.com'], from: instant('2026-11-01T00:00:00Z'), to: now });
  await store.close();
  assert.equal(standings.length, 2);
});

test('names are stored as ours are, so that the rows are found', async () => {
  const other = { ...sound, domain: 'EXAMPLE.com.', subject: 'MX1.Example.Com.' };
  const { observations } = await bring([JSON.stringify(other)], true);
  assert.deepEqual(observations, [{ ...sound, domain: 'example.com', subject: 'mx1.example.com' }]);
});

test('one bad line, and nothing is stored; the message names the line', async () => {
  const bad: readonly (readonly [unknown, RegExp])[] = [
    ['no json', /is not JSON/],
    ['[]', /no JSON object/],
    [{ ...sound, at: 'yesterday' }, /`at`/],
    [{ ...sound, kind: 'gossip' }, /`kind`/],
    [{ ...sound, outcome: 'fine' }, /`outcome`/],
    [{ ...sound, outcome: 'bad' }, /go together/],
    [{ ...sound, code: '' }, /`code`/],
    [{ ...sound, domain: null }, /`domain`/],
    [{ ...sound, domain: 'no domain' }, /`domain`/],
    [{ ...sound, address: '[192.0.2.1]' }, /`address`/],
    [{ ...sound, facts: 'x' }, /`facts`/],
    [{ ...sound, facts: [1] }, /`facts`/],
  ];
  for (const [line, message] of bad) {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    const fresh = JSON.stringify({ ...sound, vantage: 'fresh' });
    await assert.rejects(bring([fresh, text]), (error: Error) => {
      assert.match(error.message, /rows\.jsonl:2: /);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.equal((await bring([JSON.stringify(sound)])).stored, 0);
});

test('a file that is not there is a usage error', async () => {
  const options = { root: home, data, now, file: join(home, 'none.jsonl'), dryRun: false };
  await assert.rejects(importObservations(options), /file-unreadable|cannot be read/);
});
