import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWeekend } from '#scripts/core/clock.ts';
import { day, instant, only, reviewOf, type Said, says, span } from '../world.ts';

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

test('a holiday that all reporters show is no collapse of one that falls a little deeper; alone it would be one', () => {
  const usual = ['b', 'c', 'd'].map((name) => `${name}.example`);
  const others = (part: number) =>
    usual.flatMap((name) => rhythm(name, '2026-11-20', { '2026-11-19': Math.round(400 * part) }));
  const one = rhythm('a.example', '2026-11-20', { '2026-11-19': 40 });
  assert.equal(volumes([...others(1), ...one]).length, 1);
  assert.deepEqual(volumes([...others(0.4), ...one]), []);
  // Where a quarter is left everywhere no holiday explains it.
  assert.equal(volumes([...others(0.25), ...one]).length, 1);
});

test('what one reporter takes five days for, all together prove in one to three; a holiday does not', () => {
  const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.example`);
  const of = (from: string, part: number) =>
    volumes(
      names.flatMap((name) =>
        rhythm(
          name,
          '2026-11-20',
          Object.fromEntries(
            span(from, '2026-11-20').map((on) => [on, Math.round((isWeekend(day(on)) ? 100 : 400) * part)]),
          ),
        ),
      ),
    );
  // 2026-11-19, a Thursday, is the newest complete day.
  const deep = only(of('2026-11-19', 0.1));
  assert.deepEqual([deep.subject.kind, deep.since, deep.actor], ['domain', '2026-11-19', 'unknown']);
  assert.deepEqual(of('2026-11-19', 0.25), [], 'a working day like a weekend may be a holiday');
  assert.deepEqual(of('2026-11-18', 0.3), [], 'and so may two');
  assert.equal(only(of('2026-11-17', 0.3)).since, '2026-11-17');
  assert.deepEqual(of('2026-11-17', 0.7), []);
});

test('a loss on its first day is no holiday where those fall, too, who have their mail at weekends', () => {
  const of = (to: string, from: string, part: number, firmPart: number, now?: string) => {
    const said = ['a', 'b', 'c', 'firm1', 'firm2'].flatMap((name) =>
      span('2026-10-10', to).map((on): Said => {
        const usual = isWeekend(day(on)) ? (name.startsWith('firm') ? 350 : 100) : 400;
        const left = on < from ? 1 : name.startsWith('firm') ? firmPart : part;
        return { ...says(`${name}.example`, Math.round(usual * left)), day: on };
      }),
    );
    const { findings } = now === undefined ? reviewOf(said) : reviewOf(said, {}, instant(now));
    return findings.filter(({ rule }) => rule === 'anomaly-volume');
  };
  assert.equal(only(of('2026-11-20', '2026-11-19', 0.4, 0.4)).since, '2026-11-19');
  assert.deepEqual(of('2026-11-20', '2026-11-19', 0.25, 0.85), [], 'a holiday');
  // At the turn of the year every day may be one: what falls below a weekend is none, but for the feasts.
  const late = '2026-12-31T06:00:00Z';
  assert.equal(of('2026-12-30', '2026-12-28', 0.4, 0.4, late).length, 1);
  assert.deepEqual(of('2026-12-30', '2026-12-21', 0.3, 0.85, late), []);
  assert.deepEqual(of('2026-12-27', '2026-12-24', 0.2, 0.2, '2026-12-28T06:00:00Z'), []);
});

test('one large reporter that falls is not the domain', () => {
  const small = ['b', 'c', 'd'].flatMap((name) => rhythm(`${name}.example`, '2026-11-20'));
  const large = span('2026-10-10', '2026-11-20').map((on) => ({
    ...says('large.example', (isWeekend(day(on)) ? 10_000 : 40_000) / (on >= '2026-11-17' ? 100 : 1)),
    day: on,
  }));
  assert.equal(only(volumes([...small, ...large])).subject.name, 'large.example');
});

test('a restless reporter that is back within its own spread is back', () => {
  // As one reporter of the simulator went on (seed 301): no mail for ten days, then the turn of the year.
  const counted = `
    10-25 240 10-26 88 10-27 497 10-28 311 10-29 451 10-30 517 10-31 550 11-01 238 11-02 225 11-03 528 11-04 488
    11-05 286 11-06 339 11-07 403 11-08 193 11-09 231 11-10 109 11-11 542 11-12 557 11-13 484 11-14 416 11-15
    183 11-16 195 11-17 358 11-18 142 11-19 368 11-20 458 11-21 502 11-22 229 11-23 115 11-24 202 11-25 521
    11-26 203 11-27 528 11-28 505 11-29 136 11-30 139 12-01 101 12-02 411 12-03 349 12-06 149 12-07 73 12-08 514
    12-09 511 12-10 482 12-11 542 12-12 539 12-14 5 12-15 7 12-16 9 12-17 1 12-18 27 12-19 14 12-20 8 12-21 11
    12-22 9 12-23 24 12-24 233 12-25 225 12-26 219 12-27 162 12-28 202 12-30 476 12-31 156 01-01 564 01-02 462
    01-03 225 01-04 119 01-05 526 01-06 482 01-07 313 01-08 451 01-09 280 01-10 249`;
  const a = [...counted.matchAll(/(\d\d-\d\d) (\d+)/g)].map(
    ([, on = '', sessions]): Said => ({
      ...says('a.example', Number(sessions)),
      day: `${on < '03' ? 2026 : 2025}-${on}`,
    }),
  );
  const { findings } = reviewOf(a, {}, instant('2026-01-11T10:00:00Z'));
  assert.deepEqual(
    findings.filter(({ rule, state }) => rule === 'anomaly-volume' && state === 'open'),
    [],
  );
});
