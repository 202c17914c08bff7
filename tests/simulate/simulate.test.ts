import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day } from '../core/analysis/world.ts';
import { Chance } from './chance.ts';
import { MODELS, scoreYear } from './evaluate.ts';
import { simulatedDomain } from './fleet.ts';
import { INCIDENT_KINDS } from './incident-kinds.ts';
import { emptyScore } from './score.ts';
import { simulatedYear } from './year.ts';

const START = day('2025-03-01');

test('a seed gives the same fleet and the same year, another one another', () => {
  const year = (seed: string) => simulatedYear(simulatedDomain(new Chance(seed), 1), seed, { start: START, days: 120 });
  assert.deepEqual(year('a'), year('a'));
  assert.notDeepEqual(year('a').rows, year('b').rows);
});

test('thirty kinds of incidents and more, each with its own name', () => {
  assert.ok(INCIDENT_KINDS.length >= 30);
  assert.equal(new Set(INCIDENT_KINDS.map(({ name }) => name)).size, INCIDENT_KINDS.length);
});

test('in a small part of a year the chosen model misses nothing clear and cries less than the plain rule', () => {
  const [chosen, plain] = ['against the usual (beta-binomial, FDR)', 'plain 5 % rule'].map((name) => {
    const model = MODELS.find((one) => one.name === name);
    assert.ok(model !== undefined, name);
    const score = emptyScore();
    for (const index of [0, 1])
      scoreYear(
        simulatedYear(simulatedDomain(new Chance(`small ${index}`), index), 'small', { start: START, days: 150 }),
        model,
        score,
      );
    return score;
  });
  assert.ok(chosen !== undefined && plain !== undefined);
  assert.equal(chosen.clearFound, chosen.clear);
  assert.ok(chosen.falseFindings <= plain.falseFindings);
});
