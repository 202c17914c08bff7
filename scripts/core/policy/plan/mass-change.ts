import type { Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { DomainPlan } from './plan.ts';
import { refuse, withOverrides } from './refusal.ts';

/** Of a fleet this large or larger, at most this share may change at once. */
const LEAST_FLEET = 10;
const MOST_SHARE = 0.3;

interface Fleet {
  readonly fleet: number;
  readonly now: Instant;
  readonly overrides: ReadonlyMap<string, DomainConfig['overrides']>;
  /** Those of `_settings.yaml`: one line there lifts it for all. */
  readonly fleetOverrides: DomainConfig['overrides'];
}

/**
 * One slip in the settings or in a script must not change the policy of everybody at once. First policies are no change
 * of what is in service, and loosening is never held up: a rollback of all is a rollback.
 */
export function massChange(domains: readonly DomainPlan[], facts: Fleet): readonly DomainPlan[] {
  const { fleet, now, overrides, fleetOverrides } = facts;
  const changed = new Set(domains.filter(isReplaced));
  if (fleet < LEAST_FLEET || changed.size <= fleet * MOST_SHARE) return domains;
  const percent = Math.round((changed.size / fleet) * 100);
  const reason = `${changed.size} of ${fleet} domains (${percent} %) would change at once; at most 30 % may. Change them in parts.`;
  return domains.map((plan) => {
    if (!changed.has(plan)) return plan;
    const all = [...(overrides.get(plan.domain) ?? []), ...fleetOverrides];
    const { refusals, lifted } = withOverrides([refuse('mass-change', reason)], all, now);
    return { ...plan, refusals: [...plan.refusals, ...refusals], lifted: [...plan.lifted, ...lifted] };
  });
}

function isReplaced({ version, policy, state, target }: DomainPlan): boolean {
  const loosens = state === 'enforce' && target === 'testing';
  return version !== null && policy.before !== null && !loosens;
}
