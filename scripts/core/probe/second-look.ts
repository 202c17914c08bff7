import type { Sighting } from './sighting.ts';

/** Dates do not change in twenty seconds: what only they say needs no second look. */
const CERTAIN = new Set(['mx-cert-expiring']);

/** Is there something bad that a second look should confirm before it counts? */
export function wantsSecondLook(sights: readonly Sighting[]): boolean {
  return sights.some(({ outcome, code }) => outcome === 'bad' && !CERTAIN.has(code));
}

/** What both looks saw stands; where they agree on nothing, the second one counts, for it is the newer. */
export function confirmed(first: readonly Sighting[], second: readonly Sighting[]): readonly Sighting[] {
  const bad = new Set(first.filter(({ outcome }) => outcome === 'bad').map(({ code }) => code));
  const both = second.filter(({ outcome, code }) => outcome === 'bad' && (bad.has(code) || CERTAIN.has(code)));
  return both.some(({ code }) => bad.has(code)) ? both : second;
}
