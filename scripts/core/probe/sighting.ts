import type { Lookup } from './dns-lookup.ts';
import type { Observation, ObservationKind, Outcome } from './observation.ts';
import { type Observer, observation } from './observer.ts';

/** What was seen of a subject, before it is known from where: one fault, soundness, or that nothing could be seen. */
export interface Sighting {
  readonly outcome: Outcome;
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export function fault(code: string, detail: string, facts: Readonly<Record<string, unknown>> = {}): Sighting {
  return { outcome: 'bad', code, facts: { detail, ...facts } };
}

/** `reason`: why it is not known, such as `dns-timeout`. */
export function unseen(reason: string, detail: string): Sighting {
  return { outcome: 'unknown', code: reason, facts: { detail } };
}

/**
 * What a look-up without a definite answer is worth. Bogus is proven, so it is the domain's fault; from one vantage
 * everything else only says that nothing could be seen.
 */
export function unanswered({ status, detail, errors }: Lookup): Sighting {
  const said = errors.map(({ code, text }) => `EDE ${code}${text === '' ? '' : ` ${text}`}`);
  const full = [detail, ...said].filter((part) => part !== '').join('; ');
  if (status === 'bogus') return fault('dnssec-bogus', full);
  return unseen(status === 'private-address' ? status : `dns-${status}`, full);
}

/** The rows of one look at one subject from one side: a sound one when nothing else was seen. */
export function rowsOf(
  observer: Observer,
  on: { readonly kind: ObservationKind; readonly subject: string; readonly address?: string | null },
  sightings: readonly Sighting[],
  shared: Readonly<Record<string, unknown>> = {},
): readonly Observation[] {
  const seen: readonly Sighting[] = sightings.length > 0 ? sightings : [{ outcome: 'ok', code: 'ok', facts: {} }];
  return seen.map(({ outcome, code, facts }) =>
    observation(observer, { ...on, outcome, code, facts: { ...shared, ...facts } }),
  );
}
