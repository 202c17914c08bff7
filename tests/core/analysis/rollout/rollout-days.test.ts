import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { day, onDays, only, reviewOf, type Said, span } from '../world.ts';

/** The newest complete day is 2026-11-19. */
function good(from: string, to: string, more: Partial<Said> = {}): readonly Said[] {
  return onDays(span(from, to), { reporter: 'google.com', successful: 100, ...more });
}

function bad(on: string, reporter = 'google.com'): Said {
  return { reporter, day: on, successful: 99, details: [['validation-failure', null, 1]] };
}

test('clean days in a row up to the newest complete day (rollout guard testing → enforce)', () => {
  const known = [
    { reporter: 'small.example', result_type: 'validation-failure', reason: 'theirs', until: day('2026-11-21') },
  ];
  const small = bad('2026-11-15', 'small.example');
  const table: readonly (readonly [
    situation: string,
    said: readonly Said[],
    count: number,
    changes?: Partial<DomainConfig>,
  ])[] = [
    ['no report', [], 0],
    ['fourteen days', good('2026-11-06', '2026-11-19'), 14],
    ['days that are not complete do not count', good('2026-11-06', '2026-11-21'), 14],
    ['thirteen days', good('2026-11-07', '2026-11-20'), 13],
    [
      'one failure starts anew',
      [...good('2026-11-01', '2026-11-14'), bad('2026-11-15'), ...good('2026-11-16', '2026-11-19')],
      4,
    ],
    ['a failure on a day that is not complete', [...good('2026-11-06', '2026-11-19'), bad('2026-11-20')], 14],
    [
      'a day without reports neither counts nor starts anew',
      [...good('2026-11-05', '2026-11-11'), ...good('2026-11-13', '2026-11-19')],
      14,
    ],
    ['three such days', [...good('2026-11-01', '2026-11-10'), ...good('2026-11-14', '2026-11-19')], 16],
    ['four in a row start anew', [...good('2026-11-01', '2026-11-10'), ...good('2026-11-15', '2026-11-19')], 5],
    ['four at the end', good('2026-11-01', '2026-11-15'), 0],
    [
      'too few sessions do not count',
      [...good('2026-11-06', '2026-11-18'), ...good('2026-11-19', '2026-11-19', { successful: 19 })],
      13,
    ],
    ['twenty do', [...good('2026-11-06', '2026-11-18'), ...good('2026-11-19', '2026-11-19', { successful: 20 })], 14],
    ['one does at low volume', good('2026-11-06', '2026-11-19', { successful: 1 }), 14, { volume: 'low' }],
    [
      'a day of few sessions ends a gap',
      [
        ...good('2026-11-01', '2026-11-10'),
        ...good('2026-11-14', '2026-11-14', { successful: 5 }),
        ...good('2026-11-18', '2026-11-19'),
      ],
      12,
    ],
    [
      'few sessions are not none: no gap',
      [
        ...good('2026-11-01', '2026-11-10'),
        ...good('2026-11-11', '2026-11-16', { successful: 5 }),
        ...good('2026-11-17', '2026-11-19'),
      ],
      13,
    ],
    [
      'failures of opportunistic TLS do not matter',
      [...good('2026-11-06', '2026-11-19'), { ...bad('2026-11-15'), policy_type: 'no-policy-found' }],
      14,
    ],
    [
      'sessions under another policy type are no evidence',
      good('2026-11-06', '2026-11-19', { policy_type: 'no-policy-found' }),
      0,
    ],
    [
      'counts that are missing are not clean',
      [...good('2026-11-06', '2026-11-19'), { reporter: 'x.example', day: '2026-11-19', successful: null }],
      13,
    ],
    [
      'a known sender issue does not start anew',
      [...good('2026-11-06', '2026-11-19'), small],
      14,
      { known_sender_issues: known },
    ],
    [
      'one that ended yesterday does',
      [...good('2026-11-06', '2026-11-19'), small],
      4,
      { known_sender_issues: known.map((issue) => ({ ...issue, until: day('2026-11-20') })) },
    ],
    [
      'one that explains only a part does',
      [
        ...good('2026-11-06', '2026-11-19'),
        {
          ...small,
          details: [
            ['validation-failure', null, 1],
            ['certificate-expired', null, 1],
          ],
        },
      ],
      4,
      { known_sender_issues: known },
    ],
    [
      'one beside a failure of another reporter does',
      [...good('2026-11-06', '2026-11-19'), small, bad('2026-11-15', 'other.example')],
      4,
      { known_sender_issues: known },
    ],
  ];
  for (const [situation, said, count, changes] of table)
    assert.equal(only(reviewOf(said, changes).rollouts).clean_days, count, situation);
});

test('what stands in the way is said in words', () => {
  const fine = [
    ...good('2026-11-06', '2026-11-20'),
    ...good('2026-11-06', '2026-11-20', { reporter: 'microsoft.com' }),
  ];
  const blocked = (said: readonly Said[], changes?: Partial<DomainConfig>) =>
    only(reviewOf(said, changes).rollouts).blocked_by;
  const notProbed = [
    'MX hosts are not probed yet: not known.',
    'The policy host is not probed yet: not known.',
    'How long this policy has been published is not known: no publications are recorded yet.',
  ];
  assert.deepEqual(blocked(fine), notProbed, 'nothing that nobody has looked at passes for fine');
  assert.deepEqual(blocked(fine, { mode: 'enforce' }), []);
  assert.deepEqual(
    blocked(fine, { rollout: { hold: true, clean_days: 14, reason: 'audit until\u001b[31m December' } })[0],
    'The rollout is on hold: audit until␛[31m December',
  );
  assert.deepEqual(
    blocked(fine, { rollout: { hold: false, clean_days: 21, reason: null } })[0],
    '14 of 21 clean days in a row up to 2026-11-19.',
  );
  assert.deepEqual(blocked(good('2026-11-06', '2026-11-19')).slice(0, 2), [
    'Reports under the policy from 1 of at least 2 reporters on the clean days.',
    'No clean day reported by Microsoft yet; set `volume: low` if it sends no mail here.',
  ]);
  assert.deepEqual(blocked(good('2026-11-06', '2026-11-19'), { volume: 'low' }), notProbed);
  const expired: Said = {
    reporter: 'google.com',
    day: '2026-11-20',
    successful: 0,
    details: [['certificate-expired', 'mx1.example.com', 30]],
  };
  assert.ok(
    blocked([...fine.filter((said) => said.day !== '2026-11-20'), expired]).includes(
      'certificate-expired on mx1.example.com is open since 2026-11-20.',
    ),
  );
});

test('a filtered finding and opportunistic TLS never block', () => {
  const said: readonly Said[] = [
    { reporter: 'a.example', day: '2026-11-20', successful: 0, details: [['starttls-not-supported', null, 30]] },
  ];
  const issue = {
    reporter: 'a.example',
    result_type: 'starttls-not-supported',
    reason: 'theirs',
    until: day('2026-12-01'),
  };
  const mentions = (some: readonly Said[], changes: Partial<DomainConfig> = {}) =>
    only(reviewOf(some, changes).rollouts).blocked_by.some((reason) => reason.includes('starttls'));
  assert.equal(mentions(said), true);
  assert.equal(mentions(said, { known_sender_issues: [issue] }), false);
  assert.equal(mentions(said.map((one) => ({ ...one, policy_type: 'no-policy-found' }))), false);
});
