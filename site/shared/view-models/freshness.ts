import type { Instant } from '#scripts/core/clock.ts';
import type { SiteFacts } from './domain-facts.ts';
import { before, count, instantText, list, number, sentence } from './words.ts';

export interface Source {
  readonly name: string;
  readonly text: string;
}

/** How fresh each source is, and what is not known for want of one. */
export function freshness({ review, now, domains, unreadable, tasks }: SiteFacts): readonly Source[] {
  const { reports, observations } = review.freshness;
  const silent = domains.filter(({ review: { last_report_day } }) => last_report_day === null).length;
  const newest = reports.last_received_at;
  return [
    {
      name: 'Reports',
      text:
        newest === null
          ? 'None has arrived. What senders see is not known.'
          : `The newest arrived ${instantText(newest)}, ${before(newest, now)}.${silent > 0 ? ` ${sentence(count(silent, 'domain'))} without any.` : ''}`,
    },
    {
      name: 'Probes',
      text:
        observations === null
          ? 'None has run. What MX hosts, policy hosts and DNS serve is known only where senders tell.'
          : `The newest looked ${instantText(observations)}, ${before(observations, now)}.`,
    },
    ...ran(tasks, now),
    ...apart(review.apart),
    ...(unreadable === 0
      ? []
      : [
          {
            name: 'Not read',
            text: `${count(unreadable, 'stored file')} of reports: damaged, so missing from every figure.`,
          },
        ]),
  ];
}

/** What runs on a schedule, in the order in which it is wanted; what never ran here is not named. */
const TASKS = ['ingest', 'probe', 'alert', 'advance', 'publish', 'digest-weekly', 'digest-monthly'];

function ran(tasks: SiteFacts['tasks'], now: Instant): readonly Source[] {
  const parts = TASKS.flatMap((task) => {
    const last = tasks[task];
    if (last === undefined) return [];
    return [last === null ? `${task} has never ended well` : `${task} ${before(last, now)}`];
  });
  return parts.length === 0 ? [] : [{ name: 'Tasks', text: `Ended well: ${list(parts)}.` }];
}

const APART = {
  unauthenticated: 'without a valid signature',
  foreign: 'for domains not managed here',
  conflict: 'replaced by a later one with the same name',
} as const;

/** Reports that are kept and not counted: shown, because anyone may write to the mailbox. */
function apart(kept: SiteFacts['review']['apart']): readonly Source[] {
  const sums = new Map<keyof typeof APART, number>();
  for (const { reason, reports } of kept) sums.set(reason, (sums.get(reason) ?? 0) + reports);
  const parts = (Object.keys(APART) as (keyof typeof APART)[]).flatMap((reason) => {
    const reports = sums.get(reason) ?? 0;
    return reports === 0 ? [] : [`${number(reports)} ${APART[reason]}`];
  });
  return parts.length === 0 ? [] : [{ name: 'Not counted', text: `${sentence(list(parts))}.` }];
}
