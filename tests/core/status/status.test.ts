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
import { minted, observed, policy, published } from '../policy/ledger-events.ts';
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

function status(
  situation: Situation,
  findings: readonly Finding[] = [],
  reviewed: ReviewedReports | null = review,
  made = settings(),
) {
  const facts = factsOf(situation);
  const plan = planDomain(facts, {
    now: NOW,
    settings: made,
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
  ] as const) {
    test(`bad: ${what}`, () => {
      const one = status(situation as Situation);
      assert.deepEqual([one.light, one.sync.state], ['bad', 'bad']);
      assert.match(one.sync.text, text);
    });
  }

  suite('a version on its way waits, and is bad only when it is overdue', () => {
    const made = settings(`organisation: Example
hosting: { fleet: { kind: pages-fleet, owner: Acme } }
dns: { hand: { kind: manual }, own: { kind: cloudflare, zone: example.com } }
`);
    const fleet = { hosting: 'fleet', dns: 'own' } as const;
    const begun = (days: number) => minted(ago(days), TESTING);
    const served = (days: number) => [begun(days), observed(begun(days), 'served', ago(days))];
    const bare = { ...liveWith(MX, null, null), policy_host: seen({ values: [], aliases: [], ttl: null }) };
    const address = { values: ['192.0.2.1'], aliases: ['acme.github.io'], ttl: null };
    const uncertified = {
      ...bare,
      policy_host: seen(address),
      served: seen({ body: null, addresses: [{ address: '192.0.2.1', code: 'policy-cert-name' }] }),
    };
    const body = foldLedger(served(1)).current?.body ?? '';
    const hosted = { ...liveWith(MX, body, null), policy_host: seen(address) };

    for (const [what, situation, days, on, text] of [
      [
        'a name',
        { config: { ...fleet, dns: 'hand' }, live: bare },
        7,
        'person',
        /a person to set CNAME mta-sts\.example\.com in DNS/,
      ],
      ['a name, and nobody looked', { config: { ...fleet, dns: 'hand' } }, 7, 'person', /CNAME mta-sts\.example\.com/],
      ['a web server', { config: {}, live: bare }, 7, 'person', /a person to serve the body/],
      [
        'a certificate',
        { config: fleet, live: uncertified },
        1,
        'host',
        /the certificate of mta-sts\.example\.com at fleet/,
      ],
      ['publish', { config: fleet, live: bare }, 1, 'publish', /npx postern publish goes on/],
    ] as const) {
      test(`first version: ${what}`, () => {
        const early = status({ ...situation, events: [begun(days - 0.5)] }, [], null, made);
        assert.deepEqual([early.light, early.sync.state, early.on_its_way?.on], ['waiting', 'waiting', on]);
        assert.match(early.sync.text, text);
        assert.ok(early.sync.text.includes(`since ${ago(days - 0.5)}`), early.sync.text);
        assert.match(early.next, text);
        assert.match(statusText([early]), /\.\.\. sync/);
        assert.match(statusText([early, early]), /^2 domains: 0 bad, 2 waiting, 0 not known, 0 ok/);
        const late = status({ ...situation, events: [begun(days)] }, [], null, made);
        assert.deepEqual([late.light, late.sync.state], ['bad', 'bad']);
        assert.match(late.sync.text, /Overdue since/);
      });
    }

    for (const [dns, days, on, text] of [
      ['hand', 7, 'person', /a person to set TXT _mta-sts\.example\.com/],
      ['own', 1, 'publish', /the id in DNS/],
    ] as const) {
      test(`served, and its id not announced, ${dns}`, () => {
        const situation = { config: { ...fleet, dns }, live: hosted };
        const early = status({ ...situation, events: served(days - 0.5) }, [], null, made);
        assert.deepEqual([early.light, early.on_its_way?.on], ['waiting', on]);
        assert.match(early.sync.text, text);
        assert.equal(status({ ...situation, events: served(days) }, [], null, made).light, 'bad');
      });
    }

    test('a later version too, and a fault beside it is still bad', () => {
      const later = {
        ...green,
        events: [...testing, minted(ago(0), ENFORCE, testing)],
        config: { ...forced, ...fleet },
      };
      assert.equal(status(later, [], review, made).light, 'waiting');
      const uncovered = liveWith([...MX, 'mx9.example.com'], null, null);
      assert.equal(status({ ...later, live: uncovered }, [], review, made).light, 'bad');
    });
  });

  test('a line of the ledger that could not be read is told, and nothing turns red', () => {
    const facts = factsOf(green);
    const ledger = { ...facts.ledger, damage: ['data/policies/example.com.jsonl: line 4 is cut off \u001b[2J'] };
    const plan = planDomain(
      { ...facts, ledger },
      { now: NOW, settings: settings(), commit: null, against: null, repository_owner: null },
    );
    const one = domainStatus({ now: NOW, facts: { ...facts, ledger }, plan, review, findings: [] });
    assert.deepEqual([one.light, one.notes], ['ok', ledger.damage]);
    const text = statusText([one]);
    assert.ok(
      /\n {2}note: data\/policies\/example\.com\.jsonl: line 4 is cut off /.test(text) && !text.includes('\u001b'),
      text,
    );
  });

  test('of two grave findings the one that names the fault says what is next', () => {
    const two = ['mx-backup-only', 'mx-not-covered'].map(
      (rule) => ({ rule, severity: 'sev2', summary: rule, action: `mend ${rule}` }) as Finding,
    );
    const one = status(green, two);
    assert.equal(one.next, 'mend mx-not-covered');
    assert.equal(status(green, [...two].reverse()).next, one.next);
  });

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
