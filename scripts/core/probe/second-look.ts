import type { Observation } from './observation.ts';
import type { Sighting } from './sighting.ts';

/** What only dates and the configuration say does not change in twenty seconds: it needs no second look. */
const CERTAIN = new Set(['mx-cert-expiring', 'policy-cert-expiring', 'pattern-unused', 'pattern-broad']);

type Seen = Pick<Sighting, 'outcome' | 'code'>;

/** Is there something bad that a second look should confirm before it counts? */
export function wantsSecondLook(sightings: readonly Seen[]): boolean {
  return sightings.some(isDoubtful);
}

/** What both looks saw stands; where they agree on nothing bad, the second one counts, for it is the newer. */
export function confirmed<T extends Seen>(first: readonly T[], second: readonly T[]): readonly T[] {
  const doubted = new Set(first.filter(isDoubtful).map(({ code }) => code));
  const both = second.filter(({ outcome, code }) => outcome === 'bad' && (doubted.has(code) || CERTAIN.has(code)));
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

function subjectOf({ kind, subject, address }: Observation): string {
  return `${kind} ${subject} ${address ?? ''}`;
}
