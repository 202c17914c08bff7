import type { Instant } from '../clock.ts';
import { calling, comment, now as words } from './comment-text.ts';
import type { FindingGroup } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import type { Step } from './next-step.ts';
import type { Responsible } from './people-to-tell.ts';
import { remindersOf, reminderText } from './reminders.ts';

/**
 * Nobody reacted, or nobody mended it, and the promised time is near or over: each is said once. Who was not called yet
 * is called when it is over.
 */
export function promised(
  before: Incident,
  after: Incident,
  group: FindingGroup,
  { owners, oncall }: Responsible,
  now: Instant,
): Step | null {
  if (group.recovering) return null;
  const untold = remindersOf([after], now).find(
    (one) => !after.timeline.some(({ detail }) => detail === reminderText(one)),
  );
  if (untold === undefined) return null;
  const text = reminderText(untold);
  const unheard = [...owners, ...oncall].filter((handle) => !after.mentioned.includes(handle));
  if (untold.standing === 'soon' || unheard.length === 0) {
    const head = untold.standing === 'soon' ? 'Reminder' : 'A promised time is missed';
    return {
      incident: noted(after, now, 'reminded', text),
      comment: comment(before, `reminded-${untold.what}-${untold.standing}`, [`**${head}**: ${text}.`, words(group)]),
      escalated: false,
      called: [],
    };
  }
  return {
    incident: noted({ ...after, mentioned: [...after.mentioned, ...unheard] }, now, 'escalated', text),
    comment: comment(before, untold.what === 'respond' ? 'escalated-response' : 'escalated-resolution', [
      `**Escalated to the on-call**: ${text}.`,
      words(group),
      calling(unheard),
    ]),
    escalated: true,
    called: [...new Set([...owners, ...oncall])],
  };
}
