import type { Day } from '../clock.ts';
import { POLICY_TYPE_ORDER } from '../reports/policy-types.ts';
import type { DomainReview } from '../review.ts';
import type { DomainReports } from './reports-by-domain.ts';

/**
 * Sessions from `from` on, under one policy type (RFC 8460 §4). A day counts as a day with data when it has a session:
 * a report without sessions, or whose counts are missing, is not one. Where a reporter did not say how many sessions
 * succeeded its failed ones are counted, but left out of the share: unknown is not zero.
 */
export function sessionShare({ daily, failing }: DomainReports, from: Day): DomainReview['sessions'] {
  const sums = POLICY_TYPE_ORDER.map((policy_type) => ({
    policy_type,
    successful: 0,
    failed: 0,
    days_with_data: 0,
    rows: 0,
  }));
  for (const row of daily) {
    if (row.day < from) continue;
    const sum = sums[POLICY_TYPE_ORDER.indexOf(row.policy_type)];
    if (sum === undefined) continue;
    sum.rows++;
    sum.successful += row.successful;
    sum.failed += row.failed;
    if (row.successful + row.failed > 0) sum.days_with_data++;
  }
  const chosen = sums.find((sum) => sum.days_with_data > 0) ?? sums.find((sum) => sum.rows > 0);
  if (chosen === undefined) return null;
  const { policy_type, successful, failed, days_with_data } = chosen;
  let sessions = successful + failed;
  for (const row of failing) {
    if (row.policy_type === policy_type && row.day >= from && row.successful === null) sessions -= row.failed;
  }
  return {
    policy_type,
    successful,
    failed,
    success_share: sessions > 0 ? successful / sessions : null,
    days_with_data,
  };
}
