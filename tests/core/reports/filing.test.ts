import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { filingOf } from '#scripts/core/reports/filing.ts';

const NOW = '2026-11-19T06:00:00Z' as Instant;
const fact = { verdicts: [], other: null, waiting_since: null, now: NOW };

test('a mail goes where its content belongs, whatever its signature is worth', () => {
  for (const verdict of ['pass', 'none', 'fail', 'misaligned', 'unverifiable', 'unchecked', null] as const) {
    assert.equal(filingOf({ ...fact, verdicts: [verdict] }), 'processed');
  }
  assert.equal(filingOf(fact), 'rejected');
  assert.equal(filingOf({ ...fact, other: 'dmarc-report' }), 'rejected');
  assert.equal(filingOf({ ...fact, other: 'self-test' }), 'processed');
});

test('it waits while the DNS does not answer, for a week', () => {
  const temporary = { ...fact, verdicts: ['pass', 'temporary'] as const };
  assert.equal(filingOf(temporary), 'waiting');
  assert.equal(filingOf({ ...temporary, waiting_since: '2026-11-12T06:00:01Z' as Instant }), 'waiting');
  assert.equal(filingOf({ ...temporary, waiting_since: '2026-11-12T06:00:00Z' as Instant }), 'processed');
});
