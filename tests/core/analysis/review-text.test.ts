import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { reviewText } from '#scripts/core/analysis/review-text.ts';
import { config, domainName, NOW, onDays, reviewOf, type Said, span, view } from './world.ts';

const clean = onDays(span('2026-11-01', '2026-11-20'), { reporter: 'b.example', successful: 1000 });
const evil = '\u001b[2J\u202egood\u0007';
const failing: readonly Said[] = ['a.example', 'c.example'].map((reporter) => ({
  reporter,
  organization_name: evil,
  day: '2026-11-20',
  successful: 70,
  details: [['certificate-expired', 'mx1.example.com', 30, evil]],
}));

test('one screen: the state of all, each finding with what, why, who and what to do, then each domain', () => {
  const text = reviewText(reviewOf([...clean, ...failing], { mode: 'enforce' }));
  assert.match(text, /^1 domain at 2026-11-21T06:00:00Z: 1 needs someone now; reports up to 2026-11-20\./);
  assert.match(text, /^sev1 certificate-expired · example\.com · mx1\.example\.com · open since 2026-11-20$/m);
  assert.match(
    text,
    /^ {2}what {2}Certificate expired on mx1\.example\.com, seen by a\.example and c\.example: 60 of 200 sts$/m,
  );
  assert.match(text, /^ {2}who {3}who can act is not known$/m);
  assert.match(text, /^ {2}do {4}First make sure\. Run/m);
  assert.match(text, /^◧□□◧ {2}example\.com {2}enforce {2}20,200 sts sessions in 30 days, 99\.7 % succeeded$/m);
  assert.match(text, /^observations: none yet/m);
});

test('nothing hostile reaches the terminal, and no line is wider than 100', () => {
  const text = reviewText(reviewOf([...clean, ...failing], { mode: 'enforce' }));
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
  assert.match(text, /␛\[2J<U\+202E>good␇/, 'it is shown, not dropped');
});

test('a share is never rounded up to 100 %', () => {
  const text = reviewText(
    reviewOf([{ reporter: 'a.example', day: '2026-11-20', successful: 999_999, details: [['other', null, 1]] }]),
  );
  assert.match(text, /1,000,000 sts sessions in 30 days, 99\.99 % succeeded/);
});

/** The same at the domain's own MX host: a host of several would be one finding. */
const on = (one: Said, domain: string): Said => ({
  ...one,
  domain,
  ...(one.details === undefined
    ? {}
    : { details: one.details.map(([type, , sessions]) => [type, `mx1.${domain}`, sessions] as const) }),
});

test('a fleet stays readable: what is open first, the calm ones counted', () => {
  const domains = Array.from({ length: 300 }, (_, index) => config({ domain: domainName(`d${index}.example.com`) }));
  const all = domains.slice(0, 120).flatMap(({ domain }) => failing.map((one) => on(one, domain)));
  const text = reviewText(reviewDomains({ domains, reports: view(all), now: NOW }));
  assert.ok(text.split('\n').length < 350);
  assert.match(text, /^300 domains at .*120 need someone now/);
  assert.match(text, /^and 60 more findings \(--json lists all\)$/m);
  assert.match(text, /^and 260 more domains/m);
});

test('errors of the configuration are not passed over', () => {
  const problem = {
    rule: 'mx-invalid',
    severity: 'error',
    file: 'domains/broken.example.yaml',
    line: 1,
    column: 1,
    message: 'wrong',
    hint: null,
  } as const;
  assert.match(
    reviewText({ ...reviewOf([]), problems: [problem] }),
    /The configuration has 1 error, so domains may be missing here: run npx postern check\./,
  );
  assert.match(
    reviewText({ ...reviewOf([]), unreadable: [{ file: 'reports/month=2026-11/x.parquet' }] }),
    /1 stored file could not be read/,
  );
});

test('nothing at all: what is not known is said', () => {
  const text = reviewText(reviewOf([]));
  assert.match(text, /nothing urgent is open; no verified report has arrived yet\./);
  assert.match(text, /^□□□□ {2}example\.com {2}testing {2}no report yet$/m);
  assert.match(text, /^reports: none yet$/m);
});
