import { TICKS } from './trend-spec.ts';

/** A scale reaches at least so far, so that one failed session is a low bar. */
const LEAST = 4;
/** From these on, a step of as many is nearer to what is asked for: D3's own limits, which Vega's ticks keep to. */
const NEARER = [
  [Math.sqrt(50), 10],
  [Math.sqrt(10), 5],
  [Math.sqrt(2), 2],
] as const;

/** Where the scale of a lane ends that shows counts up to `most`: on the line of a tick. */
export function topOf(most: number): number {
  let top = Math.max(LEAST, most);
  for (;;) {
    const step = stepOf(top);
    const next = Math.ceil(top / step) * step;
    if (next === top) return top;
    top = next;
  }
}

function stepOf(top: number): number {
  const wanted = top / TICKS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * (NEARER.find(([limit]) => wanted / power >= limit)?.[1] ?? 1);
}
