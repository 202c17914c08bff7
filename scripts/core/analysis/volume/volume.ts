import type { Day, Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { Finding } from '../../finding.ts';
import { fillPlaceholders } from '../../findings/placeholders.ts';
import { entryFor } from '../../findings/playbook.ts';
import type { Ledger } from '../../policy/versions/ledger.ts';
import { names, number, placeholders } from '../finding-text.ts';
import { fingerprint } from '../fingerprint.ts';
import type { DomainReports } from '../reports-by-domain.ts';
import { severityMode, severityOf } from '../severity.ts';
import { lossOfAll } from './loss-of-all.ts';
import {
  type Baseline,
  baselineOf,
  type Collapse,
  LEAST_USUAL,
  middle,
  partOfOthers,
  usualAt,
} from './volume-baseline.ts';
import { LEAST_WORKING_DAYS, VolumeSeries } from './volume-series.ts';
import { volumeStep } from './volume-step.ts';

/** Collapsed: at most this part of the usual number, and less than half of the smallest one of the baseline. */
const COLLAPSED = 0.12;
const BELOW_SMALLEST = 0.5;
/** … and so many standard deviations below, unless it is next to nothing. */
const DEVIATIONS = 5;
const NOTHING = 0.03;
/** A collapse is over after two complete days with at least this part of the usual number. */
const RETURNED = 0.4;
const DAYS_TO_CLOSE = 2;

export interface VolumeFacts {
  readonly config: DomainConfig;
  readonly reports: DomainReports;
  readonly newestComplete: Day;
  readonly ledger: Ledger;
  readonly now: Instant;
}

/**
 * Reporters that still report and count far fewer sessions than before (`anomaly-volume`). Measured against the same
 * reporter's days of the same kind, so weekends are none; against the median, so neither growth nor one large mailing
 * is; against what everybody else counted that day, so a holiday is none; on complete days only, because some reporters send a day in several parts. What falls less deep is told when it lasts
 * (volume-step.ts), or when all reporters show it (loss-of-all.ts). When at least half of the reporters
 * collapse together it is one finding about the domain: the mail goes elsewhere, or does not come in.
 */
export function volumeFindings(facts: VolumeFacts): readonly Finding[] {
  const reporters = facts.reports.reporters.map((record) => new VolumeSeries(record));
  const together = lossOfAll(reporters, facts.newestComplete);
  if (together !== null) return [finding(facts, together, null)];
  const collapses = reporters.flatMap((series) => {
    const collapse = mayHaveCollapsed(series) ? collapseOf(series, reporters, facts.newestComplete) : null;
    return collapse ?? volumeStep(series, facts.newestComplete) ?? [];
  });
  if (collapses.length === 0) return [];
  const measured = reporters.filter(
    ({ volumes }) => volumes.length >= LEAST_WORKING_DAYS && middle(volumes) >= LEAST_USUAL,
  );
  if (collapses.length > 1 && collapses.length * 2 >= measured.length) return [finding(facts, collapses, null)];
  return collapses.map((collapse) => finding(facts, [collapse], collapse.reporter));
}

/** Almost every reporter leaves here: no day of it is so much smaller than its largest one. */
function mayHaveCollapsed({ volumes }: VolumeSeries): boolean {
  if (volumes.length < LEAST_WORKING_DAYS) return false;
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let at = 0; at < volumes.length; at++) {
    const volume = volumes[at] ?? 0;
    if (volume < smallest) smallest = volume;
    if (volume > largest) largest = volume;
  }
  return largest >= LEAST_USUAL && smallest <= COLLAPSED * largest;
}

/** So far below the usual number that neither the smallest day nor the spread of the days explains it. */
function isCollapse(volume: number, baseline: Baseline): boolean {
  const { usual, smallest } = baseline;
  if (volume > COLLAPSED * usual || volume >= BELOW_SMALLEST * smallest) return false;
  return volume <= NOTHING * usual || Math.log((volume + 1) / (usual + 1)) <= -DEVIATIONS * baseline.spread;
}

/** The same baseline of a day on which everybody counts only this part. */
function smaller(baseline: Baseline, part: number): Baseline {
  return { ...baseline, usual: baseline.usual * part, smallest: baseline.smallest * part };
}

/** The collapse that goes on, if there is one. */
function collapseOf(series: VolumeSeries, all: readonly VolumeSeries[], newestComplete: Day): Collapse | null {
  const { reporter, days, numbers, volumes } = series;
  const collapsed = new Set<number>();
  let since: number | null = null;
  let last = 0;
  let usualThen = 0;
  let returned = 0;
  for (const [place, day] of days.entries()) {
    if (day > newestComplete) break;
    const volume = volumes[place] ?? 0;
    const usual = usualAt(series, place, collapsed);
    if (!(usual >= LEAST_USUAL)) continue;
    const baseline = volume > COLLAPSED * usual ? null : baselineOf(series, place, collapsed);
    const isHoliday = (usually: Baseline) =>
      !isCollapse(volume, smaller(usually, partOfOthers(all, reporter, numbers[place] ?? 0)));
    if (baseline !== null && isCollapse(volume, baseline) && !isHoliday(baseline)) {
      collapsed.add(place);
      since ??= place;
      last = place;
      usualThen = usual;
      returned = 0;
    } else if (since !== null && volume < RETURNED * usual) {
      collapsed.add(place);
      last = place;
      returned = 0;
    } else if (since !== null && ++returned >= DAYS_TO_CLOSE) since = null;
  }
  const [first, newest] = [since === null ? undefined : days[since], days[last]];
  if (first === undefined || newest === undefined) return null;
  const state = returned > 0 ? 'recovering' : 'open';
  return { reporter, since: first, last_seen: newest, state, sessions: volumes[last] ?? 0, usual: usualThen };
}

function finding(
  { config, ledger, now }: VolumeFacts,
  collapses: readonly Collapse[],
  reporter: string | null,
): Finding {
  const rule = 'anomaly-volume';
  const entry = entryFor(rule);
  const since = collapses.reduce((first, one) => (one.since < first ? one.since : first), collapses[0]?.since as Day);
  const last_seen = collapses.reduce((last, one) => (one.last_seen > last ? one.last_seen : last), since);
  const actor = reporter === null ? 'unknown' : 'sender';
  const who = names(collapses.map((one) => one.reporter));
  const sessions = collapses.reduce((sum, one) => sum + one.sessions, 0);
  const usual = collapses.reduce((sum, one) => sum + one.usual, 0);
  const subject = {
    kind: reporter === null ? ('domain' as const) : ('reporter' as const),
    name: reporter ?? config.domain,
    mx: null,
    reporter,
    result_type: null,
  };
  return {
    rule,
    domain: config.domain,
    domains: [config.domain],
    subject: { ...subject, policy_type: null },
    severity: severityOf({ entry, mode: severityMode(config, ledger), single: reporter !== null, actor }),
    state: collapses.every(({ state }) => state === 'recovering') ? 'recovering' : 'open',
    since,
    last_seen,
    detected_at: now,
    actor,
    summary: `${entry.title}: ${who} counted ${number(sessions)} on ${last_seen}, where about ${number(Math.round(usual))} are usual.`,
    evidence: collapses.map((one) => ({
      kind: 'report' as const,
      at: one.last_seen,
      text: `${one.reporter.slice(0, 100)}: ${number(one.sessions)} sessions; about ${number(Math.round(one.usual))} on days of this kind before ${one.since}.`,
      ref: null,
    })),
    action: fillPlaceholders(entry.recommend, placeholders(config, subject, who)),
    fingerprint: fingerprint(rule, config.domain, subject),
    incident: null,
  };
}
