import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, MX, only, reviewOf, type Said, says, span } from '../world.ts';

/** 2,000 sessions a day since 20 October, and so many failures of a type on the days told. */
function history(
  failures: Readonly<Record<string, number>>,
  from = '2026-10-20',
  type = 'validation-failure',
): readonly Said[] {
  return span(from, '2026-11-20').map((on) => {
    const failed = failures[on] ?? 0;
    return { ...says('a.example', 2_000 - failed, ...(failed > 0 ? [[type, MX, failed] as const] : [])), day: on };
  });
}

const spread = { '2026-11-17': 5, '2026-11-18': 6, '2026-11-19': 4 };

test('a type that was never there and shows on several days is told before its rate is one', () => {
  const finding = only(reviewOf(history(spread)).findings);
  assert.deepEqual(
    [finding.rule, finding.subject.mx, finding.subject.result_type, finding.since, finding.severity, finding.state],
    ['anomaly-new-failure', MX, 'validation-failure', '2026-11-17', 'sev3', 'open'],
  );
  assert.equal(finding.fingerprint, 'anomaly-new-failure/example.com/mx:mx1.example.com/validation-failure');
  assert.match(finding.summary, /never seen before, validation-failure, on mx1\.example\.com/);
});

test('chance, bursts, what was there before and what is too young to tell are not new', () => {
  const table: Readonly<Record<string, readonly Said[]>> = {
    'one day, however many': history({ '2026-11-19': 15 }),
    'three days with one each': history({ '2026-11-17': 1, '2026-11-18': 1, '2026-11-19': 1 }),
    'seen three weeks before': history({ '2026-10-25': 1, ...spread }),
    'known for ten days only': history(spread, '2026-11-08'),
    'two clean days since': history({ '2026-11-10': 5, '2026-11-11': 6, '2026-11-12': 4 }),
  };
  for (const [situation, said] of Object.entries(table)) assert.deepEqual(reviewOf(said).findings, [], situation);
});

test('what crosses by its rate is told under its own type alone', () => {
  const findings = reviewOf(history({ '2026-11-17': 5, '2026-11-18': 300, '2026-11-19': 280 })).findings;
  assert.equal(only(findings).rule, 'validation-failure');
});

test('a known sender issue is none of it', () => {
  const issue = {
    reporter: 'a.example',
    result_type: 'validation-failure',
    reason: 'theirs',
    until: day('2027-01-01'),
  };
  const findings = reviewOf(history(spread), { known_sender_issues: [issue] }).findings;
  assert.deepEqual(findings, []);
});
