import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedFrom, type StoredMonth, upkeepOf } from '#scripts/core/reports/upkeep.ts';
import { dayOf, instantOf } from '../../io/store/stored-rows.ts';

const RETENTION = { detail_days: 400, aggregate_days: 1096 };
const NOW = instantOf('2026-11-21T06:00:00Z');

function month(name: string, changes: Partial<StoredMonth> = {}): StoredMonth {
  return { month: name, parts: 1, first_day: dayOf(`${name}-01`), has_figures: true, first_figures: null, ...changes };
}

test('a month is closed three days after its end, leap years and December too', () => {
  assert.deepEqual(['2026-10', '2026-12', '2028-02', '2027-02'].map(closedFrom), [
    '2026-11-04',
    '2027-01-04',
    '2028-03-04',
    '2027-03-04',
  ]);
});

test('an open month is left alone, however many files it has', () => {
  assert.deepEqual(upkeepOf([month('2026-11', { parts: 30, has_figures: false })], NOW, RETENTION), []);
  const october = [month('2026-10', { parts: 30, has_figures: false })];
  assert.deepEqual(upkeepOf(october, instantOf('2026-11-03T23:59:59Z'), RETENTION), []);
  assert.equal(upkeepOf(october, instantOf('2026-11-04T00:00:00Z'), RETENTION).length, 1);
});

test('a closed month becomes one file with figures, once', () => {
  const [due] = upkeepOf([month('2026-10', { parts: 3, has_figures: false })], NOW, RETENTION);
  assert.deepEqual(due, { month: '2026-10', derive: true, merge: true, rows_from: null, figures_from: null });
  assert.deepEqual(upkeepOf([month('2026-10')], NOW, RETENTION), []);
});

test('rows go when they are older than detail_days, to the day, and their figures are derived before', () => {
  // 400 days before 2026-11-21 is 2025-10-17: that day is the oldest that stays.
  const at = (first: string) => upkeepOf([month('2025-10', { first_day: dayOf(first) })], NOW, RETENTION);
  assert.deepEqual(at('2025-10-17'), []);
  assert.deepEqual(at('2025-10-16'), [
    { month: '2025-10', derive: true, merge: false, rows_from: '2025-10-17', figures_from: null },
  ]);
});

test('figures go when they are older than aggregate_days, and never before the rows', () => {
  const old = month('2023-11', { parts: 0, first_day: null, first_figures: dayOf('2023-11-20') });
  assert.deepEqual(upkeepOf([old], NOW, RETENTION), [
    { month: '2023-11', derive: false, merge: false, rows_from: null, figures_from: '2023-11-21' },
  ]);
  assert.deepEqual(upkeepOf([{ ...old, first_figures: dayOf('2023-11-21') }], NOW, RETENTION), []);
  const longRows = { detail_days: 3000, aggregate_days: 1096 };
  assert.deepEqual(upkeepOf([old], NOW, longRows), []);
});
