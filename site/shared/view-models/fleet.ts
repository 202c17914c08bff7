import { addDays, dayOf, type Instant } from '#scripts/core/clock.ts';
import { distanceWords } from '#scripts/core/day-distance.ts';
import { plainText } from '#scripts/core/plain-text.ts';
import type { DomainReview } from '#scripts/core/review.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import { type Sparkline, sparkline } from '../charts/sparkline.ts';
import { type DomainFacts, type SiteFacts, STANDINGS, type Standing } from './domain-facts.ts';
import { type MarkCell, markCells } from './mark.ts';
import { type Marked, marked } from './marked.ts';
import { modeWords } from './mode.ts';
import type { Redaction } from './redaction.ts';
import { sparkText, trendOf } from './trend.ts';
import { count, inWords, list, longDay, nearDay, number, sentence, successShare, withDays } from './words.ts';

/** Days of the numbers and the line in a row, today included, as the review counts them. */
const ROW_DAYS = 30;

const GROUPS: Readonly<Record<Standing, string>> = {
  urgent: 'Needs someone now',
  minor: 'Something minor is open',
  silent: 'Not known: no figures in 30 days',
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

export interface FleetRow {
  readonly domain: string;
  readonly name: string;
  readonly customer: string | null;
  readonly mark: readonly MarkCell[];
  readonly mode: string;
  /** Since when senders are asked for it, by the ledger; null: not known. */
  readonly since: string | null;
  /** The certificate that ends first; null: no probe has seen one. */
  readonly expiry: {
    readonly day: string;
    readonly left: string;
    readonly over: boolean;
    readonly host: string;
  } | null;
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
    since: modeSince(review, site),
    expiry: soonestExpiry(review, site.now, redact),
    standing: facts.standing,
    more: Math.max(0, open - 1),
    sessions: sessions === null ? null : number(sessions.successful + sessions.failed),
    share: sessions === null ? null : successShare(sessions.successful, sessions.failed),
    policyType: sessions === null || sessions.policy_type === 'sts' ? null : sessions.policy_type,
    spark: trend === null ? null : { ...sparkline(trend), text: sparkText(trend) },
    next: marked(redact.text(withDays(review.next, site.now), 500)),
  };
}

/** The first of the versions in a row that ask for what the newest announced one asks for. */
function modeSince({ versions }: DomainReview, { now }: SiteFacts): string | null {
  const announced = versions.filter(({ announced_at }) => announced_at !== null);
  const other = announced.findIndex(({ mode }) => mode !== announced[0]?.mode);
  const first = announced.at(other < 0 ? -1 : other - 1)?.announced_at ?? null;
  // Ten versions are kept: the oldest of ten in one mode need not be the first.
  if (first === null || (other < 0 && versions.length >= 10)) return null;
  return nearDay(dayOf(first), now);
}

function soonestExpiry({ observations }: DomainReview, now: Instant, redact: Redaction): FleetRow['expiry'] {
  const [first] = observations?.certificates ?? [];
  if (first === undefined) return null;
  const over = first.not_after < now;
  return {
    day: nearDay(dayOf(first.not_after), now),
    left: distanceWords(first.not_after, now),
    over,
    host: redact.text(first.host, 120),
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
    ...calmWords({ calm, agreeing, all: domains.length }),
  ];
  const { last_day } = review.freshness.reports;
  const reach = last_day === null ? 'No verified report has arrived yet.' : `Reports reach to ${longDay(last_day)}.`;
  return `${sentence(count(domains.length, 'domain'))}: ${list(parts)}. ${reach}`;
}

/** Full agreement is more than nothing open: who is counted in both is told once. */
function calmWords({ calm, agreeing, all }: Readonly<Record<'calm' | 'agreeing' | 'all', number>>): readonly string[] {
  const agree = agreeing === 0 ? [] : [`${inWords(agreeing)} ${agreeing === 1 ? 'is' : 'are'} in full agreement`];
  if (calm === 0 || (calm === agreeing && calm < all)) return agree;
  if (calm === all) return ['nothing is open', ...(agreeing === all ? ['all are in full agreement'] : agree)];
  return [calm === 1 ? 'one has nothing open' : `the other ${inWords(calm)} have nothing open`, ...agree];
}
