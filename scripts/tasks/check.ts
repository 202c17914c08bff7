import type { Instant } from '../core/clock.ts';
import { domainFiles, examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import { PosternError } from '../core/failure.ts';
import { nearest } from '../core/near.ts';
import type { Problem } from '../core/problem.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import { type DomainName, parseDomainName } from '../standards/domain-name.ts';
import { excerpt } from '../standards/excerpt.ts';

export interface CheckResult {
  /** By file, line and column. */
  readonly problems: readonly Problem[];
  /** The domains that were asked for and have no error. */
  readonly domains: readonly string[];
}

const SETTINGS_FILE = 'domains/_settings.yaml';

/**
 * Checks all configuration offline. With `domains`, only their files and the settings are told about, although the
 * others are read: a domain may depend on them. Throws PosternError `domain-unknown` or `root-missing` (exit 2).
 */
export async function check(options: {
  readonly root: string;
  readonly domains: readonly string[];
  readonly now: Instant;
}): Promise<CheckResult> {
  const { root, domains, now } = options;
  const entries = readDomainFiles(root, isWanted);
  const { problems, domains: configs } = examine(entries, now);
  const names = configs.map(({ domain }) => domain);
  if (domains.length === 0) return { problems, domains: names };

  const files = domainFiles(entries);
  const asked = new Set(domains.map((text) => knownDomain(text, files)));
  const told = new Set([SETTINGS_FILE, ...[...asked].flatMap((domain) => files.get(domain) ?? [])]);
  return {
    problems: problems.filter(({ file }) => told.has(file)),
    domains: names.filter((domain) => asked.has(domain)),
  };
}

function knownDomain(text: string, known: ReadonlyMap<DomainName, unknown>): DomainName {
  const parsed = parseDomainName(text);
  if (parsed.ok && known.has(parsed.value)) return parsed.value;
  const near = nearest(text, [...known.keys()]);
  throw new PosternError('domain-unknown', `There is no file for the domain ${excerpt(text)} under domains/.`, {
    exit: 2,
    hint: near === null ? 'Domains are named by their files: domains/<domain>.yaml.' : `Did you mean ${near}?`,
  });
}
