import type { Day } from '../../clock.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import type { Category } from './failure-judge.ts';
import type { FailureStream } from './failure-streams.ts';
import { UsualStream } from './usual-stream.ts';

/** All reporters of a domain taken together, in one category under one policy type. */
export interface Pool {
  readonly policy_type: string;
  readonly category: Category;
  readonly members: ReadonlySet<UsualStream>;
  readonly state: UsualStream;
}

/**
 * One more stream for each category that two reporters or more have failed in: what each of them alone cannot prove with a
 * failure or two, they may prove together. Sessions are those of everybody, also of who never failed: else only those
 * would be counted that make the case.
 */
export function poolsOf(
  states: readonly UsualStream[],
  { daily }: DomainReports,
  days: readonly Day[],
  baselineDays: number,
): readonly Pool[] {
  const at = new Map(days.map((day, index) => [day, index]));
  const pools: Pool[] = [];
  for (const [policy_type, ofType] of Map.groupBy(states, ({ stream }) => stream.policy_type)) {
    const groups = [...Map.groupBy(ofType, ({ stream }) => stream.category)].filter(([, { length }]) => length > 1);
    if (groups.length === 0) continue;
    const sessions = new Float64Array(days.length).fill(Number.NaN);
    for (const row of daily) {
      const index = at.get(row.day);
      const all = row.successful + row.failed;
      if (row.policy_type === policy_type && index !== undefined && all > 0) sessions[index] = all;
    }
    for (const [category, members] of groups) {
      const failed = new Float64Array(days.length);
      for (const { stream } of members)
        for (const index of stream.rows.keys()) failed[index] = (failed[index] ?? 0) + (stream.failed[index] ?? 0);
      const stream: FailureStream = { reporter: '', policy_type, category, sessions, failed, rows: new Map() };
      pools.push({ policy_type, category, members: new Set(members), state: new UsualStream(stream, baselineDays) });
    }
  }
  return pools;
}
