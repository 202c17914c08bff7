import { type Day, dayOf, daysBetween, type Instant } from '#scripts/core/clock.ts';
import { plainText } from '#scripts/core/plain-text.ts';
import { policyTypesOf } from '#scripts/core/reports/policy-types.ts';
import type { ReporterRecord } from '#scripts/core/reports/view.ts';
import { type MtaStsPolicy, policyStringShows } from '#scripts/standards/mta-sts-policy.ts';
import type { Redaction } from './redaction.ts';
import { hostNameOf } from './senders.ts';
import { count, nearDay, number, successShare } from './words.ts';

/** One reporter of one domain in the window. */
export interface ReporterRow {
  readonly name: string;
  /** The name, where it is a host name, as it stands in the tables of the explorer; else null. */
  readonly host: string | null;
  /** What it calls itself, when that says more than the name. */
  readonly organization: string | null;
  readonly days: string;
  readonly lastDay: string;
  /** Said when the newest day is longer ago than reports take to arrive; else empty. */
  readonly lastDayBefore: string;
  readonly totals: readonly {
    readonly policy_type: string;
    readonly sessions: string;
    readonly failed: string;
    readonly share: string | null;
  }[];
  readonly applied: AppliedPolicy;
}

/** The newest policy a reporter showed, compared with ours: `ours`, an `older` or foreign one, or nothing shown. */
type AppliedPolicy =
  | { readonly kind: 'ours'; readonly day: string }
  | { readonly kind: 'other'; readonly day: string; readonly lines: readonly string[] }
  | { readonly kind: 'none' };

/** Longer policy texts are cut; a real one has a few lines. */
const MAX_LINES = 12;
/** The report of the day before yesterday is there in all but the rarest cases (RFC 8460 §4.1, §5.5). */
const ORDINARY_DELAY_DAYS = 2;

export function reporterRows(
  reporters: readonly ReporterRecord[],
  policy: MtaStsPolicy,
  now: Instant,
  redact: Redaction,
): readonly ReporterRow[] {
  return [...reporters]
    .sort((a, b) => volume(b) - volume(a) || (a.reporter < b.reporter ? -1 : 1))
    .map((record) => {
      const lastDay = record.days.at(-1);
      const name = redact.text(record.reporter, 120);
      const organization = record.organization_name === null ? null : redact.text(record.organization_name, 120);
      return {
        name,
        host: hostNameOf(record.reporter),
        organization: organization === name ? null : organization,
        days: number(record.days.length),
        lastDay: lastDay === undefined ? '' : nearDay(lastDay, now),
        lastDayBefore: lastDay === undefined ? '' : ago(lastDay, now),
        totals: inOrder(record.totals).map(({ policy_type, successful, failed }) => ({
          policy_type: plainText(policy_type, 40),
          sessions: number(successful + failed),
          failed: number(failed),
          share: successShare(successful, failed),
        })),
        applied: appliedPolicy(record, policy, now, redact),
      };
    });
}

/** The registered policy types first, as everywhere. */
function inOrder(totals: ReporterRecord['totals']): ReporterRecord['totals'] {
  return policyTypesOf(totals).flatMap((type) => totals.filter(({ policy_type }) => policy_type === type));
}

function appliedPolicy(record: ReporterRecord, policy: MtaStsPolicy, now: Instant, redact: Redaction): AppliedPolicy {
  const { policy_string, policy_string_day } = record;
  if (policy_string === null || policy_string_day === null) return { kind: 'none' };
  const day = nearDay(policy_string_day, now);
  if (policyStringShows(policy_string, policy)) return { kind: 'ours', day };
  return { kind: 'other', day, lines: policy_string.slice(0, MAX_LINES).map((line) => redact.text(line, 120)) };
}

function ago(day: Day, now: Instant): string {
  const days = daysBetween(day, dayOf(now));
  return days > ORDINARY_DELAY_DAYS ? `${count(days, 'day')} ago` : '';
}

function volume({ totals }: ReporterRecord): number {
  return totals.reduce((most, { successful, failed }) => Math.max(most, successful + failed), 0);
}
