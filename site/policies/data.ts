import { readFileSync } from 'node:fs';
import { PosternError } from '#scripts/core/failure.ts';
import type { HostedPolicy } from '#scripts/core/policy/hosted-policy.ts';

let policies: readonly HostedPolicy[] | null = null;

/** What each host is to serve, as the build task has decided. It hands it over as a file, so that nothing is read twice. */
export function hostedPolicies(): readonly HostedPolicy[] {
  policies ??= load();
  return policies;
}

function load(): readonly HostedPolicy[] {
  const file = process.env['POSTERN_POLICIES'];
  if (file === undefined) {
    throw new PosternError('not-built-by-task', 'The policies site is made of what the build task has checked.', {
      hint: 'run npx postern build policies',
      exit: 2,
    });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as readonly HostedPolicy[];
}
