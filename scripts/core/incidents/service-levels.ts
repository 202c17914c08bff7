import { type Instant, instantOf } from '../clock.ts';
import type { BusinessHours } from '../config/types.ts';
import type { Severity } from '../finding.ts';
import { type Working, workingTime } from './business-time.ts';

/** By when somebody must have reacted, the owners been told, and the fault been gone. Null: no time is promised. */
export interface ServiceTargets {
  readonly respond_by: Instant | null;
  readonly notify_by: Instant | null;
  readonly resolve_by: Instant | null;
}

/**
 * - sev1: respond within 1 h in business hours, 4 h outside; notify within 2 h; cause and repair within 24 h. Real time:
 *   a sev1 does not wait for Monday.
 * - sev2: respond within 4 business hours; resolve by the end of the fifth business day.
 * - sev3: looked at in the monthly review, so no time runs.
 */
export function serviceTargets(severity: Severity, from: Instant, hours: BusinessHours): ServiceTargets {
  const working = workingTime(hours);
  switch (severity) {
    case 'sev1':
      return {
        respond_by: later(from, working.isOpen(from) ? 1 : 4),
        notify_by: later(from, 2),
        resolve_by: later(from, 24),
      };
    case 'sev2':
      return { respond_by: working.after(from, 4), notify_by: null, resolve_by: fiveDays(working, from) };
    case 'sev3':
      return { respond_by: null, notify_by: null, resolve_by: null };
  }
}

/** A higher severity runs from the moment of its escalation, and never gives more time than was promised before. */
export function sharperTargets(before: ServiceTargets, after: ServiceTargets): ServiceTargets {
  return {
    respond_by: earlier(before.respond_by, after.respond_by),
    notify_by: earlier(before.notify_by, after.notify_by),
    resolve_by: earlier(before.resolve_by, after.resolve_by),
  };
}

/** `soon`: the last quarter of the time has begun, so a reminder is due. `missed` stays missed when it is done late. */
export type Standing = 'none' | 'running' | 'soon' | 'met' | 'missed';

export function standing(from: Instant, by: Instant | null, done: Instant | null, now: Instant): Standing {
  if (by === null) return 'none';
  if (done !== null) return done <= by ? 'met' : 'missed';
  if (now > by) return 'missed';
  const whole = Date.parse(by) - Date.parse(from);
  return Date.parse(by) - Date.parse(now) <= whole / 4 ? 'soon' : 'running';
}

function fiveDays(working: Working, from: Instant): Instant {
  return working.endOfDay(from, 5);
}

function later(from: Instant, hours: number): Instant {
  return instantOf(Date.parse(from) + hours * 3_600_000);
}

function earlier(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
