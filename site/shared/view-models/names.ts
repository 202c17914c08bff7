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

/** Some hundred names a page: the first ones by `number` 1. */
export interface NamePage {
  readonly number: number;
  readonly groups: readonly NameGroup[];
}

const PAGE_NAMES = 500;

/** Groups in pages: one while all names fit there, else as many as there are names for, with each group on one of them. */
export function namePages(site: SiteFacts): readonly NamePage[] {
  const pages: NameGroup[][] = [[]];
  let names = 0;
  for (const group of nameGroups(site)) {
    if (names > 0 && names + group.names.length > PAGE_NAMES) {
      pages.push([]);
      names = 0;
    }
    pages.at(-1)?.push(group);
    names += group.names.length;
  }
  return pages.map((groups, index) => ({ number: index + 1, groups }));
}

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
    // All of them begin alike: that says nothing.
    if (groups.length === 1) return [{ prefix: '', id: 'all', names }];
    return groups.map(([prefix, same], index) => ({ prefix, id: `names-${index + 1}`, names: same }));
  }
}
