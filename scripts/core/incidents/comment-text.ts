import type { Instant } from '../clock.ts';
import type { FindingGroup } from './grouping.ts';
import { lead } from './grouping.ts';
import type { Incident, TimelineEntry } from './incident.ts';
import { markdownProse, markdownText } from './issue-markdown.ts';
import { eventMark } from './issue-marker.ts';
import { shortTime } from './issue-text.ts';
import { standing } from './service-levels.ts';

/** A comment of ours: at most one for each event, which its mark names. */
export interface Comment {
  /** The same when the run that made it is repeated. */
  readonly event: string;
  readonly body: string;
}

export function comment(incident: Incident, event: string, paragraphs: readonly string[]): Comment {
  const id = `${incident.key}/${incident.timeline.length}/${event}`;
  return { event: id, body: [...paragraphs.filter((text) => text !== ''), eventMark(id)].join('\n\n') };
}

/** What the finding says now, as one paragraph. */
export function now(group: FindingGroup): string {
  return markdownProse(lead(group).summary, 1500);
}

/** Handles are of the configuration, and named once in the life of an issue. */
export function calling(handles: readonly string[]): string {
  return handles.length === 0 ? '' : handles.join(' ');
}

const WORDS: Readonly<Record<TimelineEntry['event'], string>> = {
  detected: 'detected',
  opened: 'issue opened',
  escalated: 'escalated',
  eased: 'severity lowered',
  acknowledged: 'acknowledged',
  snoozed: 'snoozed',
  woken: 'snooze over',
  recovering: 'recovering',
  relapsed: 'failing again',
  recovered: 'recovered',
  closed: 'closed',
  reopened: 'opened again',
  merged: 'merged',
};

/** The whole life, for the closing comment: times in UTC, how long, and whether the promised times were kept. */
export function timelineText(incident: Incident): string {
  const { timeline, detected_at, acknowledged, targets, opened_at, closed } = incident;
  const recovered = closed?.recovered_at ?? timeline.findLast(({ event }) => event === 'recovered')?.at ?? null;
  const lines = timeline.map(
    ({ at, event, detail }) =>
      `- ${shortTime(at)}: ${WORDS[event]}${detail === null ? '' : `, ${markdownText(detail, 200)}`}`,
  );
  const ended = recovered ?? timeline.at(-1)?.at ?? detected_at;
  return [
    '**Timeline**',
    '',
    ...lines,
    `- Duration: ${duration(detected_at, ended)}`,
    ...kept('Response', detected_at, targets.respond_by, acknowledged?.at ?? null, ended),
    ...kept('Notification', detected_at, targets.notify_by, opened_at, ended),
    ...kept('Resolution', detected_at, targets.resolve_by, recovered, ended),
  ].join('\n');
}

function kept(name: string, from: Instant, by: Instant | null, done: Instant | null, at: Instant): readonly string[] {
  const found = standing(from, by, done, at);
  if (by === null || found === 'none') return [];
  const words = found === 'met' ? 'in time' : found === 'missed' ? 'missed' : 'not needed before the recovery';
  return [`- ${name} due ${shortTime(by)}: ${words}`];
}

/** `2 d 3 h`, `45 min`. */
export function duration(from: Instant, to: Instant): string {
  const minutes = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
