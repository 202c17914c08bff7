import type { Settings } from './types.ts';

/** The path the reports site stands at, with a slash at both ends: that of `site.url`, or `/`. */
export function siteBase(settings: Settings | null): string {
  const url = settings?.site.url ?? null;
  if (url === null) return '/';
  const { pathname } = new URL(url);
  return pathname.endsWith('/') ? pathname : `${pathname}/`;
}
