import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedLimits } from '#scripts/core/analysis/failures/failure-judge.ts';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { config, failuresIn, MX, NOW, onDays, type Said, says, span, view } from '../world.ts';

const TYPE = 'starttls-not-supported';
const BEFORE = span('2026-10-15', '2026-11-18');
const other = onDays(span('2026-10-15', '2026-11-20'), says('b.example', 500));

/** A history of one reporter, then what it says of 19 November. */
const history = (usual: Omit<Said, 'day'>, last: Omit<Said, 'day'>): readonly Said[] => [
  ...other,
  ...onDays(BEFORE, usual),
  ...onDays(['2026-11-19'], last),
];
const failing = (sessions: number, failed: number) =>
  failed === 0 ? says('a.example', sessions) : says('a.example', sessions - failed, [TYPE, MX, failed]);

test('a day against what is usual', () => {
  const table: Readonly<Record<string, readonly [found: boolean, usual: Omit<Said, 'day'>, last: Omit<Said, 'day'>]>> =
    {
      'clean, then ten of 200': [true, failing(200, 0), failing(200, 10)],
      'clean, then four of 200: not enough to matter': [false, failing(200, 0), failing(200, 4)],
      'three a day, then two fail': [false, failing(3, 0), failing(3, 2)],
      'three a day, then all fail': [true, failing(3, 0), failing(3, 3)],
      'steady noise of 8 %': [false, failing(500, 40), failing(500, 40)],
      'steady noise of 8 %, then 10 %': [false, failing(500, 40), failing(500, 50)],
      'steady noise of 8 %, then 30 %': [true, failing(500, 40), failing(500, 150)],
      'three million, then 4 %': [true, failing(3_000_000, 3000), failing(3_000_000, 120_000)],
      'three million, then 0.2 %': [false, failing(3_000_000, 3000), failing(3_000_000, 6000)],
    };
  for (const [situation, [found, usual, last]] of Object.entries(table))
    assert.equal(failuresIn(history(usual, last)).length > 0, found, situation);
});

test('steady noise is what the plain rule cries about', () => {
  const reports = view(history(failing(500, 40), failing(500, 40)));
  const rules = (judge?: typeof fixedLimits) =>
    reviewDomains({ domains: [config()], reports, now: NOW, ...(judge === undefined ? {} : { judge }) }).findings.map(
      ({ rule }) => rule,
    );
  assert.deepEqual(rules(), []);
  assert.deepEqual(rules(fixedLimits), [TYPE]);
});

test('a leak that no single day proves is found when it goes on', () => {
  const leak = onDays(span('2026-11-13', '2026-11-19'), says('a.example', 27, [TYPE, MX, 2]));
  const said = [...other, ...onDays(span('2026-10-10', '2026-11-12'), says('a.example', 29)), ...leak];
  assert.deepEqual(
    failuresIn(said).map(({ rule }) => rule),
    [TYPE],
  );
});

test('a fault that lasts does not become its own baseline', () => {
  const said = [
    ...other,
    ...onDays(span('2026-08-24', '2026-09-20'), failing(500, 0)),
    ...onDays(span('2026-09-21', '2026-11-19'), failing(500, 60)),
  ];
  assert.deepEqual(
    failuresIn(said).map(({ since, state }) => [since, state]),
    [['2026-09-21', 'open']],
  );
});

test('what always fails this much is no noise', () => {
  const said = [...other, ...onDays(span('2026-08-24', '2026-11-19'), failing(100, 60))];
  assert.equal(failuresIn(said).length, 1);
});

test('what was found and has gone proves nothing again', () => {
  // One seed's reporter of the simulator: a sender's fault of four days, then a single failure of another type.
  const TRUST = 'certificate-not-trusted';
  const said = [
    ...other,
    ...onDays(span('2026-10-10', '2026-11-08'), says('a.example', 20)),
    ...onDays(span('2026-11-09', '2026-11-12'), says('a.example', 2, [TRUST, MX, 18])),
    ...onDays(span('2026-11-13', '2026-11-17'), says('a.example', 22)),
    ...onDays(['2026-11-18'], says('a.example', 24, ['validation-failure', MX, 1])),
  ];
  assert.deepEqual(failuresIn(said), []);
});

test('the last days of a noisy sender that went are no finding when only they are left in the window', () => {
  // The window begins on 24 August.
  for (const last of ['2026-08-25', '2026-08-28', '2026-08-31', '2026-09-10']) {
    const said = [...other, ...onDays(span('2026-08-24', last), failing(500, 40))];
    assert.deepEqual(failuresIn(said), [], last);
  }
});

test('a restless sender’s burst is its own; the same share in a calm one is a fault', () => {
  // Ten in a thousand, by turns of three, ten and thirty; then a hundred.
  const restless = BEFORE.flatMap((on, place) =>
    onDays([on], failing(1000, [3, 10, 30, 3, 25, 2, 8, 3][place % 8] ?? 0)),
  );
  const calm = onDays(BEFORE, failing(1000, 10));
  const last = onDays(['2026-11-19'], failing(1000, 100));
  assert.deepEqual(failuresIn([...other, ...restless, ...last]), []);
  assert.equal(failuresIn([...other, ...calm, ...last]).length, 1);
});

test('what no reporter proves alone several prove together; one cannot, and neither do failures of different types', () => {
  const names = ['a', 'c', 'd', 'e'].map((name) => `${name}.example`);
  const clean = names.flatMap((name) => onDays(BEFORE, says(name, 8)));
  const last = (failed: Readonly<Record<string, readonly [type: string, sessions: number]>>) =>
    names.flatMap((name) => {
      const [type, sessions] = failed[name] ?? ['', 0];
      return onDays(['2026-11-19'], sessions === 0 ? says(name, 8) : says(name, 8 - sessions, [type, MX, sessions]));
    });
  const found = (failed: Parameters<typeof last>[0]) => failuresIn([...clean, ...last(failed)]);
  const several = found({ 'a.example': [TYPE, 2], 'c.example': [TYPE, 1], 'd.example': [TYPE, 2] });
  assert.deepEqual(
    several.map(({ rule, actor, subject }) => [rule, actor, subject.mx]),
    [[TYPE, 'unknown', MX]],
  );
  assert.deepEqual(found({ 'a.example': [TYPE, 1], 'c.example': [TYPE, 1] }), [], 'two failures');
  assert.deepEqual(found({ 'a.example': [TYPE, 2] }), []);
  const types = { 'a.example': [TYPE, 1], 'c.example': ['other', 1], 'd.example': ['validation-failure', 1] } as const;
  assert.deepEqual(found(types), []);
});

test('a fault that many prove makes the noise of another reporter no more of a finding than it is alone', () => {
  const names = Array.from({ length: 12 }, (_, place) => `r${place}.example`);
  const found = (burst: number, failed: number) => {
    const said = [
      ...names.flatMap((name) => [
        ...onDays(BEFORE, says(name, 500)),
        ...onDays(['2026-11-19'], failed === 0 ? says(name, 500) : says(name, 500 - failed, [TYPE, MX, failed])),
      ]),
      ...onDays(BEFORE, says('noisy.example', 480, ['validation-failure', MX, 20])),
      ...onDays(['2026-11-19'], says('noisy.example', 500 - burst, ['validation-failure', MX, burst])),
    ];
    return failuresIn(said).filter(({ rule }) => rule !== TYPE).length;
  };
  for (let burst = 36; burst <= 60; burst += 3) assert.equal(found(burst, 200), found(burst, 0), `${burst}`);
  assert.deepEqual([found(36, 200), found(80, 200)], [0, 1]);
});

test('a fault of a small reporter is found though the beginning and the end of the one before it proved nothing', () => {
  // One seed's reporter of the simulator: 2 of 8 and 1 of 4 were told by others, not by itself.
  const small = (on: string, sessions: number, failed: number) => onDays([on], { ...failing(sessions, failed) });
  const said = [
    ...other,
    ...onDays(span('2026-10-10', '2026-10-18'), says('a.example', 8)),
    ...small('2026-10-19', 8, 2),
    ...small('2026-10-20', 4, 2),
    ...small('2026-10-21', 4, 2),
    ...small('2026-10-22', 5, 2),
    ...small('2026-10-23', 2, 2),
    ...small('2026-10-24', 2, 0),
    ...small('2026-10-25', 4, 1),
    ...onDays(span('2026-10-26', '2026-11-18'), says('a.example', 9)),
    ...small('2026-11-19', 12, 4),
  ];
  assert.deepEqual(
    failuresIn(said).map(({ rule, since }) => [rule, since]),
    [[TYPE, '2026-11-19']],
  );
});

test('a noisy sender of sessions enough that fails a fifth more is no burst', () => {
  const noise = BEFORE.flatMap((on, place) => onDays([on], failing(100, [4, 9, 17, 7, 11][place % 5] ?? 0)));
  const said = (failed: number) => [...other, ...noise, ...onDays(['2026-11-19'], failing(85, failed))];
  assert.equal(failuresIn(said(30)).length, 1);
  assert.equal(failuresIn(said(14)).length, 0);
});
