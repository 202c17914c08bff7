import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monthsOf, piecesOf } from '#scripts/core/reports/months.ts';
import { dayOf, instantOf } from '../../io/store/stored-rows.ts';

const now = instantOf('2026-03-02T06:00:00Z');

test('the months of a window, each with the part of the window in it', () => {
  const months = monthsOf({ from: dayOf('2025-12-30'), to: dayOf('2026-03-02'), now });
  assert.deepEqual(
    months.map(({ month, window }) => [month, window.from, window.to]),
    [
      ['2025-12', '2025-12-30', '2025-12-31'],
      ['2026-01', '2026-01-01', '2026-01-31'],
      ['2026-02', '2026-02-01', '2026-02-28'],
      ['2026-03', '2026-03-01', '2026-03-02'],
    ],
  );
  assert.deepEqual([months[2]?.calendar.length, months[0]?.calendar[30]], [28, '2025-12-31']);
  assert.deepEqual(monthsOf({ from: dayOf('2026-03-03'), to: dayOf('2026-03-02'), now }), []);
});

test('a window in pieces: every day once, in order, and on the same days whatever the window', () => {
  const pieces = (from: string, to: string, rows: (day: string) => number) =>
    piecesOf({ from: dayOf(from), to: dayOf(to), now }, rows).map((piece) => [piece.from.slice(8), piece.to.slice(8)]);
  assert.deepEqual(
    pieces('2026-11-01', '2026-11-30', () => 10),
    [['01', '30']],
  );
  const weeks = [
    ['01', '07'],
    ['08', '14'],
    ['15', '21'],
    ['22', '30'],
  ];
  assert.deepEqual(
    pieces('2026-11-01', '2026-11-30', () => 200_000),
    weeks,
  );
  assert.deepEqual(
    pieces('2026-11-03', '2026-11-23', () => 200_000),
    [['03', '07'], ...weeks.slice(1, 3), ['22', '23']],
  );
  // Weeks that are over stay the same pieces while the days go on, and a day without anything is no part of one.
  assert.deepEqual(
    pieces('2026-11-01', '2026-11-23', (day) => (day < '2026-11-22' ? 100_000 : 0)),
    weeks.slice(0, 3),
  );
  assert.deepEqual(
    pieces('2026-11-01', '2026-11-30', (day) => (day < '2026-11-22' ? 100_000 : 0)),
    [['01', '21']],
  );
  assert.deepEqual(
    pieces('2026-11-01', '2026-11-30', () => 0),
    [],
  );
  const busy = pieces('2026-11-01', '2026-11-10', (day) => (day < '2026-11-08' ? 1_000_000 : 1));
  assert.equal(busy.length, 8);
  assert.deepEqual(busy.at(-1), ['08', '10']);
});
