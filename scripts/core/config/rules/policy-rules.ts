import { excerpt } from '../../../standards/excerpt.ts';
import { type Day, dayOf, type Instant } from '../../clock.ts';
import { nearest } from '../../near.ts';
import { REFUSALS } from '../../policy/plan/refusal.ts';
import type { Remark } from '../remark.ts';
import type { DomainRule, Subject } from './subject.ts';

const DAY = 86_400;
const WEEK = 604_800;

/**
 * RFC 8461 §3.2 and §10.2 want weeks in steady state; a day is the floor because a policy shorter than the daily refresh
 * of senders (§3.3) leaves gaps, and Google is said to ignore it. Retiring serves its own max_age: core/policy/desired.ts.
 */
export const maxAgeBounds: DomainRule = ({ written, mode }) => {
  const { max_age: maxAge, retire } = written;
  if (maxAge === undefined || retire === true || mode === null || mode === 'none') return [];
  const path = ['max_age'];
  if (mode === 'enforce' && maxAge < DAY) {
    const message = `\`max_age\` is ${maxAge} seconds; in enforce it must be at least ${DAY}, a day.`;
    return [
      {
        rule: 'max-age-bounds',
        path,
        message,
        hint: 'Write 604800 or more, or remove the key: 604800 is the default.',
      },
    ];
  }
  const enough = mode === 'enforce' ? WEEK : DAY;
  if (maxAge >= enough) return [];
  const message = `\`max_age\` is ${maxAge} seconds, which is short for ${mode}: senders forget the policy between messages (RFC 8461 §10.2).`;
  return [
    { rule: 'max-age-bounds', severity: 'warning', path, message, hint: `Write ${enough} or more, or remove the key.` },
  ];
};

/** Whoever finds the domain waiting, or promoted early, a year later should not have to guess. */
export const rolloutReason: DomainRule = ({ written: { rollout } }) => {
  if (rollout === undefined || rollout.reason !== undefined) return [];
  const path = rollout.hold === true ? ['rollout', 'hold'] : ['rollout', 'clean_days'];
  if (rollout.hold !== true && (rollout.clean_days ?? 14) >= 14) return [];
  const message =
    rollout.hold === true
      ? 'The rollout is held without a reason.'
      : 'Fewer than 14 clean days are asked for without a reason.';
  return [{ rule: 'rollout-reason', path, message, hint: 'Add rollout.reason.' }];
};

/** The rules that depend on the day: an exception lasts to the end of its `until` (UTC). */
export function expiryRemarks(written: Subject['written'], now: Instant): readonly Remark[] {
  const today = dayOf(now);
  const expired = (until: string) => (until as Day) < today;
  return [
    ...(written.known_sender_issues ?? []).flatMap(({ until, reporter }, index): Remark[] => {
      if (!expired(until)) return [];
      const message = `The exception for ${excerpt(reporter)} ended on ${until}; its failures count again.`;
      return [
        {
          rule: 'known-issue-expired',
          path: ['known_sender_issues', index, 'until'],
          message,
          hint: 'Remove it, or give it a new date.',
        },
      ];
    }),
    ...expiredOverrides(written.overrides, now),
  ];
}

/** Those of a domain. */
export const idleOverride: DomainRule = ({ written }) => idleOverrides(written.overrides);

/** An override of what nothing lifts, or of no refusal at all, would be believed to work. */
export function idleOverrides(overrides: Subject['written']['overrides']): readonly Remark[] {
  const liftable = Object.values(REFUSALS).flatMap(({ override }) => override ?? []);
  return (overrides ?? []).flatMap(({ code }, index): Remark[] => {
    if (liftable.some((name) => name === code)) return [];
    const isKnown = Object.hasOwn(REFUSALS, code);
    const near = nearest(code, liftable);
    const message = isKnown ? `Nothing lifts ${code}: this override does nothing.` : `No refusal is called ${code}.`;
    const hint = near === null || isKnown ? `What can be lifted: ${liftable.join(', ')}.` : `Did you mean ${near}?`;
    return [{ rule: 'override-idle', path: ['overrides', index, 'code'], message, hint }];
  });
}

/** Those of a domain or of the settings. */
export function expiredOverrides(overrides: Subject['written']['overrides'], now: Instant): readonly Remark[] {
  const today = dayOf(now);
  return (overrides ?? []).flatMap(({ until, code }, index): Remark[] => {
    if ((until as Day) >= today) return [];
    const message = `The override of ${code} ended on ${until}.`;
    const hint = 'Remove it, or give it a new date.';
    return [{ rule: 'override-expired', path: ['overrides', index, 'until'], message, hint }];
  });
}
