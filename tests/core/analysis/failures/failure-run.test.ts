import assert from 'node:assert/strict';
import { test } from 'node:test';
import { but, fails, failuresIn, MX, onDays, only, type Said, says, span } from '../world.ts';

/** November 2026; days up to the 19th are complete. */
const on = (days: readonly number[], said: Said) =>
  onDays(
    days.map((day) => `2026-11-${String(day).padStart(2, '0')}`),
    said,
  );
const expired = (successful: number, failed: number) =>
  says('a.example', successful, ['certificate-expired', MX, failed]);
const bad = (...days: number[]) => on(days, expired(70, 30));
const good = (...days: number[]) => on(days, says('a.example', 100));
const noise = (...days: number[]) => on(days, expired(99, 1));
const warm = (...days: number[]) => on(days, expired(97, 3));
const few = (...days: number[]) => on(days, says('c.example', 2, ['certificate-expired', MX, 2]));
const other = (...days: number[]) => on(days, says('b.example', 100));

test('state: open, recovering after one complete clean day with data, gone after two', () => {
  const gone = null;
  const table: Readonly<
    Record<
      string,
      readonly [expected: readonly [state: string, since: number, last: number] | null, said: readonly Said[]]
    >
  > = {
    'failing to the last day': [['open', 18, 20], bad(18, 19, 20)],
    'no data since': [['open', 1, 1], bad(1)],
    'only others report since': [
      ['open', 1, 1],
      [...bad(1), ...other(2, 3, 4, 5, 18, 19)],
    ],
    'one clean day': [
      ['recovering', 18, 18],
      [...bad(18), ...good(19)],
    ],
    'the second clean day is not complete': [
      ['recovering', 18, 18],
      [...bad(18), ...good(19, 20)],
    ],
    'two clean days': [gone, [...bad(17), ...good(18, 19)]],
    'two clean days with a gap between': [gone, [...bad(10), ...good(12, 19)]],
    'one clean day in between: one run': [
      ['open', 10, 12],
      [...bad(10, 12), ...good(11)],
    ],
    'two clean days in between: a new run': [
      ['open', 13, 13],
      [...bad(10, 13), ...good(11, 12)],
    ],
    'the noise of a large sender is clean': [gone, [...bad(17), ...noise(18, 19)]],
    'under the threshold, yet not gone': [
      ['open', 17, 19],
      [...bad(17), ...warm(18, 19)],
    ],
    'never above the threshold': [gone, warm(10, 11, 12, 13, 14, 15, 16, 17, 18, 19)],
    'closed, then only warm': [gone, [...bad(10), ...good(11, 12), ...warm(13)]],
    'another reporter with too few sessions to judge': [gone, [...bad(17), ...good(18, 19), ...few(17, 18, 19)]],
    'warm before it crossed': [
      ['open', 17, 19],
      [...warm(17, 18), ...bad(19)],
    ],
  };
  for (const [situation, [expected, said]] of Object.entries(table)) {
    const found = failuresIn(said).map(({ state, since, last_seen }) => [
      state,
      Number(since.slice(8)),
      Number(last_seen.slice(8)),
    ]);
    assert.deepEqual(found, expected === null ? [] : [expected], situation);
  }
});

test('a shared fault is gone when those behind half of the failures are clean, without waiting for a rare reporter', () => {
  const failed = [
    says('big.example', 0, ['certificate-expired', MX, 300]),
    says('rare.example', 0, ['certificate-expired', MX, 3]),
  ];
  const cleanSince = (reporter: string) => [
    ...but({ day: '2026-11-10' }, ...failed),
    ...on([11, 12], says(reporter, 100)),
  ];
  assert.equal(failuresIn(cleanSince('big.example')).length, 0);
  assert.equal(failuresIn(cleanSince('rare.example')).length, 1);
});

test('a day under another policy type proves nothing, but a policy that is found again does', () => {
  const later = onDays(['2026-11-18', '2026-11-19'], says('a.example', 100));
  const failed = (type: string, policy_type: string) =>
    but({ day: '2026-11-17', policy_type }, fails('a.example', type));
  assert.equal(
    only(failuresIn([...failed('certificate-expired', 'sts'), ...but({ policy_type: 'no-policy-found' }, ...later)]))
      .state,
    'open',
  );
  assert.equal(failuresIn([...failed('sts-policy-fetch-error', 'no-policy-found'), ...later]).length, 0);
});

test('a fault of a whole quarter is one finding since its first day in the window', () => {
  const all = onDays(span('2026-08-24', '2026-11-20'), expired(0, 100));
  assert.equal(only(failuresIn(all)).since, '2026-08-24');
});
