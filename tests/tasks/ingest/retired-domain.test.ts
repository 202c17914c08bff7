import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { review } from '#scripts/tasks/review.ts';
import { composeMail, newSigner, policyJson, reportJson, signMail, tlsrptPart } from '../../io/mail/report-mail.ts';
import { instantOf } from '../../io/store/stored-rows.ts';
import { NOW, newWorld, type World } from '../ingest-world.ts';

/* E18: a report on a domain that retires, or is gone. Senders apply what they cached: stored, and no state changes. */

const SENDER = newSigner('sender.example');
const DETAIL = {
  'result-type': 'certificate-expired',
  'receiving-mx-hostname': 'mx1.example.com',
  'failed-session-count': 90,
};
const FAILED = {
  summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 90 },
  'failure-details': [DETAIL],
};

describe('E18 a report on a retired domain', () => {
  let world: World;
  beforeEach(async () => {
    world = newWorld([SENDER]);
    const part = tlsrptPart(reportJson({ policies: [policyJson('example.com', FAILED)] }));
    world.put('1.eml', await signMail(composeMail({ parts: [part] }), SENDER));
  });
  afterEach(() => world.remove());

  const file = () => join(world.root, 'domains/example.com.yaml');
  const judged = async () => {
    const { root, data } = world;
    const domains: readonly DomainName[] = [];
    const { findings, rollouts, domains: reviewed } = await review({ root, data, now: instantOf(NOW), domains });
    return {
      findings: findings.filter(({ domain }) => domain === 'example.com').map(({ rule, severity }) => [rule, severity]),
      rollout: rollouts.find(({ domain }) => domain === 'example.com') ?? null,
      sessions: reviewed.find(({ domain }) => domain === 'example.com')?.sessions ?? null,
    };
  };

  test('removed: stored apart with all it says, and nobody hears of it', async () => {
    rmSync(file());
    const { reports, foreign, unauthenticated, quarantined } = await world.ingest();
    assert.deepEqual([reports, foreign, unauthenticated, quarantined], [1, 1, 0, []]);
    const [row] = await world.rows('policy_domain, failed_sessions, dkim, policy_string');
    assert.deepEqual(
      [row?.['policy_domain'], row?.['failed_sessions'], row?.['dkim']],
      ['example.com', '90', 'unchecked'],
    );
    assert.deepEqual(await judged(), { findings: [], rollout: null, sessions: null });
  });

  test('retiring: believed, and a finding, because who still caches the policy refuses mail; it retires as before', async () => {
    writeFileSync(file(), 'mode: enforce\nmx: [mx1.example.com]\nretire: true\n');
    const before = await judged();
    const { reports, foreign, unauthenticated } = await world.ingest();
    assert.deepEqual([reports, foreign, unauthenticated], [1, 0, 0]);
    const { findings, rollout, sessions } = await judged();
    assert.deepEqual([rollout?.state, rollout], ['retiring', before.rollout]);
    assert.deepEqual(findings, [['certificate-expired', 'sev2']]);
    assert.equal(sessions?.failed, 90);
  });
});
