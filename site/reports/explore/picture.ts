import type { Series } from './query.ts';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT, TOP, LEFT] = [760, 120, 20, 0];
const DAY_MS = 86_400_000;

/** Bars by day from zero: all sessions, and within them the failed ones. A day without rows stays empty: it is not known. */
export function picture({ policy_type, days }: Series): SVGSVGElement {
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT + TOP + 18}`, class: 'explore-picture', role: 'img' });
  const [first, last] = [Date.parse(days[0]?.day ?? ''), Date.parse(days.at(-1)?.day ?? '')];
  const count = Math.round((last - first) / DAY_MS) + 1;
  const most = Math.max(1, ...days.map(({ total }) => total));
  const step = (WIDTH - LEFT) / count;
  const title = element('title', {});
  title.textContent = sentence({ policy_type, days });
  svg.append(title);
  for (const { day, total, failed } of days) {
    const x = LEFT + ((Date.parse(day) - first) / DAY_MS) * step;
    const bar = (value: number, name: string) => {
      const height = (value / most) * HEIGHT;
      const width = Math.max(0.5, step - (step > 3 ? 1 : 0));
      return element('rect', { x, y: TOP + HEIGHT - height, width, height, class: name });
    };
    svg.append(bar(total, 'explore-all'));
    if (failed > 0) svg.append(bar(failed, 'explore-failed'));
  }
  svg.append(label(LEFT, TOP - 6, `${number(most)} sessions`, 'start'));
  svg.append(label(LEFT, TOP + HEIGHT + 14, days[0]?.day ?? '', 'start'));
  if (count > 1) svg.append(label(WIDTH, TOP + HEIGHT + 14, days.at(-1)?.day ?? '', 'end'));
  return svg;
}

/** What the picture shows, for those who do not see it. */
export function sentence({ policy_type, days }: Series): string {
  const [total, failed] = [sum(days.map((one) => one.total)), sum(days.map((one) => one.failed))];
  return `Under ${policy_type}: ${number(total)} sessions on ${number(days.length)} days with reports, ${number(failed)} of them failed.`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

export function number(value: number): string {
  return value.toLocaleString('en');
}

function label(x: number, y: number, text: string, anchor: 'start' | 'end'): SVGElement {
  const made = element('text', { x, y, 'text-anchor': anchor, class: 'explore-label' });
  made.textContent = text;
  return made;
}

function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
