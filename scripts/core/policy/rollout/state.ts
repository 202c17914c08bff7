import type { Mode } from '../../../standards/mta-sts-policy.ts';
import type { DomainConfig } from '../../config/types.ts';
import { publishedMode } from '../desired.ts';
import type { Ledger } from '../versions/ledger.ts';

/** Where a domain stands (rollout rules §1). A rollback is testing with a fresh id: see isRolledBack. */
export const ROLLOUT_STATES = ['absent', 'reporting', 'testing', 'enforce', 'retiring', 'removed'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/** The state by what was announced last; `reporting` is seen in DNS only, so the caller says whether it was. */
export function stateOf(ledger: Ledger, reportsRecordSeen: boolean): RolloutState {
  if (ledger.in_force !== null) return stateOfMode(ledger.in_force.mode);
  if (ledger.versions.some(({ withdrawn_at }) => withdrawn_at !== null)) return 'removed';
  return reportsRecordSeen ? 'reporting' : 'absent';
}

/** The state that the configuration asks for; null: the file is gone. */
export function targetState(config: DomainConfig | null): RolloutState {
  return config === null ? 'removed' : stateOfMode(publishedMode(config));
}

export function stateOfMode(mode: Mode): RolloutState {
  return mode === 'none' ? 'retiring' : mode;
}

/** Testing after an enforced version: the clean days began anew, and the reason is worth keeping. */
export function isRolledBack({ in_force, versions }: Ledger): boolean {
  if (in_force?.mode !== 'testing') return false;
  const before = versions.slice(0, versions.indexOf(in_force)).findLast(({ announced_at }) => announced_at !== null);
  return before?.mode === 'enforce';
}

/**
 * `free`: at once, nothing is asked. `guarded`: its guards decide. `forbidden`: a step is left out. `none`: no change.
 * G1 to G9 and X of the rollout rules §2.
 */
export type Transition = 'none' | 'free' | 'guarded' | 'forbidden';

const TABLE: Readonly<Record<RolloutState, Partial<Readonly<Record<RolloutState, Transition>>>>> = {
  absent: { reporting: 'guarded', testing: 'guarded', retiring: 'free', removed: 'none' },
  reporting: { testing: 'guarded', retiring: 'free', removed: 'free' },
  testing: { enforce: 'guarded', retiring: 'free' },
  enforce: { testing: 'free', retiring: 'free' },
  retiring: { testing: 'guarded', removed: 'guarded' },
  removed: { reporting: 'guarded', testing: 'guarded', retiring: 'free' },
};

export function transitionOf(from: RolloutState, to: RolloutState): Transition {
  return from === to ? 'none' : (TABLE[from][to] ?? 'forbidden');
}

/** The next state on the way from one to the other, so that none is ever left out; null when there is no way on. */
export function nextState(from: RolloutState, to: RolloutState): RolloutState | null {
  if (from === to) return null;
  if (transitionOf(from, to) !== 'forbidden') return to;
  if (to === 'enforce') return from === 'testing' ? 'enforce' : 'testing';
  return to === 'removed' ? 'retiring' : null;
}
