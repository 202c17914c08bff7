import type { DomainName } from '../../standards/domain-name.ts';
import type { Instant } from '../clock.ts';
import type { Entry } from './entry.ts';
import { examineWith } from './examine-with.ts';
import { FAULT_TELLERS } from './fault-tellers.ts';
import { fileOf, roleOf } from './file-role.ts';
import type { Configuration } from './types.ts';

/**
 * Everything under `domains/` as configuration, with all problems at once. With `now`, exceptions that ended before that
 * day are problems too. A domain or the settings with an error is left out of the configuration; a warning leaves it in.
 */
export function examine(entries: readonly Entry[], now: Instant | null): Configuration {
  return examineWith(entries, now, FAULT_TELLERS);
}

/** The domains that have a file, sound or not, with the files' printable paths. */
export function domainFiles(entries: readonly Entry[]): ReadonlyMap<DomainName, readonly string[]> {
  const files = new Map<DomainName, string[]>();
  for (const { path } of entries) {
    const role = roleOf(path, false);
    if (role.role !== 'domain' || role.domain === null) continue;
    const known = files.get(role.domain);
    if (known === undefined) files.set(role.domain, [fileOf(path)]);
    else known.push(fileOf(path));
  }
  return files;
}
