import { addDays, dayOf } from '#scripts/core/clock.ts';
import { plainText } from '#scripts/core/plain-text.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import { type Sparkline, sparkline } from '../charts/sparkline.ts';
import { type DomainFacts, type SiteFacts, STANDINGS, type Standing } from './domain-facts.ts';
import { type MarkCell, markCells } from './mark.ts';
import { type Marked, marked } from './marked.ts';
import { modeWords } from './mode.ts';
import type { Redaction } from './redaction.ts';
import { sparkText, trendOf } from './trend.ts';
import {
  before,
  count,
  instantText,
  inWords,
  list,
  longDay,
  number,
  sentence,
  successShare,
  withDays,
} from './words.ts';

/** Days of the numbers and the line in a row, today included, as the review counts them. */
const ROW_DAYS = 30;

const GROUPS: Readonly<Record<Standing, string>> = {
  urgent: 'Needs someone now',
  minor: 'Something minor is open',
  silent: 'Not known: no report in 30 days',
  calm: 'Nothing open',
};

export interface FleetGroup {
  readonly name: string;
  readonly domains: readonly DomainFacts[];
}

/** Domains in groups of one standing, in their order. */
export function fleetGroups(domains: readonly DomainFacts[]): readonly FleetGroup[] {
  return STANDINGS.map((one) => ({
    name: GROUPS[one],
    domains: domains.filter((facts) => facts.standing === one),
  })).filter((group) => group.domains.length > 0);
}

/** Rows of one page of the overview: with some hundred bytes each, the first page stays below 100 KB. */
const PAGE_ROWS = 60;

/** One page of the overview, in order of need; `number` counts from 1. */
export interface FleetPage {
  readonly number: number;
  readonly of: number;
  /** Position of the first and last row among all domains, from 1. */
  readonly first: number;
  readonly last: number;
  readonly domains: readonly DomainFacts[];
}

/** At least one page, even when there is no domain. */
export function fleetPages({ domains }: SiteFacts): readonly FleetPage[] {
  const of = Math.max(1, Math.ceil(domains.length / PAGE_ROWS));
  return Array.from({ length: of }, (_, index) => {
    const rows = domains.slice(index * PAGE_ROWS, (index + 1) * PAGE_ROWS);
    return {
      number: index + 1,
      of,
      first: index * PAGE_ROWS + 1,
      last: index * PAGE_ROWS + rows.length,
      domains: rows,
    };
  });
}

/** The pages that are linked from one page: the ends and its neighbours. Null stands for those left out between. */
export function linkedPages({ number: here, of }: FleetPage): readonly (number | null)[] {
  const near = [1, here - 2, here - 1, here, here + 1, here + 2, of].filter((one) => one >= 1 && one <= of);
  const sorted = [...new Set(near)].sort((a, b) => a - b);
  return sorted.flatMap((one, index) => (index > 0 && one !== (sorted[index - 1] ?? 0) + 1 ? [null, one] : [one]));
}

export interface FleetRow {
  readonly domain: string;
  readonly name: string;
  readonly customer: string | null;
  readonly mark: readonly MarkCell[];
  readonly mode: string;
  readonly standing: Standing;
  /** Open findings beyond the one that `next` speaks of. */
  readonly more: number;
  /** Null = no report in these days: shown as not known. */
  readonly sessions: string | null;
  readonly share: string | null;
  /** Set when the numbers do not speak of `sts`. */
  readonly policyType: string | null;
  readonly spark: (Sparkline & { readonly text: string }) | null;
  readonly next: readonly Marked[];
}

/** One domain as a row of the overview. */
export function fleetRow(facts: DomainFacts, site: SiteFacts, redact: Redaction): FleetRow {
  const { config, review, findings, reports } = facts;
  const { sessions } = review;
  const from = addDays(dayOf(site.now), 1 - ROW_DAYS);
  const days = site.days.filter((day) => day >= from);
  const trend = sessions === null ? null : trendOf(sessions.policy_type, reports.daily, days);
  const open = findings.filter(({ state }) => state === 'open').length;
  return {
    domain: config.domain,
    name: displayDomainName(config.domain),
    customer: config.customer === null ? null : plainText(config.customer, 60),
    mark: markCells(review.agreement),
    mode: modeWords(review.state).name,
    standing: facts.standing,
    more: Math.max(0, open - 1),
    sessions: sessions === null ? null : number(sessions.successful + sessions.failed),
    share: sessions === null ? null : successShare(sessions.successful, sessions.failed),
    policyType: sessions === null || sessions.policy_type === 'sts' ? null : sessions.policy_type,
    spark: trend === null ? null : { ...sparkline(trend), text: sparkText(trend) },
    next: marked(redact.text(withDays(review.next, site.now), 500)),
  };
}

type Counts = [urgent: number, minor: number, silent: number, calm: number];

/** The state of all domains in plain words, with its time: the sentence above the table. */
export function fleetSentence({ domains, review }: SiteFacts): string {
  if (domains.length === 0) return 'No domain is configured yet.';
  const [urgent, minor, silent, calm] = STANDINGS.map(
    (one) => domains.filter((facts) => facts.standing === one).length,
  ) as Counts;
  const agreeing = domains.filter(({ review: { agreement } }) =>
    Object.values(agreement).every(({ state }) => state === 'agrees'),
  ).length;
  const parts = [
    ...(urgent > 0 ? [`${inWords(urgent)} ${urgent === 1 ? 'needs' : 'need'} someone now`] : []),
    ...(minor > 0 ? [`${inWords(minor)} ${minor === 1 ? 'has' : 'have'} something minor open`] : []),
    ...(silent > 0 ? [`nothing is known of ${inWords(silent)}`] : []),
    ...(calm > 0 ? [calmWords(calm, domains.length)] : []),
    ...(agreeing > 0 ? [`${inWords(agreeing)} ${agreeing === 1 ? 'is' : 'are'} in full agreement`] : []),
  ];
  const { last_day } = review.freshness.reports;
  const reach = last_day === null ? 'No verified report has arrived yet.' : `Reports reach to ${longDay(last_day)}.`;
  return `${sentence(count(domains.length, 'domain'))}: ${list(parts)}. ${reach}`;
}

function calmWords(calm: number, all: number): string {
  if (calm === all) return 'nothing is open';
  return calm === 1 ? 'one has nothing open' : `the other ${inWords(calm)} have nothing open`;
}

export interface Source {
  readonly name: string;
  readonly text: string;
}

/** How fresh each source is, and what is not known for want of one. */
export function freshness({ review, now, domains, unreadable }: SiteFacts): readonly Source[] {
  const { reports, observations } = review.freshness;
  const silent = domains.filter(({ review: { last_report_day } }) => last_report_day === null).length;
  const newest = reports.last_received_at;
  return [
    {
      name: 'Reports',
      text:
        newest === null
          ? 'None has arrived. What senders see is not known.'
          : `The newest arrived ${instantText(newest)}, ${before(newest, now)}.${silent > 0 ? ` ${sentence(count(silent, 'domain'))} without any.` : ''}`,
    },
    {
      name: 'Probes',
      text:
        observations === null
          ? 'None has run. What MX hosts, policy hosts and DNS serve is known only where senders tell.'
          : `The newest looked ${instantText(observations)}, ${before(observations, now)}.`,
    },
    ...apart(review.apart),
    ...(unreadable === 0
      ? []
      : [
          {
            name: 'Not read',
            text: `${count(unreadable, 'stored file')} of reports: damaged, so missing from every figure.`,
          },
        ]),
  ];
}

const APART = {
  unauthenticated: 'without a valid signature',
  foreign: 'for domains not managed here',
  conflict: 'replaced by a later one with the same name',
} as const;

/** Reports that are kept and not counted: shown, because anyone may write to the mailbox. */
function apart(kept: SiteFacts['review']['apart']): readonly Source[] {
  const sums = new Map<keyof typeof APART, number>();
  for (const { reason, reports } of kept) sums.set(reason, (sums.get(reason) ?? 0) + reports);
  const parts = (Object.keys(APART) as (keyof typeof APART)[]).flatMap((reason) => {
    const reports = sums.get(reason) ?? 0;
    return reports === 0 ? [] : [`${number(reports)} ${APART[reason]}`];
  });
  return parts.length === 0 ? [] : [{ name: 'Not counted', text: `${sentence(list(parts))}.` }];
}
