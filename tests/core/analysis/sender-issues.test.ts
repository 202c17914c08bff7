import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownSenderIssue } from '#scripts/core/config/types.ts';
import { DAY, day, fails, failuresIn, MX, only, type Said, says } from './world.ts';

const STARTTLS = 'starttls-not-supported';
const ISSUE: KnownSenderIssue = {
  reporter: 'a.example',
  result_type: STARTTLS,
  reason: 'their relay',
  until: day('2026-11-21'),
};
const SAID = [fails('a.example', STARTTLS), says('b.example', 100)];

function states(changes: Partial<KnownSenderIssue>, said: readonly Said[] = SAID): readonly string[] {
  return failuresIn(said, { known_sender_issues: [{ ...ISSUE, ...changes }] }).map(({ state }) => state);
}

test('a known sender issue is filtered until its day has passed, and stays visible', () => {
  assert.deepEqual(states({}), ['filtered'], 'valid through its last day');
  assert.deepEqual(states({ until: day('2026-11-20') }), ['open'], 'expired yesterday');
  assert.deepEqual(states({ reporter: 'A.Example' }), ['filtered'], 'letter case');
  assert.deepEqual(states({ reporter: 'example' }), ['filtered'], 'a parent domain');
  assert.deepEqual(states({ reporter: 'le' }), ['open'], 'not a suffix of letters');
  assert.deepEqual(states({ reporter: 'c.example' }), ['open'], 'another reporter');
  assert.deepEqual(states({ result_type: 'certificate-expired' }), ['open'], 'another type');
  const named = [{ ...fails('a.example', STARTTLS), organization_name: 'Ministry of Mail' }];
  assert.deepEqual(states({ reporter: 'ministry of mail' }, named), ['filtered'], 'by organization-name');
});

test('a reporter that is not excused keeps the finding open, and the excused one is no witness', () => {
  const said = [fails('a.example', STARTTLS), fails('b.example', STARTTLS), says('c.example', 100)];
  const finding = only(failuresIn(said, { known_sender_issues: [ISSUE] }));
  assert.deepEqual([finding.state, finding.actor], ['open', 'sender']);
  assert.deepEqual(
    finding.evidence.map(({ ref }) => ref),
    [`sha-b.example-${DAY}`, null],
  );
  assert.equal(finding.evidence[1]?.text, 'On these days without this failure: c.example.');
});

test('a filtered finding says that there is nothing to do, and where to end it', () => {
  const { actor, action } = only(failuresIn(SAID.slice(0, 1), { known_sender_issues: [ISSUE] }));
  assert.equal(actor, 'sender', 'as the configuration says, without another witness');
  assert.match(action, /^Nothing now: domains\/example\.com\.yaml declares it a known issue of a\.example\./);
});

test('of a rate that no single type explains, what is excused does not count', () => {
  const rate = (starttls: number, otherwise: number) => [
    says('a.example', 92, [STARTTLS, MX, starttls], ['other', MX, otherwise]),
  ];
  assert.deepEqual(states({}, rate(4, 4)), ['filtered'], '4 % are left');
  assert.deepEqual(states({ result_type: 'certificate-expired' }, rate(4, 4)), ['open']);
});
