import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Quarantine, type QuarantineReason, sha256Of } from '#scripts/io/store/quarantine.ts';
import { instantOf } from './stored-rows.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-quarantine-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

function reasonFor(raw: Uint8Array): QuarantineReason {
  const at = instantOf('2026-11-19T06:00:00Z');
  return {
    source: 'x',
    reason: 'not-json',
    message: 'It is not.',
    at,
    size: raw.length,
    sha256: sha256Of(raw),
    reports: 0,
  };
}

test('a thing is kept once, with its bytes and the reason', () => {
  const data = join(scratch, 'once');
  const raw = Buffer.from('raw');
  const quarantine = new Quarantine(data, { readOnly: false });
  const reason = reasonFor(raw);
  assert.equal(quarantine.find(reason.sha256), null);
  quarantine.put(reason, raw);
  const folder = join(data, 'quarantine', reason.sha256);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'reason.json'), 'utf8')), reason);
  assert.deepEqual(readFileSync(join(folder, 'raw')), raw);
  const { mtimeMs } = statSync(join(folder, 'reason.json'));
  new Quarantine(data, { readOnly: false }).put({ ...reason, message: 'Another time.' }, raw);
  assert.equal(statSync(join(folder, 'reason.json')).mtimeMs, mtimeMs);
  assert.deepEqual(new Quarantine(data, { readOnly: true }).find(reason.sha256), { reason: 'not-json', reports: 0 });
});

test('it is bounded in number and in bytes, also over several runs', () => {
  const data = join(scratch, 'bounded');
  for (let run = 0; run < 3; run += 1) {
    const quarantine = new Quarantine(data, { readOnly: false, limits: { bytes: 25, entries: 4 } });
    for (let index = 0; index < 3; index += 1)
      quarantine.put(reasonFor(Buffer.alloc(10, `${run}${index}`)), Buffer.alloc(10, `${run}${index}`));
  }
  assert.equal(readdirSync(join(data, 'quarantine')).length, 2, '25 bytes');
  const small = new Quarantine(data, { readOnly: false, limits: { bytes: 1000, entries: 4 } });
  for (let index = 0; index < 9; index += 1) small.put(reasonFor(Buffer.from(`s${index}`)), Buffer.from(`s${index}`));
  assert.equal(readdirSync(join(data, 'quarantine')).length, 4, '4 entries');
});

test('a part of a file is kept by its place', () => {
  const file = join(scratch, 'file');
  writeFileSync(file, 'before|the part|after');
  const raw = { file, start: 7, length: 8 };
  assert.equal(sha256Of(raw), sha256Of(Buffer.from('the part')));
  const data = join(scratch, 'part');
  new Quarantine(data, { readOnly: false }).put({ ...reasonFor(Buffer.from('the part')) }, raw);
  assert.equal(readFileSync(join(data, 'quarantine', sha256Of(raw), 'raw'), 'utf8'), 'the part');
});

test('reading only, nothing is written; half a folder of a run that was cut off goes', () => {
  const data = join(scratch, 'half');
  new Quarantine(data, { readOnly: true }).put(reasonFor(Buffer.from('x')), Buffer.from('x'));
  assert.equal(existsSync(data), false);
  mkdirSync(join(data, 'quarantine/.tmp-1'), { recursive: true });
  new Quarantine(data, { readOnly: false });
  assert.deepEqual(readdirSync(join(data, 'quarantine')), []);
});
