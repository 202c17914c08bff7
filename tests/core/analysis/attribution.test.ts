import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { but, fails, failuresIn, onDays, only, pattern, type Said, says, span } from './world.ts';

const OUTLOOK_MX = 'example-com.mail.protection.outlook.com';
const OUTLOOK: Partial<DomainConfig> = { mx: [pattern(OUTLOOK_MX)] };
const STARTTLS = 'starttls-not-supported';
const FETCH = 'sts-policy-fetch-error';

type Row = readonly [actor: Finding['actor'], said: readonly Said[], changes?: Partial<DomainConfig>];

test('who can act, without a probe', () => {
  const one = fails('a.example', STARTTLS);
  const table: Readonly<Record<string, Row>> = {
    'one fails, others are clean': ['sender', [one, says('b.example', 100)]],
    'one fails, nobody else reports': ['unknown', [one]],
    'one fails, others report on other days': ['unknown', [one, ...but({ day: '2026-11-10' }, says('b.example', 100))]],
    'the other validates only DANE': ['unknown', [one, ...but({ policy_type: 'tlsa' }, says('b.example', 100))]],
    'another fails a little too': [
      'unknown',
      [one, says('b.example', 99, [STARTTLS, 'mx1.example.com', 1]), says('c.example', 9)],
    ],
    'another fails on another host': ['sender', [one, says('b.example', 99, [STARTTLS, 'mx2.example.com', 1])]],
    'another fails on a host it does not name': ['unknown', [one, says('b.example', 99, [STARTTLS, null, 1])]],
    'another fails in another way': ['sender', [one, says('b.example', 99, ['other', null, 1])]],
    'an expired certificate is never the sender’s': [
      'unknown',
      [fails('a.example', 'certificate-expired'), says('b.example', 100)],
    ],
    'several fail: only a probe tells ours from the provider’s': [
      'unknown',
      [
        fails('a.example', 'certificate-not-trusted'),
        fails('b.example', 'certificate-not-trusted'),
        says('c.example', 9),
      ],
    ],
    'several fail, the type does not tell': ['unknown', [one, fails('b.example', STARTTLS)]],
    'several fail at a provider': [
      'unknown',
      [fails('a.example', 'certificate-expired', OUTLOOK_MX), fails('b.example', 'certificate-expired', OUTLOOK_MX)],
      OUTLOOK,
    ],
    'several cannot fetch the policy': [
      'unknown',
      [fails('a.example', FETCH, null), fails('b.example', FETCH, null)],
      OUTLOOK,
    ],
    'one cannot fetch the policy, others can': ['sender', [fails('a.example', FETCH, null), says('b.example', 100)]],
  };
  for (const [situation, [actor, said, changes]] of Object.entries(table)) {
    assert.equal(only(failuresIn(said, changes)).actor, actor, situation);
  }
});

test('a fault of another time, or of another type, is no second witness', () => {
  const once = but({ day: '2026-10-18' }, fails('b.example', STARTTLS));
  const now = [fails('a.example', STARTTLS), says('b.example', 100)];
  assert.equal(
    only(
      failuresIn([
        ...once,
        ...now,
        ...but({ day: '2026-10-19' }, says('b.example', 99)),
        ...but({ day: '2026-10-20' }, says('b.example', 99)),
      ]),
    ).actor,
    'sender',
  );
  const mixed = says('a.example', 92, ['other', null, 4], ['tlsa-invalid', null, 4]);
  const rateOf = (said: readonly Said[]) => failuresIn(said).find(({ rule }) => rule === 'anomaly-rate')?.actor;
  assert.equal(rateOf([mixed, says('b.example', 100)]), 'sender');
  assert.equal(
    rateOf([mixed, fails('b.example', STARTTLS), says('c.example', 100)]),
    'unknown',
    'any fault speaks for a rate of several',
  );
});

test('reporters that name no host still speak against one another being alone', () => {
  const both = failuresIn([
    fails('a.example', 'certificate-expired', null),
    fails('b.example', 'certificate-expired', null),
  ]);
  assert.deepEqual(
    both.map(({ actor }) => actor),
    ['unknown', 'unknown'],
  );
});

test('the action fits the actor', () => {
  const action = (said: readonly Said[], changes?: Partial<DomainConfig>) => only(failuresIn(said, changes)).action;
  const sender = action([fails('a.example', STARTTLS), says('b.example', 100)]);
  assert.match(sender, /^Change nothing on your side and do not relax the policy/);
  assert.match(
    sender,
    /in domains\/example\.com\.yaml: `\{reporter: "a\.example", result_type: "starttls-not-supported"/,
  );
  assert.match(
    action([fails('a.example', STARTTLS)]),
    /^First make sure\. Run `openssl s_client -starttls smtp -connect mx1\.example\.com:25/,
  );
  const mixed = [says('a.example', 92, ['other', null, 4], ['tlsa-invalid', null, 4]), says('b.example', 100)];
  assert.doesNotMatch(action(mixed), /known_sender_issues/, 'a rate of several types cannot be declared');
  const cleanSince = but({ day: '2026-11-19' }, says('a.example', 100));
  assert.match(
    action([fails('a.example', STARTTLS), ...cleanSince]),
    /^Wait: one complete clean day so far.* First make sure\./,
  );
  const unnamed = action(
    [fails('a.example', 'certificate-expired', null), fails('b.example', 'certificate-expired', null)].slice(0, 1),
    OUTLOOK,
  );
  assert.match(unnamed, /-connect example-com\.mail\.protection\.outlook\.com:25/, 'the only MX there is');
});

test('of many days another reporter always has a failure on one: that is no second witness, the same share is', () => {
  const before = span('2026-10-01', '2026-10-31');
  const leak = span('2026-11-01', '2026-11-18');
  const a = [
    ...onDays(before, says('a.example', 300)),
    ...onDays(leak, says('a.example', 270, [STARTTLS, 'mx1.example.com', 30])),
  ];
  const other = (failed: (place: number) => number) => [
    ...onDays(before, says('b.example', 100)),
    ...leak.flatMap((on, place) =>
      onDays(
        [on],
        failed(place) === 0
          ? says('b.example', 100)
          : says('b.example', 100 - failed(place), [STARTTLS, 'mx1.example.com', failed(place)]),
      ),
    ),
  ];
  const actor = (failed: (place: number) => number) =>
    only(failuresIn([...a, ...other(failed)]).filter(({ rule }) => rule === STARTTLS)).actor;
  assert.equal(
    actor(() => 0),
    'sender',
  );
  assert.equal(
    actor((place) => (place % 6 === 2 ? 1 : 0)),
    'sender',
  );
  assert.equal(
    actor(() => 4),
    'unknown',
  );
});
