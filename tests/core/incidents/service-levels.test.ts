import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Day, Instant } from '#scripts/core/clock.ts';
import type { BusinessHours } from '#scripts/core/config/types.ts';
import { serviceTargets, sharperTargets, standing } from '#scripts/core/incidents/service-levels.ts';

const HOURS: BusinessHours = {
  time_zone: 'Europe/Berlin',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '17:00',
  holidays: ['2026-12-25' as Day],
};
const at = (text: string) => text as Instant;

test('sev1 runs in real time: one hour in business hours, four outside', () => {
  assert.deepEqual(serviceTargets('sev1', at('2026-11-23T09:00:00Z'), HOURS), {
    respond_by: '2026-11-23T10:00:00Z',
    notify_by: '2026-11-23T11:00:00Z',
    resolve_by: '2026-11-24T09:00:00Z',
  });
  assert.equal(
    serviceTargets('sev1', at('2026-11-21T06:00:00Z'), HOURS).respond_by,
    '2026-11-21T10:00:00Z',
    'Saturday',
  );
  assert.equal(serviceTargets('sev1', at('2026-12-25T10:00:00Z'), HOURS).respond_by, '2026-12-25T14:00:00Z', 'holiday');
});

test('sev2 waits for business hours, sev3 for the month', () => {
  assert.deepEqual(serviceTargets('sev2', at('2026-11-21T06:00:00Z'), HOURS), {
    respond_by: '2026-11-23T12:00:00Z',
    notify_by: null,
    resolve_by: '2026-11-27T16:00:00Z',
  });
  assert.deepEqual(serviceTargets('sev3', at('2026-11-21T06:00:00Z'), HOURS), {
    respond_by: null,
    notify_by: null,
    resolve_by: null,
  });
});

test('an escalation never gives more time', () => {
  const before = serviceTargets('sev2', at('2026-11-23T08:00:00Z'), HOURS);
  const sharper = sharperTargets(before, serviceTargets('sev1', at('2026-11-23T14:00:00Z'), HOURS));
  assert.equal(sharper.respond_by, '2026-11-23T12:00:00Z');
  assert.equal(sharper.resolve_by, '2026-11-24T14:00:00Z');
});

test('a promise is running, soon due, met or missed', () => {
  const from = at('2026-11-23T08:00:00Z');
  const by = at('2026-11-23T12:00:00Z');
  assert.equal(standing(from, by, null, at('2026-11-23T10:59:59Z')), 'running');
  assert.equal(standing(from, by, null, at('2026-11-23T11:00:00Z')), 'soon');
  assert.equal(standing(from, by, null, at('2026-11-23T12:00:01Z')), 'missed');
  assert.equal(standing(from, by, at('2026-11-23T11:30:00Z'), at('2026-12-01T00:00:00Z')), 'met');
  assert.equal(
    standing(from, by, at('2026-11-23T13:00:00Z'), at('2026-12-01T00:00:00Z')),
    'missed',
    'done late is missed',
  );
  assert.equal(standing(from, null, null, by), 'none');
});
