/**
 * Whose figures were counted. The same rows have other figures when other domains are ours, but only where the rows speak of
 * those: a domain that none of them names changes nothing.
 */
export interface CountedFor {
  /** Our domains that the rows name, in their order: what an index in the figures means. */
  readonly ours: readonly string[];
  /** The other names in the rows that are below one of our domains, and those that are not. */
  readonly below: readonly string[];
  readonly foreign: readonly string[];
  /** All our domains, where the other names are too many to be kept: then the figures hold for no others. */
  readonly all: readonly string[] | null;
}

/** Anybody who can sign a mail can name any number of domains. */
const MOST_NAMES = 10_000;

/** `names`: all that the rows name. `managed`: our domains, in the order of their names. */
export function countedFor(names: readonly string[], managed: readonly string[]): CountedFor {
  const known = new Set(managed);
  const named = new Set(names);
  const others = names.filter((name) => !known.has(name));
  const ours = managed.filter((domain) => named.has(domain));
  if (others.length > MOST_NAMES) return { ours, below: [], foreign: [], all: managed };
  return {
    ours,
    below: others.filter((name) => isBelow(name, known)),
    foreign: others.filter((name) => !isBelow(name, known)),
    all: null,
  };
}

/** For each of `counted.ours` its place among the domains asked for; null where these would have been counted otherwise. */
export function placesAmong(counted: CountedFor, asked: readonly string[]): Int32Array | null {
  const { ours, below, foreign, all } = counted;
  const places = new Map(asked.map((domain, index) => [domain, index]));
  if (ours.some((domain) => !places.has(domain))) return null;
  if (all !== null && (all.length !== asked.length || all.some((domain) => !places.has(domain)))) return null;
  if (below.some((name) => places.has(name) || !isBelow(name, places))) return null;
  if (foreign.some((name) => places.has(name) || isBelow(name, places))) return null;
  return Int32Array.from(ours, (domain) => places.get(domain) ?? 0);
}

function isBelow(name: string, domains: { readonly has: (domain: string) => boolean }): boolean {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    if (domains.has(name.slice(dot + 1))) return true;
  return false;
}

/** What io/store asks of this file. */
export interface CountedRules {
  readonly countedFor: typeof countedFor;
  readonly placesAmong: typeof placesAmong;
}
