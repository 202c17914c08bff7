import type { Trend } from '../view-models/trend.ts';

/** Sessions by day in so many pixels, drawn by hand because a large fleet has thousands of them. */
export interface Sparkline {
  readonly width: number;
  readonly height: number;
  /** The outline of the sessions, one step a day, on a zero line that stops where there are no figures. */
  readonly shape: string;
  /** A tick below the zero line for every day with a failure. */
  readonly failures: string;
}

const ZERO = 16.5;
const RISE = 15;
const TICK = { from: ZERO + 2, length: 3 };

export function sparkline({ days }: Trend, dayWidth = 4): Sparkline {
  const most = days.reduce((max, { successful, failed }) => Math.max(max, (successful ?? 0) + (failed ?? 0)), 1);
  let shape = '';
  let failures = '';
  let open = false;
  days.forEach(({ successful, failed }, index) => {
    const x = index * dayWidth;
    if (successful === null) {
      if (open) shape += `V${ZERO}z`;
      open = false;
      return;
    }
    const sessions = successful + (failed ?? 0);
    const y = ZERO - Math.round((sessions / most) * RISE);
    shape += `${open ? '' : `M${x} ${ZERO}`}V${y}h${dayWidth}`;
    open = true;
    if (failed !== null && failed > 0) failures += `M${x + dayWidth / 2} ${TICK.from}v${TICK.length}`;
  });
  if (open) shape += `V${ZERO}z`;
  return { width: days.length * dayWidth, height: TICK.from + TICK.length, shape: shortened(shape), failures };
}

/** The same path in fewer letters: `V3h4V3h4` is `V3h8`. */
function shortened(path: string): string {
  return path.replaceAll(/V([\d.]+)h(\d+)((?:V\1h\d+)+)/g, (_, y: string, first: string, rest: string) => {
    const steps = rest.split(`V${y}h`).reduce((sum, step) => sum + Number(step), Number(first));
    return `V${y}h${steps}`;
  });
}
