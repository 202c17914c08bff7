import type { Instant } from '../clock.ts';
import { calling, comment, now as words } from './comment-text.ts';
import type { FindingGroup } from './grouping.ts';
import { type Incident, noted } from './incident.ts';
import type { Step } from './next-step.ts';
import type { Responsible } from './people-to-tell.ts';
import { missedText, remindersOf } from './reminders.ts';

/**
 * Nobody reacted, or nobody mended it, in the promised time: who was not called yet is called, once. That it is near, or
 * missed by people who were all called, every run says in its result (reminders.ts): a comment is for a state that changed.
 */
export function promised(
  before: Incident,
  after: Incident,
  group: FindingGroup,
  { owners, oncall }: Responsible,
  now: Instant,
): Step | null {
  if (group.recovering) return null;
  const missed = remindersOf([after], now).find(({ standing }) => standing === 'missed');
  const unheard = [...owners, ...oncall].filter((handle) => !after.mentioned.includes(handle));
  if (missed === undefined || unheard.length === 0) return null;
  const text = missedText(missed);
  return {
    incident: noted({ ...after, mentioned: [...after.mentioned, ...unheard] }, now, 'escalated', text),
    comment: comment(before, missed.what === 'respond' ? 'escalated-response' : 'escalated-resolution', [
      `**Escalated to the on-call**: ${text}.`,
      words(group),
      calling(unheard),
    ]),
    escalated: true,
    called: [...new Set([...owners, ...oncall])],
  };
}
