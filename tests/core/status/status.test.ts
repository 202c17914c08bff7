import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reportsByDomain } from '#scripts/core/analysis/reports-by-domain.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { seen } from '#scripts/core/policy/live-facts.ts';
import { planDomain } from '#scripts/core/policy/plan/domain-plan.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { domainStatus, type ReviewedReports } from '#scripts/core/status/domain-status.ts';
import { statusText } from '#scripts/core/status/status-text.ts';
import { domainName, pattern, view } from '../analysis/world.ts';
import { minted, policy, published } from '../policy/ledger-events.ts';
import { factsOf, type Situation, settings } from '../policy/plan-world.ts';
import { ago, clean, days, GREEN, liveWith, MX, NOW, TESTING } from '../policy/promotion-world.ts';

const testing = published(ago(20), TESTING);
const ENFORCE = policy('enforce', ...MX);
const enforcing = [...published(ago(60), TESTING), ...published(ago(30), ENFORCE, published(ago(60), TESTING))];
const forced = { mode: 'enforce', max_age: 604_800 } as const;
const review: ReviewedReports = {
  agreement: {
    mx: { state: 'agrees', why: '' },
    policy: { state: 'agrees', why: '' },
    dns: { state: 'agrees', why: '' },
    reports: { state: 'agrees', why: '' },
  },
  sessions: { policy_type: 'sts', successful: 3600, failed: 0, success_share: 1, days_with_data: 18 },
  last_report_day: '2026-11-19' as never,
};

function status(situation: Situation, findings: readonly Finding[] = [], reviewed: ReviewedReports | null = review) {
  const facts = factsOf(situation);
  const plan = planDomain(facts, {
    now: NOW,
    settings: settings(),
    commit: null,
    against: null,
    repository_owner: null,
  });
  return domainStatus({ now: NOW, facts, plan, review: reviewed, findings });
}

const current = (events: typeof testing) => foldLedger(events).current;
const live = (events: typeof testing) => liveWith(MX, current(events)?.body ?? null, current(events)?.id ?? null);
const reports = reportsByDomain(view(clean(days(19)), NOW))('example.com');
const green: Situation = { events: testing, live: live(testing), reports, observations: GREEN };

suite('the status of a domain', () => {
  test('all as it should be, and what happens next', () => {
    const one = status(green);
    assert.deepEqual(
      [one.light, one.state, one.mode, one.version?.id, one.sync.state],
      ['ok', 'testing', 'testing', current(testing)?.id, 'ok'],
    );
    assert.match(one.next, /^Enforce is possible/);
    const text = statusText([one]);
    assert.ok(text.split('\n').length <= 24 && !text.includes('?  '), text);
  });

  test('what nobody saw is not known, never fine', () => {
    const one = status({ events: testing }, [], null);
    assert.deepEqual(
      [one.light, one.sync.state, one.mx.state, one.certificates.state, one.reports.state],
      ['unknown', 'unknown', 'unknown', 'unknown', 'unknown'],
    );
    assert.match(statusText([one]), /none open, but nobody looked/);
  });

  for (const [what, situation, text] of [
    [
      'another body is served',
      {
        ...green,
        live: { ...live(testing), served: seen({ body: 'x', addresses: [{ address: '192.0.2.1', code: 'ok' }] }) },
      },
      /serves other bytes/,
    ],
    [
      'the record is gone',
      { ...green, live: liveWith(MX, current(testing)?.body ?? null, null) },
      /TXT at _mta-sts: none/,
    ],
    [
      'the file asks for more',
      { ...green, config: { mx: [...MX, 'mx3.example.com'].map(pattern) } },
      /another policy \(mx\): not published/,
    ],
    [
      'a version on its way',
      { ...green, events: [...testing, minted(ago(0), ENFORCE, testing)], config: forced },
      /is on its way: not served yet/,
    ],
  ] as const) {
    test(`bad: ${what}`, () => {
      const one = status(situation as Situation);
      assert.deepEqual([one.light, one.sync.state], ['bad', 'bad']);
      assert.match(one.sync.text, text);
    });
  }

  test('a grave finding says what to do', () => {
    const finding = {
      rule: 'mx-cert-expired',
      severity: 'sev1',
      summary: 'expired \u001b[2J',
      action: 'Renew the certificate.',
      state: 'open',
    } as Finding;
    const one = status({ ...green, config: forced, events: enforcing, live: live(enforcing) }, [finding]);
    assert.deepEqual([one.light, one.next], ['bad', 'Renew the certificate.']);
    assert.ok(!statusText([one]).includes('\u001b'));
  });

  test('a fleet on one screen, the worst first', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      ...status(green),
      domain: domainName(`d${index}.example.com`),
    }));
    const bad = { ...status({ ...green, live: liveWith(MX, null, null) }), domain: domainName('zz.example.com') };
    const lines = statusText([...many, bad]).split('\n');
    assert.match(lines[0] ?? '', /^501 domains: 1 bad, 0 not known, 500 ok\. 501 testing\./);
    assert.match(lines[1] ?? '', /BAD zz\.example\.com/);
    assert.ok(lines.length <= 35);
    assert.match(statusText([]), /npx postern add/);
  });
});
