import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Day, Instant } from '#scripts/core/clock.ts';
import type { Evidence, Finding } from '#scripts/core/finding.ts';
import type { FailingReporterDay } from '#scripts/core/reports/view.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { type DomainFacts, type SiteFacts, siteFacts } from '#site/shared/view-models/domain-facts.ts';
import { domainPage } from '#site/shared/view-models/domain-page.ts';
import { failureTables } from '#site/shared/view-models/failures.ts';
import { findingView } from '#site/shared/view-models/findings.ts';
import { redaction } from '#site/shared/view-models/redaction.ts';
import { type WorldTexts, world } from './world.ts';

const open = redaction(false);

function factsOf(domain: string, texts: WorldTexts = {}): readonly [DomainFacts, SiteFacts] {
  const made = world({ domains: 20, texts });
  const site = siteFacts(made.settings, made);
  const facts = site.domains.find(({ config }) => config.domain === domain);
  assert.ok(facts, domain);
  return [facts, site];
}

function pageOf(domain: string) {
  return domainPage(...factsOf(domain), open);
}

test('the first sentences say what is true and what happens next', () => {
  const faulty = pageOf('d00000.example');
  assert.match(
    faulty.truth,
    /^Senders that know the policy deliver only to a listed MX host with a valid certificate\. In 30 days reports count [\d,]+ sessions under the policy; 9\d\.\d\u00a0% succeeded\. 1 finding is open\.$/,
  );
  assert.match(
    faulty.next.map(({ text }) => text).join(''),
    /Certificate expired on mx2\.d00000\.example, since 16 November\.$/,
  );

  const silent = pageOf('d00016.example');
  assert.match(silent.truth, /No report of the last 30 days counts a session\.$/);
  assert.equal(silent.trend, null);
  assert.equal(pageOf('d00009.example').mode, 'retiring');
  assert.match(JSON.stringify(pageOf('d00003.example').blocked), /not probed yet/);
});

const FINDING: Finding = {
  rule: 'certificate-expired',
  domain: 'd00000.example' as DomainName,
  domains: ['d00000.example' as DomainName],
  subject: {
    kind: 'mx',
    name: 'mx2',
    mx: 'mx2',
    reporter: null,
    result_type: 'certificate-expired',
    policy_type: 'sts',
  },
  severity: 'sev1',
  state: 'open',
  since: '2026-11-16' as Day,
  last_seen: '2026-11-20' as Day,
  detected_at: '2026-11-21T06:00:00Z' as Instant,
  actor: 'you',
  summary: 'certificate expired on mx2.',
  evidence: [
    {
      kind: 'report',
      at: '2026-11-20' as Day,
      text: 'a.example: 12 of 90 sts sessions failed. Reason given: "SAID BY 192.0.2.1".',
      ref: 'ab',
    },
  ],
  action: 'Renew it and run `postfix reload`; a lone ` is text.',
  fingerprint: 'f',
  incident: null,
};

test('a finding says how urgent, who can act, what to do, and what it rests on', () => {
  assert.deepEqual(findingView(FINDING, { daily: [], failing: [], reporters: [] }, open), {
    rule: 'certificate-expired',
    severity: 'sev1',
    urgency: 'now',
    urgent: true,
    summary: 'Certificate expired on mx2.',
    actor: 'You can act.',
    action: [
      { text: 'Renew it and run ', code: false },
      { text: 'postfix reload', code: true },
      { text: '; a lone ` is text.', code: false },
    ],
    days: '16 November to 20 November 2026',
    evidence: [{ at: '20 November 2026', text: FINDING.evidence[0]?.text, ref: 'ab' }],
  });
});

test('redacted, evidence tells the figures of the report it refers to, not what the sender wrote', () => {
  const [facts] = factsOf('d00000.example');
  const row = facts.reports.failing.find(({ failed }) => failed > 0);
  const evidence = [{ ...FINDING.evidence[0], ref: row?.report_sha256[0] ?? '' } as Evidence];
  const [told] = findingView({ ...FINDING, evidence }, facts.reports, redaction(true)).evidence;
  assert.match(told?.text ?? '', /^\S+: [\d,]+ of [\d,]+ sts sessions failed\.$/);
  const [lost] = findingView(FINDING, facts.reports, redaction(true)).evidence;
  assert.equal(lost?.text, '[withheld]');
});

test('policy types stand apart and are never added', () => {
  const { trend, others } = pageOf('d00000.example');
  assert.equal(trend?.policy_type, 'sts');
  assert.deepEqual(
    others.map(({ policy_type, failed }) => [policy_type, failed]),
    [['tlsa', 0]],
  );
  const [facts] = factsOf('d00000.example');
  const sts = facts.reports.daily.filter(({ policy_type }) => policy_type === 'sts');
  assert.equal(
    trend?.successful,
    sts.reduce((sum, { successful }) => sum + successful, 0),
  );
});

test('failures by type, reporter and MX; what no detail explains is unspecified, and overlaps stay', () => {
  const row = (changes: Partial<FailingReporterDay>): FailingReporterDay => ({
    domain: 'example.com',
    day: '2026-11-01' as Day,
    policy_type: 'sts',
    reporter: 'a.example',
    organization_name: null,
    successful: 90,
    failed: 10,
    details: [],
    report_sha256: ['00'],
    ...changes,
  });
  const detail = (result_type: string, mx: string | null, sessions: number) => ({
    result_type,
    mx,
    sessions,
    reasons: ['why'],
  });
  const failing = [
    row({ details: [detail('certificate-expired', 'mx1', 4)] }),
    row({
      day: '2026-11-02' as Day,
      details: [detail('certificate-expired', 'mx1', 6), detail('validation-failure', null, 8)],
    }),
    row({ reporter: 'b.example', details: [detail('certificate-expired', 'mx2', 10)] }),
    row({ policy_type: 'tlsa', failed: 1, details: [detail('tlsa-invalid', 'mx1', 1)] }),
    row({ failed: 0, details: [] }),
  ];
  const tables = failureTables({ daily: [], failing, reporters: [] }, open);
  assert.deepEqual(
    tables.map(({ policy_type, failed }) => [policy_type, failed]),
    [
      ['sts', '30'],
      ['tlsa', '1'],
    ],
  );
  assert.deepEqual(
    tables[0]?.types.map(({ result_type, rows, reporter, mx, sessions, days, span, reasons }) => [
      result_type,
      rows,
      reporter,
      mx,
      sessions,
      days,
      span,
      reasons.length,
    ]),
    [
      ['certificate-expired', 2, 'a.example', 'mx1', '10', '2', '1 Nov – 2 Nov', 1],
      ['certificate-expired', null, 'b.example', 'mx2', '10', '1', '1 Nov', 0],
      ['validation-failure', 1, 'a.example', null, '8', '1', '2 Nov', 1],
      ['unspecified', 1, 'a.example', null, '6', '1', '1 Nov', 0],
    ],
  );
  assert.deepEqual(
    tables[0]?.reporters.map(({ name, sessions, days }) => [name, sessions, days]),
    [
      ['a.example', '20', '2'],
      ['b.example', '10', '1'],
    ],
  );
});

test('a reporter shows its last day and which policy it applied', () => {
  const { reporters } = pageOf('d00000.example');
  assert.deepEqual(
    reporters.map(({ name, lastDay, lastDayBefore, applied }) => [name, lastDay, lastDayBefore, applied.kind]),
    [
      ['google.com', '20 November', '', 'ours'],
      ['microsoft.com', '20 November', '', 'ours'],
      ['mail.ru', '20 November', '', 'ours'],
      ['relay-co.example', '20 November', '', 'ours'],
    ],
  );
  const [facts, site] = factsOf('d00000.example');
  const old = facts.reports.reporters.map((one) => ({
    ...one,
    days: ['2026-10-01' as Day],
    policy_string: ['version: STSv1', 'mode: none'],
  }));
  const [stale] = domainPage({ ...facts, reports: { ...facts.reports, reporters: old } }, site, open).reporters;
  assert.deepEqual([stale?.lastDay, stale?.lastDayBefore, stale?.applied.kind], ['1 October', '51 days ago', 'other']);
});

test('the policy is the text that must be served', () => {
  assert.deepEqual(pageOf('d00000.example').policy, {
    url: 'https://mta-sts.d00000.example/.well-known/mta-sts.txt',
    text: 'version: STSv1\nmode: enforce\nmx: mx1.d00000.example\nmx: mx2.d00000.example\nmax_age: 604800\n',
    remembered: '7 days',
  });
});

test('redacted, no reason and no address is left anywhere in the page', () => {
  const [facts, site] = factsOf('d00000.example', {
    name: 'Relay of person@example.net at 2001:db8::1',
    reason: 'SAID BY SENDER 192.0.2.1',
  });
  assert.match(
    JSON.stringify(domainPage(facts, site, open)),
    /SAID BY SENDER 192\.0\.2\.1.*person@example\.net at 2001:db8::1/s,
  );
  const page = JSON.stringify(domainPage(facts, site, redaction(true)));
  assert.match(page, /Relay of \[withheld\] at \[withheld\]/);
  assert.doesNotMatch(page, /SAID BY SENDER|192\.0\.2\.1|person@|2001:db8/);
});

test('traced reports are the failing ones, newest first, with their whole hash', () => {
  const { traced, moreTraced } = pageOf('d00000.example');
  assert.ok(traced.length > 5);
  assert.equal(moreTraced, 0);
  for (const { sha256 } of traced) assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.equal(traced[0]?.day, '20 November 2026');
});
