import { type Day, daysFrom } from '../clock.ts';
import { policyTypesOf } from '../reports/policy-types.ts';
import type { DailySessions } from '../reports/view.ts';
import type { MonthFigures } from './figures.ts';
import { type Html, html } from './html.ts';
import { number, share, table } from './report-parts.ts';

export interface TrendFacts {
  readonly figures: MonthFigures;
  /** Of the days of the month, all domains. */
  readonly daily: Iterable<DailySessions>;
  /** The month directly before, as it was stated last; null: there is none. */
  readonly before: MonthFigures | null;
}

interface DaySum {
  readonly day: Day;
  readonly sessions: number;
  readonly failed: number;
}

/** The month day by day and beside the one before, by policy type: counts of two types never add up. */
export function trendSection({ figures, daily, before }: TrendFacts): Html {
  const types = policyTypesOf(daily);
  if (types.length === 0) return html`<p>No report of the month counts a session: a trend is not known.</p>`;
  const days = daysFrom(figures.from, figures.to);
  return html`${types.map((type) => byDay(type, days, sumsOf(daily, type)))}${besideBefore(figures, before)}`;
}

function sumsOf(daily: Iterable<DailySessions>, type: string): ReadonlyMap<Day, DaySum> {
  const sums = new Map<Day, DaySum>();
  for (const { day, policy_type, successful, failed } of daily) {
    if (policy_type !== type) continue;
    const known = sums.get(day) ?? { day, sessions: 0, failed: 0 };
    sums.set(day, { day, sessions: known.sessions + successful + failed, failed: known.failed + failed });
  }
  return sums;
}

function byDay(type: string, days: readonly Day[], sums: ReadonlyMap<Day, DaySum>): Html {
  const all = [...sums.values()];
  const [sessions, failed] = [sum(all.map((one) => one.sessions)), sum(all.map((one) => one.failed))];
  const worst = all.reduce((most, one) => (one.failed > most.failed ? one : most), { day: days[0], failed: 0 });
  const silent = days.length - all.length;
  const told = [
    `${type}: ${number(sessions)} sessions`,
    failed === 0 || worst.day === undefined
      ? 'none failed'
      : `${number(failed)} failed, most on ${worst.day}: ${number(worst.failed)}`,
    ...(silent === 0 ? [] : [`${silent} of ${days.length} days without a report, hatched: not known`]),
  ].join('; ');
  return html`<figure><figcaption>${told}.</figcaption>${picture(type, told, days, sums)}</figure>
`;
}

const [WIDTH, TALL, SMALL, HEAD, GAP] = [640, 84, 28, 14, 6];

/** Sessions from zero, failures below on a scale of their own; a day without a report is hatched and never zero. */
function picture(type: string, told: string, days: readonly Day[], sums: ReadonlyMap<Day, DaySum>): Html {
  const hatch = `unknown-${type}`;
  const all = [...sums.values()];
  const most = Math.max(1, ...all.map(({ sessions }) => sessions));
  const worst = Math.max(0, ...all.map(({ failed }) => failed));
  const step = WIDTH / days.length;
  const bar = (x: number, bottom: number, height: number, fill: string) =>
    html`<rect x="${fixed(x + 0.5)}" y="${fixed(bottom - height)}" width="${fixed(step - 1)}" height="${fixed(height)}" fill="${fill}"/>`;
  const [middle, bottom] = [HEAD + TALL, HEAD + TALL + (worst === 0 ? 0 : GAP + HEAD + SMALL)];
  const bars = days.map((day, place) => {
    const one = sums.get(day);
    const x = place * step;
    if (one === undefined) return bar(x, middle, TALL, `url(#${hatch})`);
    const failures = one.failed === 0 ? null : bar(x, bottom, Math.max(1, (one.failed / worst) * SMALL), '#ad370d');
    return html`${bar(x, middle, (one.sessions / most) * TALL, '#d6d0c4')}${failures}`;
  });
  const label = (y: number, text: string, colour = '#5b574f') =>
    html`<text x="0" y="${y}" fill="${colour}">${text}</text>`;
  const end = bottom + HEAD;
  return html`<svg viewBox="0 0 ${WIDTH} ${end}" role="img" aria-label="${told}">
<defs><pattern id="${hatch}" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 4L4 0" stroke="#d6d0c4"/></pattern></defs>
${label(HEAD - 4, `${number(most)} sessions a day`)}${bars}<path d="M0 ${middle}H${WIDTH}" stroke="#a8a297"/>
${worst === 0 ? null : html`${label(middle + GAP + HEAD - 4, `${number(worst)} failed`, '#ad370d')}<path d="M0 ${bottom}H${WIDTH}" stroke="#a8a297"/>`}
${label(end - 2, days[0] ?? '')}<text x="${WIDTH}" y="${end - 2}" text-anchor="end" fill="#5b574f">${days.at(-1) ?? ''}</text>
</svg>
`;
}

function besideBefore(figures: MonthFigures, before: MonthFigures | null): Html {
  if (before === null) return html`<p>No month directly before is frozen: there is nothing to compare with.</p>`;
  const types = policyTypesOf([...figures.sessions, ...before.sessions]);
  const of = ({ sessions }: MonthFigures, type: string) => sessions.find(({ policy_type }) => policy_type === type);
  const covered = ({ domains }: MonthFigures) => sum(domains.map(({ days_with_data }) => days_with_data));
  const note = `Beside ${before.period}. Domain days with reports: ${number(covered(figures))} now, ${number(covered(before))} then; where they differ, counts do not compare and shares do.`;
  const rows = types.flatMap((type) => {
    const [now, then] = [of(figures, type), of(before, type)];
    return [
      html`<tr><th scope="row">${type}</th>${cells(now)}${cells(then)}</tr>
`,
    ];
  });
  const columns = ['Policy type', '#Sessions', '#Failed', '#Succeeded'];
  return table(note, [...columns, `#${before.period}: sessions`, '#Failed', '#Succeeded'], rows);
}

function cells(one: MonthFigures['sessions'][number] | undefined): Html {
  if (one === undefined) return html`<td class="n">not known</td><td class="n"></td><td class="n"></td>`;
  return html`<td class="n">${number(one.successful + one.failed)}</td><td class="n">${number(one.failed)}</td><td class="n">${share(one)}</td>`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
