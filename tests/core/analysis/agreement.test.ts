import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgreementPart, AgreementState } from '#scripts/core/agreement.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { onDays, only, reviewOf, type Said, span } from './world.ts';

const OURS = ['version: STSv1', 'mode: testing', 'mx: mx1.example.com', 'mx: mx2.example.com', 'max_age: 86400'];
const healthy = onDays(span('2026-11-01', '2026-11-20'), { reporter: 'a.example', successful: 100 });
const last = { reporter: 'a.example', day: '2026-11-20' } as const;

function failing(type: string, reporters: readonly string[], more: Partial<Said> = {}): readonly Said[] {
  return reporters.map((reporter) => ({
    reporter,
    day: '2026-11-20',
    successful: 0,
    details: [[type, 'mx1.example.com', 30]],
    ...more,
  }));
}

function states(
  said: readonly Said[],
  changes: Partial<DomainConfig> = {},
): Readonly<Record<AgreementPart, AgreementState>> {
  const { mx, policy, dns, reports } = only(reviewOf(said, changes).domains).agreement;
  return { mx: mx.state, policy: policy.state, dns: dns.state, reports: reports.state };
}

test('the four cells, as far as reports tell', () => {
  const nothing = { mx: 'unknown', policy: 'unknown', dns: 'unknown', reports: 'unknown' };
  const two = ['a.example', 'b.example'];
  const table: readonly (readonly [
    situation: string,
    said: readonly Said[],
    expected: Partial<Record<AgreementPart, AgreementState>>,
  ])[] = [
    ['no report: nothing is known', [], {}],
    ['fresh and clean', healthy, { reports: 'agrees' }],
    ['the last report is of three complete days ago', healthy.filter(({ day }) => day <= '2026-11-16'), {}],
    [
      'a reporter saw our policy',
      [...healthy, { ...last, successful: 1, policy_string: OURS }],
      { reports: 'agrees', policy: 'agrees' },
    ],
    [
      'lines in another order and with line ends',
      [...healthy, { ...last, successful: 1, policy_string: [...OURS].reverse().map((line) => `${line}\r\n`) }],
      { reports: 'agrees', policy: 'agrees' },
    ],
    [
      'it saw it five days ago',
      [...healthy, { ...last, day: '2026-11-16', successful: 1, policy_string: OURS }],
      { reports: 'agrees' },
    ],
    [
      'it still sees another',
      [...healthy, { ...last, successful: 1, policy_string: OURS.map((line) => line.replace('testing', 'enforce')) }],
      { reports: 'agrees' },
    ],
    [
      'one of two sees ours',
      [
        ...healthy,
        { ...last, successful: 1, policy_string: ['mode: none'] },
        { reporter: 'b.example', day: '2026-11-20', successful: 1, policy_string: OURS },
      ],
      { reports: 'agrees', policy: 'agrees' },
    ],
    ['an MX certificate', failing('certificate-expired', two), { mx: 'disagrees', reports: 'disagrees' }],
    ['an MX without STARTTLS', failing('starttls-not-supported', two), { mx: 'disagrees', reports: 'disagrees' }],
    [
      'one sender strips STARTTLS',
      [...failing('starttls-not-supported', ['b.example']), ...healthy],
      { reports: 'disagrees' },
    ],
    [
      'the policy host',
      failing('sts-webpki-invalid', two, { policy_string: OURS }),
      { policy: 'disagrees', reports: 'disagrees' },
    ],
    ['TLSA', failing('tlsa-invalid', two, { policy_type: 'tlsa' }), { dns: 'disagrees', reports: 'disagrees' }],
    ['DNSSEC', failing('dnssec-invalid', two, { policy_type: 'tlsa' }), { dns: 'disagrees', reports: 'disagrees' }],
    ['validation-failure tells no part', failing('validation-failure', two), { reports: 'disagrees' }],
  ];
  for (const [situation, said, expected] of table)
    assert.deepEqual(states(said), { ...nothing, ...expected }, situation);
});

test('a filtered failure is no disagreement, and the cell does not hide it', () => {
  const issue = {
    reporter: 'b.example',
    result_type: 'starttls-not-supported',
    reason: 'theirs',
    until: '2026-12-01' as never,
  };
  const { reports } = only(
    reviewOf([...healthy, ...failing('starttls-not-supported', ['b.example'])], { known_sender_issues: [issue] })
      .domains,
  ).agreement;
  assert.deepEqual(reports, {
    state: 'agrees',
    why: 'Reports up to 2026-11-20 show only known sender issues above the threshold.',
  });
});

test('every cell says why in one short sentence', () => {
  for (const said of [
    [],
    healthy,
    failing('tlsa-invalid', ['a.example', 'b.example']),
    failing('sts-policy-invalid', ['a.example']),
  ]) {
    for (const { why } of Object.values(only(reviewOf(said).domains).agreement)) assert.match(why, /^[^\n]{10,160}\.$/);
  }
});
