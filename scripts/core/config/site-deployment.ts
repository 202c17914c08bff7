import type { Settings } from './types.ts';

/**
 * Whether the reports site may stand on this repository's Pages, where anybody can read it. Never with `visibility: artifact`.
 * Pages serves one site for a repository, so not either where `pages-here` hosts a policy.
 */
export function mayDeploy(settings: Pick<Settings, 'site' | 'hosting'> | null): boolean {
  if (settings === null || settings.site.visibility !== 'public') return false;
  return !Object.values(settings.hosting).some(({ kind }) => kind === 'pages-here');
}
