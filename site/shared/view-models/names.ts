import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { SiteFacts } from './domain-facts.ts';

/** Domains that begin alike. */
export interface NameGroup {
  /** As the names are shown; empty when there is only this group. */
  readonly prefix: string;
  readonly id: string;
  readonly names: readonly { readonly domain: string; readonly name: string; readonly urgent: boolean }[];
}

/** Up to so many names are one list; more are cut where their beginnings differ. */
const ONE_LIST = 60;
const LARGEST = 200;
const LONGEST_PREFIX = 6;

/** Every domain by name, under as few letters as keep each group to a screen or two. */
export function nameGroups({ domains }: SiteFacts): readonly NameGroup[] {
  const names = domains
    .map(({ config, standing }) => ({
      domain: config.domain,
      name: displayDomainName(config.domain),
      urgent: standing === 'urgent',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (names.length <= ONE_LIST) return [{ prefix: '', id: 'all', names }];
  for (let length = 1; ; length++) {
    const groups = [...Map.groupBy(names, ({ name }) => [...name].slice(0, length).join(''))];
    if (length < LONGEST_PREFIX && groups.some(([, same]) => same.length > LARGEST)) continue;
    return groups.map(([prefix, same], index) => ({ prefix, id: `names-${index + 1}`, names: same }));
  }
}
