import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  type Filters,
  filtersOf,
  hashOf,
  matching,
  monthsFor,
  NO_FILTERS,
  type SessionRow,
  seriesOf,
} from '#site/reports/explore/query.ts';

const row = (day: string, changes: Partial<SessionRow> = {}): SessionRow => ({
  domain: 'example.com',
  day,
  policy_type: 'sts',
  reporter: 'google.com',
  successful_sessions: 9,
  failed_sessions: 1,
  entries_without_counts: 0,
  ...changes,
});

suite('the explorer’s questions', () => {
  test('an address keeps the question, whatever the texts are', () => {
    const text = fc.string({ maxLength: 40 });
    const day = fc.constantFrom('', '2026-10-01', '2026-11-30');
    const filters = fc.record({
      table: fc.constantFrom('sessions' as const, 'failures' as const),
      domain: text,
      reporter: text,
      policy_type: text,
      result_type: text,
      from: day,
      to: day,
    });
    fc.assert(fc.property(filters, (asked) => assert.deepEqual(filtersOf(`#${hashOf(asked)}`), { ...asked })));
    assert.equal(hashOf(NO_FILTERS), '');
  });

  test('an address that somebody made up asks nothing odd', () => {
    const asked = filtersOf(`#table=__proto__&from=yesterday&to=2026-11&x=1&domain=${'a'.repeat(999)}`);
    assert.deepEqual([asked.table, asked.from, asked.to, asked.domain.length], ['sessions', '', '', 300]);
  });

  test('only the months that can hold an answer are read', () => {
    const months = ['2026-09', '2026-10', '2026-11'];
    const ask = (from: string, to: string) => monthsFor({ from, to }, months);
    assert.deepEqual(ask('', ''), months);
    assert.deepEqual(ask('2026-10-31', ''), ['2026-10', '2026-11']);
    assert.deepEqual(ask('2026-09-30', '2026-10-01'), ['2026-09', '2026-10']);
  });

  test('filters, both days included', () => {
    const rows = [
      row('2026-11-01'),
      row('2026-11-02', { domain: 'example.net' }),
      row('2026-11-03', { reporter: 'b' }),
    ];
    const days = (filters: Partial<Filters>) => matching(rows, { ...NO_FILTERS, ...filters }).map(({ day }) => day);
    assert.deepEqual(days({ domain: 'example.com' }), ['2026-11-01', '2026-11-03']);
    assert.deepEqual(days({ from: '2026-11-02', to: '2026-11-02' }), ['2026-11-02']);
    assert.deepEqual(days({ reporter: 'b' }), ['2026-11-03']);
  });

  test('policy types are never added (RFC 8460 §4), and a day without rows is left out', () => {
    const rows = [row('2026-11-01'), row('2026-11-01', { reporter: 'b' }), row('2026-11-03', { policy_type: 'tlsa' })];
    assert.deepEqual(seriesOf(rows), [
      { policy_type: 'sts', days: [{ day: '2026-11-01', total: 20, failed: 2 }] },
      { policy_type: 'tlsa', days: [{ day: '2026-11-03', total: 10, failed: 1 }] },
    ]);
  });
});
