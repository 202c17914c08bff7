import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IngestResult } from '#scripts/core/reports/ingest-result.ts';
import { ingestText } from '#scripts/core/result-text.ts';

const NOTHING: IngestResult = {
  messages: 0,
  reports: 0,
  duplicates: 0,
  conflicts: 0,
  foreign: 0,
  unauthenticated: 0,
  quarantined: [],
  warnings: {},
  warnings_by_reporter: {},
  other: {},
  waiting: 0,
  remaining: 0,
  unreadable: [],
};

test('whose reports had to be repaired: the most often repaired first, ten of them, harmless to show', () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`r${index + 10}.example`, { bom: 1 }]));
  const text = ingestText(
    {
      ...NOTHING,
      messages: 5,
      reports: 5,
      warnings: { bom: 15, 'sum-differs': 3 },
      warnings_by_reporter: { ...many, 'mail.ru': { bom: 3, 'sum-differs': 3 }, '\u001b[31mevil': { bom: 2 } },
    },
    false,
  );
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(0, 5), [
    '5 messages read, 5 new reports stored.',
    '  repaired on reading: bom 15, sum-differs 3',
    '    mail.ru: bom 3, sum-differs 3',
    lines[3] ?? '',
    '    r10.example: bom 1',
  ]);
  assert.match(lines[3] ?? '', /evil: bom 2$/);
  assert.ok(!text.includes('\u001b'));
  assert.equal(lines.at(-1), '    and of 4 more reporters: see --json');
  assert.equal(lines.length, 13);
});

test('nothing repaired: no line about it', () => {
  assert.equal(
    ingestText({ ...NOTHING, messages: 1, reports: 1 }, true),
    '1 message read, 1 new report would be stored (dry run).',
  );
});

test('a damaged file of the store is named, and of many quarantined sources the first twenty', () => {
  const quarantined = Array.from({ length: 23 }, (_, index) => ({ source: `${index}.eml`, reason: 'bomb' }));
  const unreadable = [{ file: 'reports/month=2026-11/part-1.parquet', message: 'Its bytes are others.' }];
  const lines = ingestText({ ...NOTHING, messages: 30, reports: 7, quarantined, unreadable }, false).split('\n');
  assert.equal(lines.length, 1 + 20 + 1 + 2);
  assert.deepEqual(lines.slice(-4), [
    '  quarantined 19.eml: bomb',
    '  and 3 more quarantined: see --json',
    '  cannot be read: reports/month=2026-11/part-1.parquet: Its bytes are others.',
    '    What they held is stored again where its mail was still there.',
  ]);
});
