import { WITHOUT_SNI_UNKNOWN } from './mx-sightings.ts';
import type { Observation } from './observation.ts';
import type { Sighting } from './sighting.ts';

/** What only dates and the configuration say does not change in twenty seconds: it needs no second look. */
const CERTAIN = new Set(['mx-cert-expiring', 'policy-cert-expiring', 'pattern-unused', 'pattern-broad']);

const NEEDS_SNI = 'mx-sni-required';

type Seen = Pick<Sighting, 'outcome' | 'code' | 'facts'>;

/** Is there something bad that a second look should confirm before it counts, or a part that this one could not see? */
export function wantsSecondLook(sightings: readonly Seen[]): boolean {
  return sightings.some((one) => isDoubtful(one) || isPartial(one));
}

/** What both looks saw stands; where they agree on nothing bad, the second one counts, for it is the newer. */
export function confirmed<T extends Sighting>(first: readonly T[], second: readonly T[]): readonly T[] {
  const doubted = new Set(first.filter(isDoubtful).map(({ code }) => code));
  const both = second.filter(({ outcome, code }) => outcome === 'bad' && (doubted.has(code) || CERTAIN.has(code)));
  // A second look that could not try without SNI is no proof that SNI is not required.
  if (doubted.has(NEEDS_SNI) && second.some(isPartial))
    return [...both, ...unconfirmed(first.filter(({ code }) => code === NEEDS_SNI))];
  return both.some(({ code }) => doubted.has(code)) ? both : second;
}

/** The same for the rows of one domain, subject by subject. */
export function confirmedRows(first: readonly Observation[], second: readonly Observation[]): readonly Observation[] {
  const before = Map.groupBy(first, subjectOf);
  return [...Map.groupBy(second, subjectOf)].flatMap(([subject, rows]) => confirmed(before.get(subject) ?? [], rows));
}

/** Without a second look nothing doubtful may count: it is not known. */
export function unconfirmed<T extends Sighting>(sightings: readonly T[]): readonly T[] {
  return sightings.map((one) =>
    isDoubtful(one)
      ? { ...one, outcome: 'unknown', code: 'not-confirmed', facts: { ...one.facts, seen: one.code } }
      : one,
  );
}

function isDoubtful({ outcome, code }: Seen): boolean {
  return outcome === 'bad' && !CERTAIN.has(code);
}

/** The connection without SNI came to nothing: refused as one too many, or out of time. */
function isPartial({ facts }: Seen): boolean {
  const { notes } = facts;
  return Array.isArray(notes) && notes.includes(WITHOUT_SNI_UNKNOWN);
}

function subjectOf({ kind, subject, address }: Observation): string {
  return `${kind} ${subject} ${address ?? ''}`;
}
