import type { Day } from '../clock.ts';
import type { DomainConfig } from '../config/types.ts';

/** A reporter as reports name it. */
interface ReporterName {
  readonly reporter: string;
  readonly organization_name: string | null;
}

/** Is this failure one that the configuration declares known and the sender's, until `today` or later? */
export type KnownSenderIssueTest = (reporter: ReporterName, resultType: string) => boolean;

/**
 * `known_sender_issues` of one domain as a test. A reporter is named by its domain, which also covers the names under
 * it, or by its organization-name; letter case does not matter. Result types are exact.
 */
export function knownSenderIssues(config: DomainConfig, today: Day): KnownSenderIssueTest {
  const issues = config.known_sender_issues
    .filter(({ until }) => until >= today)
    .map(({ reporter, result_type }) => ({ named: folded(reporter), result_type }));
  if (issues.length === 0) return () => false;
  return ({ reporter, organization_name }, resultType) => {
    const domain = folded(reporter);
    const organization = organization_name === null ? null : folded(organization_name);
    return issues.some(
      ({ named, result_type }) =>
        result_type === resultType && (domain === named || domain.endsWith(`.${named}`) || organization === named),
    );
  };
}

function folded(name: string): string {
  return name.trim().toLowerCase();
}
