import type { Instant } from '../core/clock.ts';
import type { Finding } from '../core/finding.ts';
import { type DomainStatus, domainStatus } from '../core/status/domain-status.ts';
import { makePlan } from './plan.ts';
import { gather } from './review/gather.ts';

export interface StatusOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly domains: readonly string[];
  readonly offline: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}

/** Is it right, and what happens next. Changes nothing. Throws as makePlan and gather do. */
export async function status(options: StatusOptions): Promise<readonly DomainStatus[]> {
  const { root, data, now } = options;
  const { plan, facts } = await makePlan({ ...options, against: null });
  const names = facts.filter(({ config }) => config !== null).map(({ domain }) => domain);
  const review = names.length === 0 ? null : (await gather({ root, data, now, domains: names })).review;
  const reviews = new Map(review?.domains.map((one) => [one.domain, one]));
  const plans = new Map(plan.domains.map((one) => [one.domain, one]));
  const open = (review?.findings ?? []).filter(({ state }) => state === 'open');
  return facts.flatMap((one) => {
    const planned = plans.get(one.domain);
    if (planned === undefined) return [];
    const findings = open.filter((finding) => concerns(finding, one.domain));
    return [domainStatus({ now, facts: one, plan: planned, review: reviews.get(one.domain) ?? null, findings })];
  });
}

function concerns({ domain, domains }: Finding, name: string): boolean {
  return domain === name || domains.some((one) => one === name);
}
