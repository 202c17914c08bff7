import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays, type Instant } from '#scripts/core/clock.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { day } from '../core/analysis/world.ts';
import { BY_CAUSE, BY_TIME } from './accounting.ts';
import { Chance } from './chance.ts';
import { configOf } from './evaluate.ts';
import { simulatedDomain } from './fleet.ts';
import { mxFault } from './incident-kinds.ts';
import { REVIEW_TIME, tellableOn } from './tellable.ts';
import { viewAt } from './view.ts';
import { type Incident, simulatedYear } from './year.ts';

const START = day('2025-03-01');
const LEAK = mxFault('leak', ['starttls-not-supported'], 'mx-no-starttls', [0.3, 0.4], { days: [8, 9] });
const year = (index: number, kinds = [LEAK]) =>
  simulatedYear({ ...simulatedDomain(new Chance(`accounts ${index}`), index), provider: false }, 'accounts', {
    start: START,
    days: 110,
    kinds,
  });

test('what an incident caused is never more than what failed, and nothing outside of its days', () => {
  const { rows, incidents, start } = year(0);
  for (const { day: on, failed, caused } of rows) {
    assert.ok(caused.reduce((sum, { sessions }) => sum + sessions, 0) <= failed);
    for (const { incident } of caused)
      assert.ok(on >= addDays(start, incident.first) && on <= addDays(start, incident.last));
  }
  assert.ok(rows.some(({ caused }) => caused.length > 0) && incidents.length > 0);
});

test('an incident can be told once its own failures have been reported, not once any failure has', () => {
  for (const index of [0, 1, 2, 3, 4, 5]) {
    const weekends = year(index, [{ ...LEAK, course: 'weekends' }]);
    for (const incident of weekends.incidents) {
      const on = tellableOn(incident, weekends);
      const told = weekends.rows.find(
        ({ caused, day: of }) => of < on && caused.some((one) => one.incident === incident),
      );
      assert.ok(told !== undefined || on === addDays(START, incident.last), `${index} ${on}`);
      assert.ok(BY_TIME.tellable(incident, weekends) <= on);
    }
  }
});

test('a finding of noise is of no incident by cause, and of whatever goes on by time', () => {
  const simulated = year(2);
  const incident = simulated.incidents[0] as Incident;
  const on = addDays(START, incident.first + 4);
  const now = `${on}T${REVIEW_TIME}` as Instant;
  const reports = viewAt(simulated.domain.domain, simulated.rows, now);
  const { findings } = reviewDomains({ domains: [configOf(simulated.domain)], reports, now });
  const found = findings.find(({ rule }) => rule === 'starttls-not-supported') as Finding;
  assert.ok(BY_CAUSE.isOf(found, incident, simulated));
  const noise: Finding = { ...found, subject: { ...found.subject, result_type: 'sts-webpki-invalid' } };
  assert.ok(!BY_CAUSE.isOf(noise, incident, simulated));
  assert.ok(BY_TIME.isOf(noise, incident, simulated));
});
