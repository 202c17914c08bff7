import { level } from '../analysis/severity.ts';
import { dayOf, type Instant } from '../clock.ts';
import { type Comment, calling, comment, now as words } from './comment-text.ts';
import type { Deciding } from './deciding.ts';
import type { FindingGroup } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import { withSeverity } from './incident-facts.ts';
import { isSnoozed } from './life.ts';
import { calledFor, type Responsible } from './people-to-tell.ts';
import { promised } from './promised-times.ts';

/** What an open incident has come to since the last run, and what is said of it: at most one comment. */
export interface Step {
  readonly incident: Incident;
  readonly comment: Comment | null;
  readonly escalated: boolean;
  /** Whom it calls now, with `@`. */
  readonly called: readonly string[];
}

export function nextStep(
  before: Incident,
  after: Incident,
  group: FindingGroup,
  responsible: Responsible,
  { settings, now }: Deciding,
  reopening: string | null,
): Step {
  const { severity } = group;
  const called = calledFor(after.rule, severity, responsible);
  const unheard = called.filter((handle) => !after.mentioned.includes(handle));
  const told = (incident: Incident, handles: readonly string[]): Incident => ({
    ...incident,
    mentioned: [...incident.mentioned, ...handles],
  });
  if (reopening !== null)
    return {
      incident: told(after, unheard),
      comment: comment(before, 'reopened', [`**Opened again**: ${reopening}.`, words(group), calling(unheard)]),
      escalated: false,
      called,
    };

  const isQuiet = isSnoozed(after, severity, now);
  const settled = withSeverity(after, severity, settings, now);
  if (level(severity) > level(before.peak) && !isQuiet) {
    const risen = told(noted(settled, now, 'escalated', `to ${severity}`), unheard);
    return {
      incident: { ...risen, peak: severity, recovering: group.recovering, snoozed: null },
      comment: comment(before, `escalated-${severity}`, [
        `**Escalated to ${severity}**, from ${before.severity}.`,
        words(group),
        calling(unheard),
      ]),
      escalated: true,
      called,
    };
  }
  if (after.snoozed !== null && after.snoozed.until !== before.snoozed?.until && isQuiet)
    return {
      incident: noted({ ...settled, recovering: group.recovering }, now, 'snoozed', `until ${after.snoozed.until}`),
      comment: comment(before, `snoozed-${after.snoozed.until}`, [
        `**Snoozed** until ${after.snoozed.until}. A higher severity ends it sooner.`,
      ]),
      escalated: false,
      called: [],
    };
  if (after.snoozed !== null && after.snoozed.until <= dayOf(now))
    return {
      incident: { ...noted(settled, now, 'woken', null), snoozed: null, recovering: group.recovering },
      comment: comment(before, `woken-${after.snoozed.until}`, [
        '**The snooze is over**, and this is still found.',
        words(group),
      ]),
      escalated: false,
      called,
    };
  if (group.recovering && !before.recovering) {
    const soon = before.timeline.some(({ event, at }) => event === 'recovering' && hoursBetween(at, now) < 24);
    return {
      incident: noted({ ...settled, recovering: true }, now, 'recovering', null),
      // One that flickers is told once a day.
      comment: soon
        ? null
        : comment(before, 'recovering', [
            '**Recovering.** One more sound look or clean day closes this.',
            words(group),
          ]),
      escalated: false,
      called: [],
    };
  }
  if (!group.recovering && before.recovering)
    return {
      incident: noted({ ...settled, recovering: false }, now, 'relapsed', null),
      comment: null,
      escalated: false,
      called,
    };
  return (
    promised(before, settled, group, responsible, now) ?? {
      incident: settled,
      comment: null,
      escalated: false,
      called: isQuiet ? [] : called,
    }
  );
}

function hoursBetween(from: Instant, to: Instant): number {
  return (Date.parse(to) - Date.parse(from)) / 3_600_000;
}
