import type { Instant } from '../clock.ts';
import type { DaySet } from './day-sets.ts';
import { daysOf } from './day-sets.ts';
import type { AppliedPolicy, ReporterRecord, Volumes } from './view.ts';

/** One reporter of one domain while its pieces come in, oldest first. */
export interface ReporterSum {
  /** The number of its name. */
  readonly reporter: number;
  organization: string | null;
  /** Seconds of the epoch. */
  lastReceived: number;
  days: DaySet;
  /** Where its volumes stand: piece, from and to, three numbers for each piece. */
  readonly volumes: number[];
  readonly totals: { policy_type: string; successful: number; failed: number }[];
  policy: readonly string[] | null;
  policyDay: ReporterRecord['policy_string_day'];
  /** The policy shown last first; `number` tells policies apart. */
  readonly policies: { readonly number: number; readonly applied: AppliedPolicy }[];
}

export function addTotal({ totals }: ReporterSum, type: string, successful: number, failed: number): void {
  for (const total of totals) {
    if (total.policy_type !== type) continue;
    total.successful += successful;
    total.failed += failed;
    return;
  }
  totals.push({ policy_type: type, successful, failed });
}

/** A policy that was shown later than those there are. */
export function addPolicy({ policies }: ReporterSum, number: number, newer: AppliedPolicy): void {
  const at = policies.findIndex((one) => one.number === number);
  const [older] = at < 0 ? [] : policies.splice(at, 1);
  const applied =
    older === undefined
      ? newer
      : {
          ...newer,
          first_day: older.applied.first_day,
          successful: newer.successful + older.applied.successful,
          failed: newer.failed + older.applied.failed,
        };
  policies.unshift({ number, applied });
}

/** What the numbers of a sum stand for. */
interface ReporterNames {
  readonly domain: string;
  readonly reporter: string;
  readonly volumes: Volumes;
  readonly lastReceived: Instant;
}

export function recordOf(sum: ReporterSum, { domain, reporter, volumes, lastReceived }: ReporterNames): ReporterRecord {
  return {
    domain,
    reporter,
    organization_name: sum.organization,
    days: daysOf(sum.days),
    volumes,
    last_received_at: lastReceived,
    totals: sum.totals.length < 2 ? sum.totals : sum.totals.sort((a, b) => (a.policy_type < b.policy_type ? -1 : 1)),
    policy_string: sum.policy,
    policy_string_day: sum.policyDay,
    policies: sum.policies.map(({ applied }) => applied),
  };
}
