import { entryFor } from '#scripts/core/findings/playbook.ts';
import { type Filters, hashOf, NO_FILTERS } from '../reports/explore/query.ts';

/** The address of a page of this site, whatever path it stands at. `path` has no leading slash. */
export function link(path: string): string {
  return `${import.meta.env.BASE_URL}${path}`;
}

/** Domains are A-labels in addresses: letters, digits, hyphens and dots. */
export function domainLink(domain: string): string {
  return link(`domains/${domain}/`);
}

/** The page of a rule or result type; what the playbook does not know has that of `other`. */
export function playbookLink(rule: string): string {
  return link(`playbook/${entryFor(rule).rule}/`);
}

/** What the explorer is asked: the rows that a figure is made of. */
export type Asked = Partial<Filters>;

export function exploreLink(asked: Asked): string {
  return link(`explore/#${hashOf({ ...NO_FILTERS, ...asked })}`);
}
