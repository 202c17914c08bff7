import type { Instant } from '../core/clock.ts';
import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import type { DomainConfig, Settings } from '../core/config/types.ts';
import type { DomainFacts } from '../core/policy/plan/domain-plan.ts';
import { type Plan, type PlanInput, planFleet } from '../core/policy/plan/plan.ts';
import type { Problem } from '../core/problem.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import { headCommit } from '../io/git/repository.ts';
import { loadBase } from './plan/base-configuration.ts';
import { gatherEvidence } from './plan/evidence.ts';
import { offlineFacts } from './plan/facts.ts';
import { usableSettings } from './usable-settings.ts';

export interface PlanOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  /** None = all, and those whose file is gone. */
  readonly domains: readonly string[];
  /** A commit to compare with. */
  readonly against: string | null;
  /** Ask no network: what only it can tell is then not known. */
  readonly offline: boolean;
  /** `GITHUB_REPOSITORY` names who owns this repository. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}

export interface PlanResult {
  readonly plan: Plan;
  readonly settings: Settings;
  /** What each part of the plan rests on, in the same order. */
  readonly facts: readonly DomainFacts[];
  /** Errors of the configuration: their domains are refused. */
  readonly problems: readonly Problem[];
  /** Every domain that is configured, also those not planned here. */
  readonly configs: readonly DomainConfig[];
}

/**
 * Everything `publish` would do, decided by core/policy/plan.ts. Changes nothing. First all domains are planned without
 * asking anybody; DNS, hosts, reports and probes are then asked only for those that change.
 * Throws PosternError `root-missing`, `configuration-invalid`, `domain-unknown`, `commit-unknown` (exit 2).
 */
export async function makePlan(options: PlanOptions): Promise<PlanResult> {
  const { root, data, now, domains, against, environment } = options;
  const entries = readDomainFiles(root, isWanted);
  const configuration = examine(entries, null);
  const settings = usableSettings(configuration);
  const base = against === null ? null : await loadBase(root, against, entries, configuration);
  const offline = await offlineFacts({ root, data, entries, configuration, base, asked: domains, now });
  const owner = environment['GITHUB_REPOSITORY']?.split('/')[0];
  const input: PlanInput = {
    now,
    settings,
    commit: await headCommit(root),
    against: base?.commit ?? null,
    repository_owner: owner === undefined || owner === '' ? null : owner,
    domains: offline,
    fleet: configuration.domains.length,
  };
  const first = planFleet(input);
  const facts = await gatherEvidence(first, offline, { ...options, settings });
  return {
    plan: facts === offline ? first : planFleet({ ...input, domains: facts }),
    settings,
    facts,
    problems: configuration.problems.filter(({ severity }) => severity === 'error'),
    configs: configuration.domains,
  };
}
