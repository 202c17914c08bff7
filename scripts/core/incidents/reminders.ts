import type { Instant } from '../clock.ts';
import type { Incident } from './incident.ts';
import { shortTime } from './issue-text.ts';
import { isSnoozed } from './life.ts';
import { standing } from './service-levels.ts';

/** A promised time that is near or missed: every run says it in its result until somebody acts. */
export interface Reminder {
  readonly number: number;
  readonly what: 'respond' | 'resolve';
  readonly due: Instant;
  readonly standing: 'soon' | 'missed';
  readonly severity: Incident['severity'];
  readonly rule: string;
}

export function remindersOf(incidents: readonly Incident[], now: Instant): readonly Reminder[] {
  return incidents
    .flatMap((incident) => {
      const { number, state, severity, rule, targets, acknowledged, recovering } = incident;
      if (number === null || state !== 'open' || recovering || isSnoozed(incident, severity, now)) return [];
      const from = promisedAt(incident);
      const respond = acknowledged === null ? standing(from, targets.respond_by, null, now) : 'none';
      const resolve = standing(from, targets.resolve_by, null, now);
      const of = (what: Reminder['what'], found: typeof respond, due: Instant | null): Reminder[] =>
        due !== null && (found === 'soon' || found === 'missed')
          ? [{ number, what, due, standing: found, severity, rule }]
          : [];
      return [...of('respond', respond, targets.respond_by), ...of('resolve', resolve, targets.resolve_by)];
    })
    .sort((a, b) => a.number - b.number || (a.due < b.due ? -1 : 1));
}

/** What has not happened in the promised time. */
export function missedText({ what, due }: Reminder): string {
  return `${what === 'respond' ? 'nobody has reacted' : 'it is not mended'} by ${shortTime(due)}`;
}

/** When the times last began to run: with a higher severity or when the issue was opened again, they begin anew. */
function promisedAt({ detected_at, timeline }: Incident): Instant {
  const begun = timeline.filter(
    ({ event, detail }) => event === 'reopened' || (event === 'escalated' && /^to sev\d$/.test(detail ?? '')),
  );
  return begun.at(-1)?.at ?? detected_at;
}
