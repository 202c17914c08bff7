import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Day } from '#scripts/core/clock.ts';
import { DailyTable } from '#scripts/core/reports/daily-table.ts';
import { dayOfMonth } from '#scripts/core/reports/day-sets.ts';
import type { DailySessions } from '#scripts/core/reports/view.ts';
import { pieceOf } from './piece-of-view.ts';

const DOMAINS = ['a.example', 'b.example', 'c.example', 'silent.example'];
const MONTHS = ['2026-10', '2026-11'];
const TYPES = ['no-policy-found', 'sts', 'tlsa'];

/** In the order of the store: by day, domain and policy type. */
const rows = fc
  .uniqueArray(
    fc.record(
      {
        domain: fc.constantFrom(...DOMAINS.slice(0, 3)),
        day: fc
          .tuple(fc.constantFrom(...MONTHS), fc.integer({ min: 1, max: 30 }))
          .map(([month, day]) => `${month}-${String(day).padStart(2, '0')}` as Day),
        policy_type: fc.constantFrom(...TYPES),
        successful: fc.constantFrom(0, 1, 2 ** 31, 2 ** 40),
        failed: fc.constantFrom(0, 7),
        unknown_entries: fc.constantFrom(0, 1),
        reporters: fc.constantFrom(1, 70_000),
      },
      { noNullPrototype: true },
    ),
    { selector: keyOf, maxLength: 60 },
  )
  .map((list) => list.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)));

function keyOf({ day, domain, policy_type }: Pick<DailySessions, 'day' | 'domain' | 'policy_type'>): string {
  return `${day} ${domain} ${policy_type}`;
}

function tableOf(daily: readonly DailySessions[]): DailyTable {
  const table = new DailyTable(DOMAINS);
  for (const month of MONTHS) {
    const calendar = Array.from({ length: 32 }, (_, day) => dayOfMonth(month, day));
    table.add(pieceOf(month, DOMAINS, { daily: daily.filter(({ day }) => day.startsWith(month)) }), calendar);
  }
  return table;
}

test('a table says the rows that were put into it, all of them and those of each domain', () => {
  fc.assert(
    fc.property(rows, (daily) => {
      const table = tableOf(daily);
      assert.deepEqual([...table], daily);
      for (const domain of DOMAINS)
        assert.deepEqual(
          table.of(domain),
          daily.filter((row) => row.domain === domain),
        );
    }),
  );
});

test('of a domain that is not in it, it says nothing', () => {
  assert.deepEqual(tableOf([]).of('other.example'), []);
});

test('what was read with the figures may change or go: the table has its own', () => {
  const row: DailySessions = {
    domain: 'b.example',
    day: '2026-11-03' as Day,
    policy_type: 'sts',
    successful: 5,
    failed: 1,
    unknown_entries: 0,
    reporters: 2,
  };
  const piece = pieceOf('2026-11', DOMAINS, { daily: [row] });
  const table = new DailyTable(DOMAINS);
  table.add(
    piece,
    Array.from({ length: 32 }, (_, day) => dayOfMonth('2026-11', day)),
  );
  for (const column of Object.values(piece.daily)) column.fill(9);
  assert.deepEqual(table.of('b.example'), [row]);
});
