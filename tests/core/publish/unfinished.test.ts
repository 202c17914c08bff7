import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checkpoint } from '#scripts/core/checkpoint.ts';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import { isPublishDue } from '#scripts/core/publish/unfinished.ts';

const at = (text: string) => text as Instant;
const since = '2026-11-21T06:00:00Z';

function checkpoint(publish: unknown, tried: string | null): Checkpoint {
  const tasks = tried === null ? {} : { publish: { last_attempt: at(tried), last_success: null } };
  return { tasks, sections: { publish } };
}

const CASES = [
  ['nothing was ever published', undefined, null, '2026-11-21T07:00:00Z', false],
  ['at its end', { plan: null }, since, '2026-11-22T07:00:00Z', false],
  ['the run of the same hour', { plan: 'a', since }, '2026-11-21T06:00:00Z', '2026-11-21T06:17:00Z', false],
  ['an hour later', { plan: 'a', since }, '2026-11-21T06:00:00Z', '2026-11-21T07:17:00Z', true],
  ['a person’s DNS, the next day', { plan: 'a', since }, '2026-11-22T06:17:00Z', '2026-11-22T07:17:00Z', false],
  ['once a day from then on', { plan: 'a', since }, '2026-11-22T06:17:00Z', '2026-11-23T02:17:00Z', true],
  ['kept by an older version, without since', { plan: 'a' }, '2026-11-21T06:00:00Z', '2026-11-22T06:17:00Z', true],
  ['killed before it told', { plan: 'a', since }, null, '2026-11-21T06:01:00Z', true],
] as const;

for (const [name, publish, tried, now, due] of CASES)
  test(`publish goes on: ${name}`, () => assert.equal(isPublishDue(checkpoint(publish, tried), at(now)), due));

const LOST = [
  [
    'a host that was lost this hour',
    { 'a.example': '2026-11-21T06:17:00Z' },
    '2026-11-20T06:00:00Z',
    '2026-11-21T06:18:00Z',
    true,
  ],
  [
    'a host lost for days, tried today',
    { 'a.example': '2026-11-15T06:17:00Z' },
    '2026-11-21T06:00:00Z',
    '2026-11-21T07:17:00Z',
    false,
  ],
  [
    'one lost today beside one lost for days',
    { 'a.example': '2026-11-15T06:17:00Z', 'b.example': '2026-11-21T06:17:00Z' },
    '2026-11-21T06:18:00Z',
    '2026-11-21T07:17:00Z',
    true,
  ],
] as const;

for (const [name, lost_hosts, tried, now, due] of LOST)
  test(`publish mends: ${name}`, () => {
    const { tasks, sections } = checkpoint({ plan: null }, tried);
    assert.equal(isPublishDue({ tasks, sections: { ...sections, lost_hosts } }, at(now)), due);
  });

test('what waits for a week costs six jobs on its first day, and at most two on each day after it', () => {
  let tried = since;
  const runs: number[] = [];
  for (let hour = 0; hour < 7 * 24; hour++) {
    const now = instantOf(Date.parse(since) + hour * 3_600_000 + 1_020_000);
    if (!isPublishDue(checkpoint({ plan: 'a', since }, tried), now)) continue;
    runs.push(hour);
    tried = now;
  }
  assert.deepEqual(
    runs.filter((hour) => hour < 24),
    [1, 2, 4, 7, 11, 17],
  );
  for (let day = 2; day <= 7; day++) {
    const ofDay = runs.filter((hour) => Math.floor(hour / 24) === day - 1).length;
    assert.ok(ofDay >= 1 && ofDay <= 2, `day ${day}: ${ofDay}`);
  }
});
