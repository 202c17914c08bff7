import type { Observation } from './observation.ts';

/** By domain, kind, subject, address and code, so that equal looks give equal results. */
export function byPlace(a: Observation, b: Observation): number {
  const [x, y] = [placeOf(a), placeOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function placeOf({ domain, kind, subject, address, code }: Observation): string {
  return [domain ?? '', kind, subject, address ?? '', code].join('\0');
}
