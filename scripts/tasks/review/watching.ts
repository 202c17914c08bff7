import { byUrgency } from '../../core/analysis/finding-order.ts';
import { joinedByMailbox } from '../../core/analysis/volume/mailbox-silence.ts';
import { watchingFindings } from '../../core/analysis/watching.ts';
import type { Instant } from '../../core/clock.ts';
import type { DomainConfig, Settings } from '../../core/config/types.ts';
import type { ReportsView } from '../../core/reports/view.ts';
import type { Review } from '../../core/review.ts';
import { quarantineTimes } from '../../io/store/quarantine-times.ts';
import { loadCheckpoint } from '../checkpoint.ts';

export interface WatchedOptions {
  readonly data: string;
  readonly settings: Settings;
  readonly domains: readonly DomainConfig[];
  readonly reports: ReportsView;
  readonly now: Instant;
}

/** The review of all domains with what is to be said of our own work: late tasks, the mailbox, what could not be read. */
export function watched(review: Review, { data, settings, domains, reports, now }: WatchedOptions): Review {
  const { tasks } = loadCheckpoint(data);
  const { reporters, apart } = reports;
  const own = watchingFindings({ settings, domains, tasks, quarantined: quarantineTimes(data), reporters, apart, now });
  const reporting = review.freshness.domains.filter((domain) => domain.reporters > 0).length;
  return { ...review, findings: [...joinedByMailbox(review.findings, reporting), ...own].sort(byUrgency) };
}
