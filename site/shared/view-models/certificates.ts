import { addDays, type Day, dayOf, epochMs, type Instant } from '#scripts/core/clock.ts';
import { distanceWords } from '#scripts/core/day-distance.ts';
import { renewalDueAt } from '#scripts/core/incidents/certificate-escalation.ts';
import type { CertificateSummary } from '#scripts/core/review.ts';
import type { SiteFacts } from './domain-facts.ts';
import type { Redaction } from './redaction.ts';
import { count, inWords, longDay, nearDay, number } from './words.ts';

/** The days a row's line shows, around now. */
export const CALENDAR = { before: 60, after: 90, width: 300 } as const;

interface CertificateRow {
  readonly host: string;
  /** One of the domains it serves. */
  readonly domain: string;
  readonly moreDomains: number;
  readonly ends: string;
  readonly left: string;
  readonly standing: 'over' | 'renewal due' | 'calm';
  readonly renewal: string;
  /** Pixels on the line: the life, where its renewal is due, and now. */
  readonly line: { readonly from: number; readonly to: number; readonly due: number | null; readonly over: boolean };
  readonly lineText: string;
}

export interface CertificateCalendar {
  readonly sentence: string;
  /** Months ahead with what ends in them, from the current one. */
  readonly months: readonly {
    readonly name: string;
    readonly ends: string;
    readonly renewals: string;
    /** Renewals that were due and have not happened, in the current month; null: none. */
    readonly overdue: string | null;
  }[];
  readonly rows: readonly CertificateRow[];
  readonly more: number;
  /** Pixel of now, and of the first of each month, on every line. */
  readonly now: number;
}

const SHOWN = 200;
const MONTHS = 6;

interface Current {
  readonly certificate: CertificateSummary;
  /** When its renewal is due. */
  readonly due: Instant;
  readonly domains: readonly string[];
}

/** What probes saw presented last on every host, the one that ends first on top. A host of many domains stands once. */
export function certificateCalendar({ domains, now }: SiteFacts, redact: Redaction): CertificateCalendar {
  const found = new Map<string, { certificate: CertificateSummary; due: Instant; domains: string[] }>();
  for (const { config, review } of domains)
    for (const certificate of review.observations?.certificates ?? []) {
      const key = `${certificate.host} ${certificate.serial} ${certificate.not_after}`;
      const known = found.get(key);
      if (known === undefined)
        found.set(key, { certificate, due: renewalDueAt(certificate), domains: [config.domain] });
      else known.domains.push(config.domain);
    }
  const all: readonly Current[] = [...found.values()].sort(
    (a, b) =>
      compare(a.certificate.not_after, b.certificate.not_after) || compare(a.certificate.host, b.certificate.host),
  );
  const over = all.filter(({ certificate }) => certificate.not_after < now).length;
  const due = all.filter(({ certificate, due }) => certificate.not_after >= now && due <= now).length;
  return {
    sentence: sentenceOf(all, over, due),
    months: monthsAhead(all, now, due),
    rows: all.slice(0, SHOWN).map((one) => rowOf(one, now, redact)),
    more: Math.max(0, all.length - SHOWN),
    now: CALENDAR.before * (CALENDAR.width / (CALENDAR.before + CALENDAR.after)),
  };
}

function sentenceOf(all: readonly Current[], over: number, due: number): string {
  const [next] = all;
  if (next === undefined) return 'No probe has seen a certificate: when they end is not known.';
  const state = [
    ...(over > 0
      ? [`${count(over, 'certificate has', 'certificates have')} ended and still ${over === 1 ? 'stands' : 'stand'}`]
      : []),
    ...(due > 0 ? [`the renewal of ${inWords(due)} is due and has not happened`] : []),
  ];
  return `${count(all.length, 'certificate')} seen. ${state.length === 0 ? `Nothing is due; the next ends on ${longDay(dayOf(next.certificate.not_after))}.` : `${state.join('; ').replace(/^./, (letter) => letter.toUpperCase())}.`}`;
}

function monthsAhead(all: readonly Current[], now: Instant, due: number): CertificateCalendar['months'] {
  const names: string[] = [];
  for (
    let day = `${now.slice(0, 7)}-01` as Day;
    names.length < MONTHS;
    day = `${addDays(day, 31).slice(0, 7)}-01` as Day
  )
    names.push(day.slice(0, 7));
  const ends = countByMonth(all.map(({ certificate }) => certificate.not_after).filter((at) => at >= now));
  const renewals = countByMonth(all.map((one) => one.due).filter((at) => at >= now));
  return names.map((month, place) => ({
    name: longDay(`${month}-01` as Day).replace(/^1 /, ''),
    ends: number(ends.get(month) ?? 0),
    renewals: number(renewals.get(month) ?? 0),
    overdue: place === 0 && due > 0 ? number(due) : null,
  }));
}

function countByMonth(instants: readonly Instant[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const at of instants) counts.set(at.slice(0, 7), (counts.get(at.slice(0, 7)) ?? 0) + 1);
  return counts;
}

function rowOf({ certificate, due, domains }: Current, now: Instant, redact: Redaction): CertificateRow {
  const { host, not_before, not_after } = certificate;
  const over = not_after < now;
  const standing = over ? 'over' : due <= now ? 'renewal due' : 'calm';
  const renewal = over
    ? 'missed'
    : due <= now
      ? `due since ${nearDay(dayOf(due), now)}`
      : `due ${nearDay(dayOf(due), now)}`;
  const x = (at: Instant): number => {
    const days = (epochMs(at) - epochMs(now)) / 86_400_000 + CALENDAR.before;
    const scale = CALENDAR.width / (CALENDAR.before + CALENDAR.after);
    return Math.round(Math.min(CALENDAR.width, Math.max(0, days * scale)) * 10) / 10;
  };
  const duePixel = x(due);
  return {
    host: redact.text(host, 120),
    domain: domains[0] ?? '',
    moreDomains: domains.length - 1,
    ends: nearDay(dayOf(not_after), now),
    left: distanceWords(not_after, now),
    standing,
    renewal,
    line: {
      from: x(not_before),
      to: x(not_after),
      due: duePixel <= 0 || duePixel >= CALENDAR.width ? null : duePixel,
      over,
    },
    lineText: `Valid ${longDay(dayOf(not_before))} to ${longDay(dayOf(not_after))}, renewal ${renewal}`,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
