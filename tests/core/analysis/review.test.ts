import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprint } from '#scripts/core/analysis/fingerprint.ts';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { reviewDays } from '#scripts/core/analysis/review-days.ts';
import { config, DOMAIN, domainName, NOW, onDays, only, pattern, reviewOf, type Said, span, view } from './world.ts';

test('a fingerprint is rule, domain, MX or reporter, and result type: printable, bounded, and different for different subjects', () => {
  const subject = {
    kind: 'mx' as const,
    name: 'mx1.example.com',
    mx: 'mx1.example.com',
    reporter: null,
    result_type: 'certificate-expired',
  };
  assert.equal(
    fingerprint('certificate-expired', DOMAIN, subject),
    'certificate-expired/example.com/mx:mx1.example.com/certificate-expired',
  );
  const reporter = (name: string) =>
    fingerprint('other', DOMAIN, { kind: 'reporter', name, mx: null, reporter: name, result_type: 'other' });
  assert.equal(reporter('A & B/<C>'), 'other/example.com/reporter:A%20%26%20B%2F%3CC%3E/other');
  assert.notEqual(reporter(`${'x'.repeat(5000)}a`), reporter(`${'x'.repeat(5000)}b`));
  assert.ok(reporter('\u{1f4e7}'.repeat(5000)).length < 500);
  assert.doesNotThrow(() => reporter('\ud800'));
});

test('sessions of 30 days under one policy type: sts, else tlsa, else no-policy-found', () => {
  const of = (some: readonly Said[]) => only(reviewOf(some).domains).sessions;
  const a = { reporter: 'a.example', successful: 90, details: [['other', null, 10]] } as const;
  assert.equal(of([]), null);
  assert.deepEqual(
    of([
      { ...a, day: '2026-11-20' },
      { ...a, day: '2026-11-20', policy_type: 'tlsa' },
      { ...a, day: '2026-11-19', reporter: 'b.example' },
    ]),
    {
      policy_type: 'sts',
      successful: 180,
      failed: 20,
      success_share: 0.9,
      days_with_data: 2,
    },
  );
  assert.deepEqual(
    of([
      { ...a, day: '2026-11-20', policy_type: 'tlsa' },
      { ...a, day: '2026-11-20', policy_type: 'no-policy-found' },
    ])?.policy_type,
    'tlsa',
  );
  assert.equal(of([{ ...a, day: '2026-10-23' }])?.days_with_data, 1, 'the thirtieth day');
  assert.equal(of([{ ...a, day: '2026-10-22' }]), null, 'the thirty-first');
  assert.deepEqual(
    of([
      { ...a, day: '2026-11-20' },
      { ...a, day: '2026-11-20', reporter: 'b.example', successful: null },
    ])?.success_share,
    0.9,
    'unknown is not zero',
  );
  assert.equal(of([{ ...a, day: '2026-11-20', successful: null }])?.success_share, null);
  assert.equal(
    of([{ reporter: 'a.example', day: '2026-11-20', successful: 0 }])?.days_with_data,
    0,
    'a report without sessions',
  );
});

test('freshness and days: how far reports reach, and what failed on which day', () => {
  const all = [
    ...onDays(span('2026-11-01', '2026-11-10'), { reporter: 'a.example', successful: 1 }),
    {
      reporter: 'b.example',
      day: '2026-11-12',
      successful: 7,
      details: [
        ['other', 'mx1.example.com', 2],
        ['certificate-expired', null, 3],
      ],
    },
  ] satisfies readonly Said[];
  const { freshness } = reviewDomains({
    domains: [config(), config({ domain: domainName('example.net') })],
    reports: view(all),
    now: NOW,
  });
  assert.deepEqual(freshness, {
    reports: { last_received_at: '2026-11-13T04:00:00Z', last_day: '2026-11-12' },
    domains: [
      { domain: 'example.com', last_day: '2026-11-12', last_received_at: '2026-11-13T04:00:00Z', reporters: 2 },
      { domain: 'example.net', last_day: null, last_received_at: null, reporters: 0 },
    ],
    observations: null,
  });
  const days = reviewDays(view(all));
  assert.equal(days.length, 11);
  assert.deepEqual(days.at(-1), {
    domain: 'example.com',
    day: '2026-11-12',
    policy_type: 'sts',
    successful: 7,
    failed: 5,
    unknown_entries: 0,
    reporters: 1,
    failures: [
      { result_type: 'certificate-expired', reporter: 'b.example', mx: null, sessions: 3 },
      { result_type: 'other', reporter: 'b.example', mx: 'mx1.example.com', sessions: 2 },
    ],
  });
});

test('what happens next, in one sentence', () => {
  const clean = onDays(span('2026-11-10', '2026-11-20'), { reporter: 'a.example', successful: 100 });
  const expired = (reporter: string): Said => ({
    reporter,
    day: '2026-11-20',
    successful: 0,
    details: [['certificate-expired', 'mx1.example.com', 9]],
  });
  const next = (some: readonly Said[], changes = {}) => only(reviewOf(some, changes).domains).next;
  assert.equal(next([]), 'Wait for the first report: until one arrives, what senders see is not known.');
  assert.equal(next(clean), 'Enforce possible from 2026-11-25 at the earliest: 10 of 14 clean days so far.');
  assert.equal(
    next(clean, { mode: 'enforce' }),
    'Nothing to do: reports up to 2026-11-20 show no failure above the threshold.',
  );
  assert.equal(
    next(clean, { rollout: { hold: true, clean_days: 14, reason: 'audit' } }),
    'Stays in testing: on hold (audit).',
  );
  assert.equal(
    next(clean, { rollout: { hold: false, clean_days: 7, reason: null } }),
    '10 clean days in a row (7 needed): probe every MX host, then enforce.',
  );
  assert.equal(next(clean, { retire: true }), 'Keep serving mode none until every cached policy has expired.');
  assert.equal(next(clean, { mode: 'none' }), 'Nothing: the published mode is none, so nothing is enforced.');
  assert.equal(
    next([expired('a.example'), expired('b.example')]),
    'Look into this: Certificate expired on mx1.example.com, since 2026-11-20.',
  );
  assert.match(
    next(onDays(span('2026-10-01', '2026-11-10'), { reporter: 'a.example', successful: 100 })),
    /^Find out why reports stopped: none for 2026-11-11 or later\.$/,
  );
});

test('the most urgent finding stands first', () => {
  const details = (type: string, mx: string) => [[type, mx, 30]] as const;
  const all: readonly Said[] = [
    {
      reporter: 'a.example',
      day: '2026-11-20',
      successful: 0,
      details: details('certificate-expired', 'mx1.example.com'),
    },
    {
      reporter: 'b.example',
      day: '2026-11-20',
      successful: 0,
      details: details('certificate-expired', 'mx1.example.com'),
    },
    {
      reporter: 'c.example',
      day: '2026-11-19',
      successful: 0,
      details: details('certificate-host-mismatch', 'mx2.example.com'),
    },
    { reporter: 'a.example', day: '2026-11-19', successful: 100 },
    {
      reporter: 'd.example',
      domain: 'example.net',
      day: '2026-11-20',
      successful: 0,
      details: details('other', 'mx1.example.net'),
    },
  ];
  const domains = [
    config({ mode: 'enforce' }),
    config({ domain: domainName('example.net'), mx: [pattern('mx1.example.net')] }),
  ];
  const { findings } = reviewDomains({ domains, reports: view(all), now: NOW });
  assert.deepEqual(
    findings.map(({ rule, severity, domain }) => `${severity} ${domain} ${rule}`),
    ['sev1 example.com certificate-expired', 'sev2 example.com certificate-host-mismatch', 'sev3 example.net other'],
  );
});
