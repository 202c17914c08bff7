import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWeekend } from '#scripts/core/clock.ts';
import { day, only, reviewOf, type Said, says, span } from '../world.ts';

/** 400 sessions on working days, 100 on weekends, and what is said of the days in `changes`. */
function rhythm(reporter: string, to: string, changes: Readonly<Record<string, number>> = {}): readonly Said[] {
  return span('2026-10-10', to).map((on) => ({
    ...says(reporter, changes[on] ?? (isWeekend(day(on)) ? 100 : 400)),
    day: on,
  }));
}

const onEach = (days: readonly string[], sessions: number) => Object.fromEntries(days.map((on) => [on, sessions]));

const volumes = (said: readonly Said[]) => reviewOf(said).findings.filter(({ rule }) => rule === 'anomaly-volume');

test('a collapse against days of the same kind', () => {
  const b = rhythm('b.example', '2026-11-20');
  const table: Readonly<Record<string, readonly [found: boolean, changes: Readonly<Record<string, number>>]>> = {
    'the usual week': [false, {}],
    'a working day like a weekend': [false, { '2026-11-19': 100 }],
    'nearly nothing': [true, { '2026-11-19': 12 }],
    'nearly nothing on a weekend, half on the days since': [
      true,
      { ...onEach(span('2026-11-16', '2026-11-19'), 100), '2026-11-14': 2, '2026-11-15': 2 },
    ],
    'a day that is not complete yet': [false, { '2026-11-20': 12 }],
    'over: two usual days since': [false, { '2026-11-16': 12 }],
  };
  for (const [situation, [found, changes]] of Object.entries(table))
    assert.equal(volumes([...b, ...rhythm('a.example', '2026-11-20', changes)]).length > 0, found, situation);
});

test('one reporter is about the reporter, most of them about the domain', () => {
  const low = { '2026-11-18': 9, '2026-11-19': 8 };
  const [a, b] = [rhythm('a.example', '2026-11-20', low), rhythm('b.example', '2026-11-20', low)];
  const alone = only(volumes([...a, ...rhythm('b.example', '2026-11-20'), ...rhythm('c.example', '2026-11-20')]));
  assert.deepEqual([alone.subject.reporter, alone.actor, alone.since], ['a.example', 'sender', '2026-11-18']);
  const all = only(volumes([...a, ...b]));
  assert.deepEqual([all.subject.kind, all.actor, all.severity], ['domain', 'unknown', 'sev3']);
  assert.match(all.summary, /a\.example and b\.example counted 16 on 2026-11-19, where about 800 are usual/);
});

test('twenty sessions a day can vanish by chance', () => {
  const few = span('2026-10-10', '2026-11-20').map(
    (on): Said => ({
      ...says('a.example', on >= '2026-11-18' ? 1 : 20),
      day: on,
    }),
  );
  assert.deepEqual(volumes(few), []);
});

test('a lasting loss of 60 % is told after five days; a large mailing before it, a short dip and the turn of the year are not', () => {
  const b = rhythm('b.example', '2026-11-20');
  const c = rhythm('c.example', '2026-11-20');
  const part = (from: string, to: string, share: number) =>
    Object.fromEntries(span(from, to).map((on) => [on, Math.round((isWeekend(day(on)) ? 100 : 400) * share)]));
  const of = (changes: Readonly<Record<string, number>>) =>
    volumes([...b, ...c, ...rhythm('a.example', '2026-11-20', changes)]);
  const step = only(of(part('2026-11-12', '2026-11-20', 0.4)));
  assert.deepEqual([step.subject.reporter, step.since, step.state], ['a.example', '2026-11-12', 'open']);
  assert.deepEqual(of(part('2026-11-17', '2026-11-20', 0.4)), []);
  assert.deepEqual(of(part('2026-11-05', '2026-11-12', 0.4)), [], 'usual again');
  assert.deepEqual(of(part('2026-11-09', '2026-11-10', 5)), []);
  assert.deepEqual(of(part('2026-11-09', '2026-11-20', 0.75)), []);
});
