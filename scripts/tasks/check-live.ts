import type { Instant } from '../core/clock.ts';
import type { Entry } from '../core/config/entry.ts';
import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import { liveProblems } from '../core/policy/live-problems.ts';
import { planFleet } from '../core/policy/plan/plan.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import { type CheckResult, check } from './check.ts';
import { evidenceOfAll } from './plan/evidence.ts';
import { offlineFacts } from './plan/facts.ts';

/**
 * `check`, and then what DNS and the policy hosts say of the domains without an error. Throws as `check` does; what nobody
 * answers is a warning.
 */
export async function checkLive(options: {
  readonly root: string;
  readonly data: string;
  readonly domains: readonly string[];
  readonly now: Instant;
  readonly progress: (text: string) => void;
}): Promise<CheckResult> {
  const { root, data, now, progress } = options;
  const result = await check(options);
  const entries = readDomainFiles(root, isWanted);
  const configuration = examine(entries, null);
  const { settings } = configuration;
  if (settings === null || result.domains.length === 0) return result;
  const sources = { root, data, entries, configuration, base: null, asked: result.domains, now };
  const facts = await evidenceOfAll(await offlineFacts(sources), {
    root,
    data,
    now,
    settings,
    offline: false,
    progress,
  });
  const place = { now, settings, commit: null, against: null, repository_owner: null };
  const { domains } = planFleet({ ...place, domains: facts, fleet: configuration.domains.length });
  const found = domains.flatMap((one) => liveProblems(one, lineOfMx(entries, one.file)));
  const problems = [...result.problems, ...found].sort((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1));
  return { ...result, problems };
}

/** Where the file says `mx`; null in one that shares it. */
function lineOfMx(entries: readonly Entry[], file: string | null): number | null {
  const entry = entries.find((one) => one.kind === 'file' && file === `domains/${one.path}`);
  if (entry?.kind !== 'file') return null;
  const index = Buffer.from(entry.bytes)
    .toString('utf8')
    .split('\n')
    .findIndex((line) => /^mx\s*:/.test(line));
  return index < 0 ? null : index + 1;
}
