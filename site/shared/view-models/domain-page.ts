import { plainText } from '#scripts/core/plain-text.ts';
import { desiredPolicy } from '#scripts/core/policy/desired.ts';
import { type Ledger, NO_LEDGER } from '#scripts/core/policy/versions/ledger.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import { policyTypesOf } from '#scripts/core/reports/policy-types.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import { renderMtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import type { DomainFacts, SiteFacts } from './domain-facts.ts';
import { type FailureTables, failureTables } from './failures.ts';
import { type FindingView, findingView } from './findings.ts';
import { type IncidentView, incidentView } from './incidents.ts';
import { type MarkCell, markCells } from './mark.ts';
import { type Marked, marked } from './marked.ts';
import { modeWords } from './mode.ts';
import { type Observed, observed, observedSentence } from './observed.ts';
import { type PropagationRow, propagationRows, type VersionRow, versionRows } from './policy-history.ts';
import type { Redaction } from './redaction.ts';
import { type ReporterRow, reporterRows } from './reporters.ts';
import { type TimeLane, timeLanes } from './time-lanes.ts';
import { type Trend, trendOf } from './trend.ts';
import { count, duration, list, longDay, number, successShare, withDays } from './words.ts';

export interface DomainPage {
  readonly domain: string;
  readonly name: string;
  readonly customer: string | null;
  readonly mode: string;
  /** What is true. */
  readonly truth: string;
  /** What happens next. */
  readonly next: readonly Marked[];
  readonly mark: readonly MarkCell[];
  readonly open: readonly FindingView[];
  readonly recovering: readonly FindingView[];
  readonly filtered: readonly FindingView[];
  /** What still stands between testing and enforce, or retiring and removal. */
  readonly blocked: readonly (readonly Marked[])[];
  /** The type that speaks for the domain; null without any report. */
  readonly trend: Trend | null;
  readonly others: readonly Trend[];
  readonly failures: readonly FailureTables[];
  readonly traced: readonly TracedReport[];
  readonly moreTraced: number;
  readonly reporters: readonly ReporterRow[];
  readonly policy: PolicyView;
  readonly lanes: readonly TimeLane[];
  readonly versions: readonly VersionRow[];
  readonly moreVersions: number;
  readonly propagation: readonly PropagationRow[];
  readonly observed: Observed;
  readonly observedSentence: string | null;
  /** Null unless the domain is on its way to enforce. */
  readonly rollout: { readonly clean: number; readonly needed: number } | null;
  /** Null: nothing keeps incidents here. */
  readonly incidents: readonly IncidentView[] | null;
}

/** What the domain published, and what probes saw of it. */
export interface Seen {
  readonly ledger: Ledger;
  readonly spans: readonly ObservationSpan[];
}
const NOTHING_SEEN: Seen = { ledger: NO_LEDGER, spans: [] };

export interface PolicyView {
  readonly url: string;
  readonly text: string;
  readonly remembered: string;
}

/** A report with failures that the figures are made of. */
export interface TracedReport {
  readonly day: string;
  readonly reporter: string;
  readonly policy_type: string;
  readonly failed: string;
  readonly sha256: string;
}

/** Reports listed by hash on one page; all of them are in the Parquet files. */
const MAX_TRACED = 40;

export function domainPage(
  facts: DomainFacts,
  site: SiteFacts,
  redact: Redaction,
  seen: Seen = NOTHING_SEEN,
): DomainPage {
  const { config, review, reports, findings, rollout } = facts;
  const policy = desiredPolicy(config);
  const leading = review.sessions?.policy_type ?? null;
  const trends = policyTypesOf(reports.daily).map((type) => trendOf(type, reports.daily, site.days));
  const ofState = (state: string) =>
    findings.filter((one) => one.state === state).map((one) => withDaysIn(findingView(one, reports, redact), site));
  const say = (text: string) => redact.text(withDays(text, site.now), 500);
  const traced = tracedReports(facts, redact);
  const shown = observed(seen.spans, site.now, redact);
  const versions = versionRows(seen.ledger);
  return {
    domain: config.domain,
    name: displayDomainName(config.domain),
    customer: config.customer === null ? null : plainText(config.customer, 60),
    mode: modeWords(review.state).name,
    truth: truth(facts),
    next: marked(say(review.next)),
    mark: markCells(review.agreement).map((cell) => ({ ...cell, why: say(cell.why) })),
    open: ofState('open'),
    recovering: ofState('recovering'),
    filtered: ofState('filtered'),
    blocked: (rollout?.blocked_by ?? []).map((reason) => marked(say(reason))),
    trend: trends.find(({ policy_type }) => policy_type === leading) ?? null,
    others: trends.filter(({ policy_type }) => policy_type !== leading),
    failures: failureTables(reports, redact),
    traced: traced.slice(0, MAX_TRACED),
    moreTraced: Math.max(0, traced.length - MAX_TRACED),
    reporters: reporterRows(reports.reporters, policy, site.now, redact),
    policy: {
      url: `https://mta-sts.${config.domain}/.well-known/mta-sts.txt`,
      text: renderMtaStsPolicy(policy).replaceAll('\r\n', '\n'),
      remembered: duration(policy.max_age),
    },
    lanes: timeLanes(facts, site, redact, seen),
    versions,
    moreVersions: seen.ledger.versions.length - versions.length,
    propagation: propagationRows(reports.reporters, seen.ledger, redact),
    observed: shown,
    observedSentence: observedSentence(shown),
    rollout:
      rollout === null || rollout.state !== 'testing' ? null : { clean: rollout.clean_days, needed: rollout.needed },
    incidents: facts.incidents?.map((one) => incidentView(one, site.now, redact)) ?? null,
  };
}

/** What is true of the domain now, in a sentence or two. */
function truth({ review, findings }: DomainFacts): string {
  const { sessions } = review;
  const open = findings.filter(({ state }) => state === 'open').length;
  const counted = sessions === null ? null : successShare(sessions.successful, sessions.failed);
  const told =
    sessions === null || counted === null
      ? 'No report of the last 30 days counts a session.'
      : `In 30 days reports count ${count(sessions.successful + sessions.failed, 'session')}${sessions.policy_type === 'sts' ? ' under the policy' : ` under ${sessions.policy_type}`}; ${sessions.failed === 0 ? 'none failed' : `${counted} succeeded`}.`;
  const standing = open === 0 ? '' : ` ${count(open, 'finding is', 'findings are')} open.`;
  return `${modeWords(review.state).means} ${told}${standing}`;
}

function withDaysIn(finding: FindingView, { now }: SiteFacts): FindingView {
  return { ...finding, summary: withDays(finding.summary, now) };
}

function tracedReports({ reports }: DomainFacts, redact: Redaction): readonly TracedReport[] {
  return reports.failing
    .flatMap((row) =>
      row.report_sha256.map((sha256) => ({
        day: longDay(row.day),
        reporter: redact.text(row.reporter, 80),
        policy_type: plainText(row.policy_type, 40),
        failed: number(row.failed),
        sha256,
      })),
    )
    .reverse();
}

/** The page's description for search engines and shared links. */
export function description({ name, mode, mark }: DomainPage): string {
  return `${name}, mode ${mode}: ${list(mark.map(({ label, word }) => `${label} ${word}`))}.`;
}
