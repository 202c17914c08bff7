/** A stream of numbers in [0, 1) that depends on nothing but its seed. */
export type Random = () => number;

/**
 * Mulberry32 seeded by a text. Every report draws from its own stream (reporter, domain, day, purpose),
 * so that changing one day of the story leaves the bytes of all other days as they were.
 */
export function seededRandom(...seed: readonly string[]): Random {
  let state = fnv1a(seed.join('\0'));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An integer in [least, most]. */
export function integer(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** `length` lower-case hexadecimal digits: identifiers that look like the real ones. */
export function hex(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += integer(random, 0, 15).toString(16);
  return text;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
