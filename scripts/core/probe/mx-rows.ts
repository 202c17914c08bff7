import type { MxTarget } from './mx-set-check.ts';
import type { Observation } from './observation.ts';
import { type Observer, observation } from './observer.ts';
import type { Sighting } from './sighting.ts';
import { seenFrom, type Vantage } from './vantage.ts';

/** What was seen of one MX host, by address; null stands for its look-ups. */
export type HostSightings = ReadonlyMap<string | null, readonly Sighting[]>;

/** The rows of one domain about its MX hosts. What is a backup, the preferences of the domain say (RFC 5321 §5.1). */
export function mxRows(
  observer: Observer,
  vantage: Pick<Vantage, 'smtp_egress'>,
  targets: readonly MxTarget[],
  hosts: ReadonlyMap<string, HostSightings>,
): readonly Observation[] {
  const first = targets[0]?.preference;
  return targets.flatMap(({ host, preference }) => {
    const backup = preference !== first;
    return [...(hosts.get(host) ?? [])].flatMap(([address, sightings]) =>
      sightings.map((sighting) => {
        const { outcome, code, facts } = seenFrom(vantage, sighting);
        const seen = { kind: 'mx', subject: host, address, outcome, code } as const;
        return observation(observer, { ...seen, facts: { preference, backup, ...facts } });
      }),
    );
  });
}
