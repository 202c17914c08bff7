import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays } from '#scripts/core/clock.ts';
import { isUrgent } from '#scripts/core/finding.ts';
import { config, day, domainName, failuresIn, instant, NOW, only, reviewOf, type Said, view } from './world.ts';

const REPORTERS = ['a.example', 'b.example', 'c.example'];
const TYPES = ['certificate-expired', 'starttls-not-supported', 'sts-policy-fetch-error', 'other'];
const HOSTS = ['mx1.example.com', 'mx2.example.com', null];

/** One reporter's day, at most one for each reporter, day and policy type. */
const said: fc.Arbitrary<readonly Said[]> = fc
  .uniqueArray(
    fc.record({
      reporter: fc.constantFrom(...REPORTERS),
      day: fc.integer({ min: 0, max: 19 }).map((index) => addDays(day('2026-11-01'), index)),
      policy_type: fc.constantFrom('sts', 'tlsa', 'no-policy-found'),
      successful: fc.oneof({ weight: 9, arbitrary: fc.nat(200) }, fc.constant(null)),
      details: fc.array(
        fc.tuple(fc.constantFrom(...TYPES), fc.constantFrom(...HOSTS), fc.integer({ min: 1, max: 60 })),
        { maxLength: 3 },
      ),
    }),
    { selector: ({ reporter, day, policy_type }) => `${reporter} ${day} ${policy_type}`, maxLength: 40 },
  )
  .map((all) => all.map((one): Said => one));

const known = REPORTERS.map((reporter) => ({
  reporter,
  result_type: 'certificate-expired',
  reason: 'theirs',
  until: day('2026-12-31'),
}));

test('property: a review is a function of what was reported, not of its order', () => {
  fc.assert(
    fc.property(said, fc.infiniteStream(fc.nat()), (all, random) => {
      const shuffled = <T>(values: readonly T[]): readonly T[] =>
        values
          .map((value) => ({ value, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ value }) => value);
      const reports = view(all);
      const domains = [config(), config({ domain: domainName('example.net') })];
      const other = {
        ...reports,
        daily: shuffled([...reports.daily]),
        failing: shuffled(reports.failing),
        reporters: shuffled(reports.reporters),
      };
      assert.deepEqual(
        reviewDomains({ domains: [...domains].reverse(), reports: other, now: NOW }),
        reviewDomains({ domains, reports, now: NOW }),
      );
    }),
    { numRuns: 60 },
  );
});

test('property: fingerprints are unique in a review, and the same when counts and days are others', () => {
  fc.assert(
    fc.property(said, fc.integer({ min: 2, max: 9 }), (all, factor) => {
      const prints = (some: readonly Said[], now = NOW) =>
        failuresIn(some, {}, now).map((finding) => finding.fingerprint);
      const before = prints(all);
      assert.equal(new Set(before).size, before.length);
      // Whole weeks: what is usual of a volume follows the days of the week.
      const earlier = all.map((one) => ({ ...one, day: addDays(day(one.day), -28) }));
      assert.deepEqual(
        [...prints(earlier, instant('2026-10-24T06:00:00Z'))].sort(),
        [...before].sort(),
        'four weeks earlier',
      );
      const more = new Set(
        prints(
          all.map((one) => ({
            ...one,
            successful: one.successful === null ? null : one.successful * factor,
            details: (one.details ?? []).map(([type, mx, sessions]) => [type, mx, sessions * factor] as const),
          })),
        ),
      );
      // A rate of several types may become one of each, once each has enough sessions.
      for (const print of before)
        assert.ok(more.has(print) || print.startsWith('anomaly-rate/'), 'the same shares of more sessions');
    }),
    { numRuns: 60 },
  );
});

test('property: while a baseline is learned, a clean day more never opens a finding', () => {
  const learning = said.map((all) => all.filter((one) => one.day <= '2026-11-06'));
  fc.assert(
    fc.property(learning, fc.constantFrom(...REPORTERS), fc.integer({ min: 0, max: 6 }), (all, reporter, index) => {
      const on = addDays(day('2026-11-01'), index);
      if (all.some((one) => one.reporter === reporter && one.day === on)) return;
      const before = new Set(
        failuresIn(all)
          .filter(({ state }) => state === 'open')
          .map((finding) => finding.fingerprint),
      );
      const after = failuresIn([...all, { reporter, day: on, successful: 50 }]).filter(({ state }) => state === 'open');
      for (const finding of after) assert.ok(before.has(finding.fingerprint), finding.summary);
    }),
    { numRuns: 100 },
  );
});

test('property: what is filtered is never urgent and never stands in the way', () => {
  fc.assert(
    fc.property(said, (all) => {
      const { findings, rollouts } = reviewOf(all, { known_sender_issues: known });
      for (const finding of findings.filter(({ state }) => state === 'filtered')) {
        assert.ok(!isUrgent(finding));
        assert.ok(
          !only(rollouts).blocked_by.some((reason) => reason.includes(finding.rule)) ||
            findings.some((one) => one.rule === finding.rule && one.state !== 'filtered'),
        );
      }
    }),
    { numRuns: 60 },
  );
});
