import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPolicyId, parseMtaStsRecords, renderMtaStsRecord } from '#scripts/standards/mta-sts-record.ts';
import { extensions } from './arbitraries.ts';
import { faultsOf, good, lintsOf, readVectors } from './vectors.ts';

interface RecordVector {
  readonly id: string;
  readonly records: readonly string[];
  readonly usable_id: string | null;
  readonly why: string;
}

const VECTORS = readVectors<RecordVector>('mta-sts-txt.json', 32);
for (const { id, records, usable_id, why } of VECTORS) {
  test(`RFC 8461 §3.1 ${id}: ${why}`, () => {
    const parsed = parseMtaStsRecords(records);
    assert.equal(parsed.ok ? parsed.value.id : null, usable_id, JSON.stringify(parsed));
  });
}

test('each unusable set says what is wrong with it', () => {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    T05: ['id-syntax'],
    T06: ['id-syntax'],
    T07: ['id-syntax'],
    T08: ['record-empty', 'id-missing'],
    T09: ['record-version'],
    T10: ['id-missing'],
    T12: ['record-version'],
    T13: ['record-version'],
    T14: ['record-version'],
    T15: ['id-missing'],
    T16: ['record-version'],
    T18: ['field-empty'],
    T20: ['id-syntax'],
    T21: ['record-version'],
    T22: ['id-syntax'],
    T23: ['record-version'],
    T24: ['field-value'],
    T25: ['field-value'],
    T26: ['field-syntax'],
    T29: ['record-several'],
    T31: ['record-absent'],
    T32: ['id-syntax'],
  };
  const unusable = VECTORS.filter(({ usable_id }) => usable_id === null);
  assert.deepEqual(
    unusable.map(({ id }) => id),
    Object.keys(wanted),
  );
  for (const { id, records } of unusable) assert.deepEqual(faultsOf(parseMtaStsRecords(records)), wanted[id], id);
});

test('what is usable but must not be published', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['v=STSv1; id=a', []],
    ['v=STSv1;id=a; x=y', []],
    // Erratum 6285
    ['v=STSv1 ; id=a', ['space-before-semicolon']],
    ['v=STSv1; id=a; id=b', ['duplicate-field']],
  ];
  for (const [record, wanted] of table) assert.deepEqual(lintsOf(parseMtaStsRecords([record])), wanted, record);
});

test('no records, unusable records, and records of other versions', () => {
  assert.deepEqual(faultsOf(parseMtaStsRecords([])), ['record-absent']);
  assert.deepEqual(faultsOf(parseMtaStsRecords([''])), ['record-absent']);
  assert.deepEqual(faultsOf(parseMtaStsRecords(['v=STSv2; id=a'])), ['record-version']);
  assert.deepEqual(faultsOf(parseMtaStsRecords(['v=STSv1 ; id=a', 'v=STSv1 ; id=b'])), ['record-version']);
  assert.deepEqual(faultsOf(parseMtaStsRecords([`v=STSv1; id=a; x=${'y'.repeat(5000)}`])), [
    'record-too-long',
    'id-missing',
  ]);
  // A first id that is none is not mended by a second one.
  assert.deepEqual(faultsOf(parseMtaStsRecords(['v=STSv1; id=a-b; id=c'])), ['id-syntax']);
});

test('parse ∘ render is the identity; unknown fields come back as they were', () => {
  const ids = fc.stringMatching(/^[A-Za-z0-9]{1,32}$/);
  fc.assert(
    fc.property(ids, extensions, fc.constantFrom('', ';', ' ; '), (id, unknown, end) => {
      assert.ok(isPolicyId(id));
      const record = [renderMtaStsRecord(id), ...unknown.map(({ key, value }) => `${key}=${value}`)].join(' ;\t') + end;
      assert.deepEqual(good(parseMtaStsRecords(['v=spf1 -all', record])), { id, extensions: unknown });
    }),
  );
});

test('any texts at all give a value', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^v=STSv1[ ;=a-zA-Z0-9]*$/));
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), (records) => {
      const parsed = parseMtaStsRecords(records);
      if (parsed.ok) assert.ok(isPolicyId(parsed.value.id));
    }),
  );
});
