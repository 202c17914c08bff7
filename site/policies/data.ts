import { readFileSync } from 'node:fs';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { PosternError } from '#scripts/core/failure.ts';

let domains: readonly DomainConfig[] | null = null;

/** The domains as the build task has checked them. It hands them over as a file, so that nothing is read twice. */
export function policyDomains(): readonly DomainConfig[] {
  domains ??= load();
  return domains;
}

function load(): readonly DomainConfig[] {
  const file = process.env['POSTERN_DOMAINS'];
  if (file === undefined) {
    throw new PosternError('not-built-by-task', 'The policies site is made of what the build task has checked.', {
      hint: 'run npx postern build policies',
      exit: 2,
    });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as readonly DomainConfig[];
}
