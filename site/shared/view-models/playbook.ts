import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { SiteFacts } from './domain-facts.ts';

const SHOWN = 100;

/** The domains where a rule is open, by name; the rest is a number. */
export function openUnder(
  rule: string,
  { review }: SiteFacts,
): { readonly domains: readonly { readonly domain: string; readonly name: string }[]; readonly more: number } {
  const found = review.findings
    .filter((one) => one.rule === rule && one.state === 'open')
    .flatMap(({ domain, domains }) => (domain === null ? domains : [domain]));
  const domains = [...new Set<string>(found)].sort();
  return {
    domains: domains.slice(0, SHOWN).map((domain) => ({ domain, name: displayDomainName(domain as never) })),
    more: Math.max(0, domains.length - SHOWN),
  };
}
