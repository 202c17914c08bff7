import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { findDomain } from '#site/reports/explore/find.ts';
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

suite('looking for a domain', () => {
  const names = ['a.example', 'mail.b.example', 'b.example', 'xn--bcher-kva.example', 'cab.example'];

  test('its whole name leads there, as it is written or shown', () => {
    for (const text of ['b.example', ' B.Example. ', 'https://b.example/', 'postmaster@b.example'])
      assert.deepEqual(findDomain(text, names), { exact: 'b.example', some: [], more: 0 }, text);
    assert.equal(findDomain('bücher.example', names).exact, 'xn--bcher-kva.example');
  });

  test('a part of it gives those that begin with it, then those that hold it', () => {
    assert.deepEqual(findDomain('b.', names), {
      exact: null,
      some: ['b.example', 'cab.example', 'mail.b.example'],
      more: 0,
    });
    assert.deepEqual(findDomain('example', names, 2), { exact: null, some: ['a.example', 'b.example'], more: 3 });
    assert.deepEqual(findDomain('bücher', names).some, ['xn--bcher-kva.example']);
  });

  test('nothing, or what no name holds, gives nothing', () => {
    for (const text of ['', '  ', 'zzz', '"><img src=x>'])
      assert.deepEqual(findDomain(text, names), { exact: null, some: [], more: 0 }, text);
  });
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
