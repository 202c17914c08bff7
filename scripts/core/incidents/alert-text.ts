import { plainText } from '../plain-text.ts';
import type { Action } from './action.ts';
import { shortTime } from './issue-text.ts';
import type { Reminder } from './reminders.ts';

interface AlertOutcome {
  /** Also those that were opened again. */
  readonly opened: readonly number[];
  readonly reopened: readonly number[];
  readonly updated: readonly number[];
  readonly escalated: readonly number[];
  readonly closed: readonly number[];
  readonly unchanged: readonly number[];
  readonly reminders: readonly Reminder[];
  readonly failed: readonly { readonly number: number | null; readonly rule: string; readonly message: string }[];
  readonly actions: readonly Action[];
  readonly heartbeat: string | null;
}

/** The result of `alert` for a person. */
export function alertText(outcome: AlertOutcome, dryRun: boolean): string {
  const { opened, reopened, updated, escalated, closed, unchanged, reminders, failed, actions, heartbeat } = outcome;
  const done = dryRun
    ? actions.filter(({ kind }) => kind !== 'record').map(planned)
    : [
        ...line(
          'opened',
          opened.filter((number) => !reopened.includes(number)),
        ),
        ...line('opened again', reopened),
        ...line('escalated', escalated),
        ...line('updated', updated),
        ...line('closed', closed),
      ];
  const lines = [
    ...(done.length === 0 ? [`${unchanged.length === 0 ? 'No issue is needed' : 'Every issue is in line'}.`] : done),
    ...(dryRun || unchanged.length === 0 ? [] : line('unchanged', unchanged)),
    ...reminders.map(reminderText),
    ...failed.map(
      ({ number, rule, message }) => `failed: ${number === null ? rule : `#${number}`}: ${plainText(message, 400)}`,
    ),
    ...(heartbeat === null ? [] : [`warning: ${heartbeat}`]),
  ];
  return lines.join('\n');
}

function reminderText({ number, what, due, standing, severity, rule }: Reminder): string {
  const verb = what === 'respond' ? 'somebody reacts' : 'it is mended';
  const when = standing === 'missed' ? `was due ${shortTime(due)} and is missed` : `is due ${shortTime(due)}`;
  return `reminder: #${number} (${severity}, ${rule}): that ${verb} ${when}.`;
}

function line(word: string, numbers: readonly number[]): readonly string[] {
  return numbers.length === 0 ? [] : [`${word}: ${numbers.map((number) => `#${number}`).join(', ')}`];
}

function planned(action: Action): string {
  if (action.kind === 'open') return `would open: ${plainText(action.title, 200)} [${action.labels.join(', ')}]`;
  if (action.kind === 'record') return '';
  const { what, number, add_labels, remove_labels, add_assignees, state, comment, block } = action;
  const parts = [
    ...add_labels.map((label) => `+${label}`),
    ...remove_labels.map((label) => `-${label}`),
    ...add_assignees.map((login) => `assign ${login}`),
    ...(block === null ? [] : ['refresh the text']),
    ...(comment === null ? [] : ['comment']),
    ...(state === null ? [] : [state.to === 'open' ? 'open again' : `close as ${state.reason.replace('_', ' ')}`]),
  ];
  return `would change #${number} (${what}): ${parts.map((part) => plainText(part, 80)).join(', ')}`;
}
