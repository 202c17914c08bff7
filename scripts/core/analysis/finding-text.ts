import type { DomainConfig } from '../config/types.ts';
import type { Actor, Evidence, FindingSubject } from '../finding.ts';
import { fillPlaceholders, type Placeholders } from '../findings/placeholders.ts';
import type { PlaybookEntry } from '../findings/playbook-entry.ts';
import { plainText } from '../plain-text.ts';
import type { Attribution } from './attribution.ts';
import type { FailureRun } from './failures/failure-run.ts';
import type { ReporterFailure } from './failures/reporter-failures.ts';

/** A finding about failures, in words. */
export interface FindingInWords {
  readonly config: DomainConfig;
  readonly entry: PlaybookEntry;
  readonly subject: Omit<FindingSubject, 'policy_type'>;
  readonly run: FailureRun;
  /** The policy type whose counts are told: counts never add up across policy types (RFC 8460 §4). */
  readonly policyType: string;
  readonly attribution: Attribution;
  /** The configuration declares it a known sender issue. */
  readonly known: boolean;
}

/** One sentence: what is wrong, where, how much, since when. */
export function failureSummary({ entry, subject, run, policyType }: FindingInWords): string {
  const counted = run.failures.filter(({ row }) => row.policy_type === policyType);
  const day = counted.at(-1)?.row.day ?? run.last_seen;
  const onDay = counted.filter(({ row }) => row.day === day);
  const failed = onDay.reduce((sum, one) => sum + one.failed, 0);
  const sessions = onDay.reduce<number | null>(
    (sum, one) => (sum === null || one.sessions === null ? null : sum + one.sessions),
    0,
  );
  const of = sessions === null ? '' : ` of ${number(sessions)}`;
  const since = run.since === day ? '' : `, failing since ${run.since}`;
  const type = entry.rule === 'anomaly-new-failure' ? `, ${plainText(subject.result_type ?? '', 60)},` : '';
  return `${entry.title}${type}${placeOf(subject)}, seen by ${names(run.reporters)}: ${number(failed)}${of} ${policyType} sessions failed on ${day}${since}.`;
}

/** ` on mx1.example.com`, ` at mta-sts.example.com`: what the title is about. */
export function placeOf(subject: Pick<FindingSubject, 'kind' | 'name'>): string {
  switch (subject.kind) {
    case 'mx':
      return ` on ${subject.name}`;
    case 'policy-host':
      return ` at ${subject.name}`;
    default:
      return '';
  }
}

/** What to do, in the imperative, for whoever can act. */
export function failureAction(words: FindingInWords): string {
  const { config, subject, run, known } = words;
  const text = known ? KNOWN_ACTION : `${run.state === 'recovering' ? RECOVERING_ACTION : ''}${actionOfActor(words)}`;
  return fillPlaceholders(text, placeholders(config, subject, names(run.reporters)));
}

function actionOfActor({ entry, subject, run, attribution }: FindingInWords): string {
  switch (attribution.actor) {
    case 'you':
    case 'provider':
      return entry.recommend;
    case 'sender':
      return subject.result_type === null
        ? SENDER_ACTION
        : `${SENDER_ACTION} ${ACCEPT_ACTION} ${issueEntry(run.reporters, subject.result_type)}`;
    case 'unknown':
      return `First make sure. ${entry.confirm} Then: ${entry.recommend}`;
  }
}

const KNOWN_ACTION =
  'Nothing now: {file} declares it a known issue of {reporter}. Take the entry out of `known_sender_issues` when it is solved.';
const RECOVERING_ACTION =
  'Wait: one complete clean day so far, and a second one closes this. If nobody has mended it, do this. ';
const SENDER_ACTION =
  'Change nothing on your side and do not relax the policy: other senders succeeded on the same days. Test the MX hosts once to be sure. Send {reporter} the dates and addresses from the report.';
const ACCEPT_ACTION = 'To accept it for a while, add it to `known_sender_issues` in {file}:';

/** Names a person can act on; several are joined, many are counted. */
export function names(reporters: readonly string[]): string {
  const shown = reporters.slice(0, 3).map((reporter) => plainText(reporter, 60));
  const more = reporters.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? 'nobody');
}

export function placeholders(config: DomainConfig, subject: FindingInWords['subject'], reporter: string): Placeholders {
  const only = config.mx.length === 1 && !config.mx[0]?.startsWith('*') ? config.mx[0] : undefined;
  const mx = subject.kind === 'mx' ? subject.name : (only ?? '<mx host>');
  return { domain: config.domain, mx, reporter, file: plainText(config.file, 300) };
}

function issueEntry(reporters: readonly string[], resultType: string): string {
  const reporter = plainText(reporters[0] ?? '', 100);
  return `\`{reporter: ${JSON.stringify(reporter)}, result_type: ${JSON.stringify(resultType)}, reason: "…", until: "YYYY-MM-DD"}\`.`;
}

/** At most this many reporters are listed, those with most failed sessions. */
const LISTED = 20;

/** Each reporter on its last failing day, then those who were clean. May hold text as a report gave it. */
export function failureEvidence({ run, attribution }: FindingInWords): readonly Evidence[] {
  const last = new Map<string, ReporterFailure>();
  for (const failure of run.failures) last.set(`${failure.row.policy_type} ${failure.row.reporter}`, failure);
  const listed = [...last.values()].sort((a, b) => b.failed - a.failed).slice(0, LISTED);
  const evidence = listed.map(reporterEvidence);
  if (attribution.clean.length === 0) return evidence;
  const text = `On these days without this failure: ${names(attribution.clean)}.`;
  return [...evidence, { kind: 'report', at: run.last_seen, text, ref: null }];
}

function reporterEvidence(failure: ReporterFailure): Evidence {
  const { row, failed, sessions } = failure;
  const name = `${row.reporter.slice(0, 100)}${row.organization_name === null ? '' : ` (${row.organization_name.slice(0, 100)})`}`;
  const of = sessions === null ? ' (the report does not say how many succeeded)' : ` of ${number(sessions)}`;
  const text = `${name}: ${number(failed)}${of} ${row.policy_type} sessions failed.${typesOf(failure)}${reasonsOf(failure)}`;
  return { kind: 'report', at: row.day, text, ref: row.report_sha256[0] ?? null };
}

/** What a rate that no single type explains is made of. */
function typesOf({ rule, row }: ReporterFailure): string {
  if (rule !== 'anomaly-rate') return '';
  const types = row.details.slice(0, 5).map(({ result_type, sessions }) => `${result_type} ${number(sessions)}`);
  return ` ${types.join(', ')}.`;
}

function reasonsOf({ reasons }: ReporterFailure): string {
  if (reasons.length === 0) return '';
  const quoted = [...new Set(reasons)].slice(0, 3).map((reason) => `"${reason.slice(0, 200)}"`);
  return ` Reason given: ${quoted.join(', ')}.`;
}

/** `12,345`, the same in every locale. */
export function number(value: number): string {
  return value.toLocaleString('en');
}

/** Who can act, as a person says it. */
export const ACTOR_WORDS: Readonly<Record<Actor, string>> = {
  you: 'you can act',
  sender: 'the sender can act',
  provider: 'the provider can act',
  unknown: 'who can act is not known',
};
