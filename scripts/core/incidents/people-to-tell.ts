import type { AlertSettings, DomainConfig } from '../config/types.ts';
import type { Severity } from '../finding.ts';

/** GitHub takes at most ten assignees; a text that names more people than this names nobody. */
const MOST = 10;

export interface Responsible {
  /** With `@`. */
  readonly owners: readonly string[];
  readonly oncall: readonly string[];
}

export type ResponsibleOf = (domains: readonly string[]) => Responsible;

/** Who answers for domains: those that their files name, else those of the settings. Without a domain: of the settings. */
export function responsibleOf(configs: readonly DomainConfig[], alerts: AlertSettings): ResponsibleOf {
  const byName = new Map<string, DomainConfig>(configs.map((config) => [config.domain, config]));
  return (domains) => {
    const found = domains.flatMap((domain) => byName.get(domain) ?? []);
    const of = (named: (config: DomainConfig) => readonly string[], standard: readonly string[]) =>
      found.length === 0
        ? standard.slice(0, MOST)
        : [...new Set(found.flatMap((config) => (named(config).length > 0 ? named(config) : standard)))].slice(0, MOST);
    return {
      owners: of(({ owners }) => owners, alerts.owners),
      oncall: of(({ oncall }) => oncall, alerts.oncall),
    };
  };
}

/**
 * Whom a finding of this severity calls. The owners always; the on-call too for a sev1, which wakes somebody, and for a
 * certificate past its on-call threshold, which is what makes its finding a sev2.
 */
export function calledFor(rule: string, severity: Severity, { owners, oncall }: Responsible): readonly string[] {
  const onCall = severity === 'sev1' || (severity === 'sev2' && rule.endsWith('-cert-expiring'));
  return [...new Set(onCall ? [...owners, ...oncall] : owners)];
}

/** The logins among handles: a team can be named and not assigned. */
export function assignable(handles: readonly string[]): readonly string[] {
  return handles
    .filter((handle) => !handle.includes('/'))
    .map((handle) => handle.slice(1))
    .slice(0, MOST);
}
