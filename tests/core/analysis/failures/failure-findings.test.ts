import assert from 'node:assert/strict';
import { test } from 'node:test';
import { but, DAY, fails, failuresIn, MX, NOW, only, type Said, says } from '../world.ts';

const EXPIRED = 'certificate-expired';
const MX2 = 'mx2.example.com';

test('what a failure is called: the result type that explains it, else anomaly-rate', () => {
  const table: Readonly<Record<string, readonly [said: readonly Said[], ...rules: string[]]>> = {
    clean: [[says('a.example', 100)]],
    '5 % exactly': [[says('a.example', 95, [EXPIRED, MX, 5])]],
    '6 %': [[says('a.example', 94, [EXPIRED, MX, 6])], EXPIRED],
    'all of three': [[says('a.example', 0, [EXPIRED, MX, 3])], EXPIRED],
    'the successes are not known': [[says('a.example', null, [EXPIRED, MX, 30])]],
    'no details': [[{ ...says('a.example', 70), failed: 30 }], 'anomaly-rate'],
    'details explain a part': [[{ ...fails('a.example', EXPIRED), failed: 60 }], 'anomaly-rate', EXPIRED],
    'none enough alone': [[says('a.example', 92, [EXPIRED, MX, 4], ['other', MX, 4])], 'anomaly-rate'],
    'each enough': [[says('a.example', 80, [EXPIRED, MX, 10], ['other', MX, 10])], EXPIRED, 'other'],
    'enough on two hosts together': [[says('a.example', 92, [EXPIRED, MX, 4], [EXPIRED, MX2, 4])], EXPIRED, EXPIRED],
    'categories that overlap': [
      [{ ...says('a.example', 94, [EXPIRED, MX, 6], ['other', MX, 6]), failed: 6 }],
      EXPIRED,
      'other',
    ],
    'a small reporter beside a large clean one': [
      [says('b.example', 100_000), fails('a.example', 'tlsa-invalid')],
      'tlsa-invalid',
    ],
  };
  for (const [situation, [said, ...rules]] of Object.entries(table)) {
    const found = failuresIn(said).map(({ rule }) => rule);
    assert.deepEqual(found.sort(), rules, situation);
  }
});

test('what a finding is about: MX host, policy host or reporter', () => {
  const fetch = 'sts-policy-fetch-error';
  const table: Readonly<Record<string, readonly [said: readonly Said[], ...subjects: string[]]>> = {
    'an MX host': [[fails('a.example', EXPIRED)], `mx ${MX}`],
    'the same host written differently': [
      [fails('a.example', EXPIRED, 'MX1.Example.COM.'), fails('b.example', EXPIRED)],
      `mx ${MX}`,
    ],
    'two hosts': [
      [fails('a.example', EXPIRED), ...but({ day: '2026-11-17' }, fails('a.example', EXPIRED, MX2))],
      `mx ${MX}`,
      `mx ${MX2}`,
    ],
    'no host named': [
      [fails('a.example', EXPIRED, null), fails('b.example', EXPIRED, null)],
      'reporter a.example',
      'reporter b.example',
    ],
    'a host name that is none': [[fails('a.example', EXPIRED, '$(reboot)')], 'reporter a.example'],
    'a host outside the policy': [[fails('a.example', 'other', 'old.example.net')], 'mx old.example.net'],
    'the policy, whoever cannot fetch it': [
      [fails('a.example', fetch, null), fails('b.example', fetch)],
      'policy-host mta-sts.example.com',
    ],
    'the same sessions under sts and tlsa': [
      [fails('a.example', EXPIRED), ...but({ policy_type: 'tlsa' }, fails('a.example', EXPIRED))],
      `mx ${MX}`,
    ],
  };
  for (const [situation, [said, ...subjects]] of Object.entries(table)) {
    const found = failuresIn(said).map(({ subject }) => `${subject.kind} ${subject.name}`);
    assert.deepEqual(found.sort(), subjects, situation);
  }
});

test('anyone can report any MX name: foreign names become at most ten subjects, our own always do', () => {
  const names = Array.from({ length: 40 }, (_, index) => `mx${index}.attacker.example`);
  const foreign = names.map((name): readonly [string, string, number] => [EXPIRED, name, 20]);
  const found = failuresIn([says('a.example', 0, ...foreign, [EXPIRED, MX, 500])]);
  assert.equal(found.filter(({ subject }) => subject.kind === 'mx').length, 11);
  assert.ok(found.some(({ subject }) => subject.name === MX));
  assert.equal(
    found.filter(({ subject }) => subject.name === 'a.example').length,
    1,
    'the others are about the reporter',
  );
});

test('a finding tells what, where, how much and since when, with what it can be traced to', () => {
  const finding = only(
    failuresIn(
      [
        ...but({ day: '2026-11-17' }, fails('a.example', EXPIRED)),
        { ...says('a.example', 1200, [EXPIRED, MX, 300, 'has expired']), organization_name: 'A Mail' },
        says('b.example', 50, [EXPIRED, MX, 50]),
        says('c.example', 100),
      ],
      { mode: 'enforce' },
    ),
  );
  assert.equal(
    finding.summary,
    'Certificate expired on mx1.example.com, seen by a.example and b.example: 350 of 1,600 sts sessions failed on 2026-11-18, failing since 2026-11-17.',
  );
  const evidence = (text: string, ref: string | null) => ({ kind: 'report', at: DAY, text, ref });
  assert.deepEqual(finding.evidence, [
    evidence(
      'a.example (A Mail): 300 of 1,500 sts sessions failed. Reason given: "has expired".',
      `sha-a.example-${DAY}`,
    ),
    evidence('b.example: 50 of 100 sts sessions failed.', `sha-b.example-${DAY}`),
    evidence('On these days without this failure: c.example.', null),
  ]);
  assert.match(finding.action, /^First make sure\. Run .* Then: Renew the certificate of mx1\.example\.com/);
  const subject = { kind: 'mx', name: MX, mx: MX, reporter: null, result_type: EXPIRED, policy_type: 'sts' };
  assert.deepEqual(finding.subject, subject);
  const { detected_at, domain, domains, incident } = finding;
  assert.deepEqual([detected_at, domain, domains, incident], [NOW, 'example.com', ['example.com'], null]);
});

test('counts of sts and tlsa are never added, though both speak of one fault', () => {
  const finding = only(
    failuresIn([fails('a.example', EXPIRED), ...but({ policy_type: 'tlsa' }, fails('a.example', EXPIRED))]),
  );
  assert.match(finding.summary, /: 30 of 100 sts sessions failed/);
  assert.equal(finding.subject.policy_type, 'sts');
});

test('no session is counted twice, and no category for more than failed', () => {
  const summary = (said: Said) => only(failuresIn([said])).summary;
  const fetch = 'sts-policy-fetch-error';
  assert.match(summary(says('a.example', 70, [fetch, MX, 15], [fetch, null, 15])), /: 30 of 100 sts sessions failed/);
  assert.match(summary({ ...says('a.example', 90, [EXPIRED, MX, 25]), failed: 10 }), /: 10 of 100 sts sessions failed/);
});

test('a host with a single failure is not accused beside one with many', () => {
  const found = failuresIn([says('a.example', 799, [EXPIRED, MX, 200], [EXPIRED, MX2, 1])]);
  assert.deepEqual(
    found.map(({ subject }) => subject.name),
    [MX],
  );
});

test('a rate that no single type explains lists what it is made of', () => {
  const { summary, evidence } = only(failuresIn([says('a.example', 92, [EXPIRED, MX, 4], ['other', null, 4])]));
  assert.match(summary, /: 8 of 100 sts sessions failed/);
  assert.match(evidence[0]?.text ?? '', /certificate-expired 4, other 4/);
});

test('hostile names stay in the evidence: summary, action and fingerprint are plain', () => {
  const evil = 'x\u001b[2J\u202e`$(reboot)`<script>';
  const said = { ...says(evil, 0, ['validation-failure', evil, 30, evil]), organization_name: evil };
  const finding = only(failuresIn([said]));
  assert.doesNotMatch(finding.summary + finding.action, /[\p{Cc}\p{Cf}]/u);
  assert.match(finding.fingerprint, /^[a-z0-9%/:.A-F()-]+$/i);
});
