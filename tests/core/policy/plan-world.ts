import type { DomainConfig, Settings } from '#scripts/core/config/types.ts';
import { nothingSeen } from '#scripts/core/policy/live-facts.ts';
import { type DomainFacts, planDomain } from '#scripts/core/policy/plan/domain-plan.ts';
import { type DomainPlan, type Plan, planFleet } from '#scripts/core/policy/plan/plan.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { config } from '../analysis/world.ts';
import { configurationOf } from '../config/entries.ts';
import { NOW } from './promotion-world.ts';

/** Plans of one domain or a fleet, from the facts that a test names. */

export function settings(yaml = 'organisation: Example\n'): Settings {
  const made = configurationOf({ '_settings.yaml': yaml }).settings;
  if (made === null) throw new Error('the settings of the test are not valid');
  return made;
}

export interface Situation extends Partial<Omit<DomainFacts, 'ledger' | 'config'>> {
  readonly config?: Partial<DomainConfig> | null;
  readonly events?: readonly LedgerEvent[];
}

export function factsOf({ config: changes = {}, events = [], ...rest }: Situation = {}): DomainFacts {
  const made = changes === null ? null : config(changes);
  return {
    domain: made?.domain ?? config().domain,
    config: made,
    problems: [],
    base: null,
    last: null,
    ledger: foldLedger(events),
    live: null,
    reports: null,
    observations: null,
    tlsa: [],
    ...rest,
  };
}

export const LIVE_NOTHING = nothingSeen(NOW, 'not asked');
const CONTEXT = { now: NOW, commit: null, against: null, repository_owner: null };

export function planOne(
  situation: Situation = {},
  made: Settings = settings(),
  against: string | null = null,
): DomainPlan {
  return planDomain(factsOf(situation), { ...CONTEXT, against, settings: made });
}

export function planAll(
  situations: readonly Situation[],
  made: Settings = settings(),
  fleet = situations.length,
): Plan {
  return planFleet({ ...CONTEXT, settings: made, domains: situations.map(factsOf), fleet });
}

export function codes({ refusals }: Pick<DomainPlan, 'refusals'>): readonly string[] {
  return refusals.map(({ code }) => code);
}
