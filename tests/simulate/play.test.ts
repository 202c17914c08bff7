import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays } from '#scripts/core/clock.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { day } from '../core/analysis/world.ts';
import { Chance } from './chance.ts';
import { configOf } from './evaluate.ts';
import { simulatedDomain } from './fleet.ts';
import { asTakenIn, PlayedWorld, playYear, reviewTime } from './play.ts';
import { standingsOn } from './probes.ts';
import { UNSEEN_KINDS } from './unseen-kinds.ts';
import { viewAt } from './view.ts';
import { type Incident, simulatedYear } from './year.ts';

const told = (findings: readonly Finding[]) =>
  findings
    .filter(({ rule }) => rule !== 'coverage-gap' && rule !== 'automation-stale')
    .map(({ fingerprint, state, severity, actor, since, last_seen, domain, incident }) =>
      [fingerprint, state, severity, actor, since, last_seen, domain, incident].join(' '),
    )
    .sort();

test('what files, looks and the real commands give is what the simulator scores', async () => {
  const kinds = UNSEEN_KINDS.filter(({ name }) => /^(?:mixed types|a result type|one MX|failures without)/.test(name));
  const domain = { ...simulatedDomain(new Chance('play 3'), 3), dane: true };
  const year = simulatedYear(domain, 'play', { start: day('2025-03-01'), days: 78, kinds });
  const [{ first }] = year.incidents as [Incident];
  const rows = asTakenIn(year.rows, addDays(year.start, first - 1));
  const world = new PlayedWorld([domain]);
  let open = 0;
  try {
    await playYear(world, year, [first - 1, first + 4], (on, review) => {
      const now = reviewTime(on);
      const standings = standingsOn(year, on);
      const expected = reviewDomains({
        domains: [configOf(domain)],
        reports: viewAt(domain.domain, rows, now),
        now,
        standings,
      });
      assert.deepEqual(told(review.findings), told(expected.findings), on);
      open += expected.findings.length;
    });
  } finally {
    world.remove();
  }
  assert.ok(open > 0, 'something was found');
});
