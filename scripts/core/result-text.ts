import { grouped } from './grouped.ts';
import { plainText } from './plain-text.ts';
import type { Problem } from './problem.ts';
import type { CompactResult } from './reports/compact-result.ts';
import type { IngestResult } from './reports/ingest-result.ts';

/** Results of the short commands for a person. `review` has its own file. */

export function checkText(result: {
  readonly problems: readonly Problem[];
  readonly domains: readonly string[];
}): string {
  const { problems, domains } = result;
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const counts = [
    `${count(domains.length, 'domain')} checked`,
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(problems.length > errors ? [count(problems.length - errors, 'warning')] : []),
    ...(problems.length === 0 ? ['no problem'] : []),
  ];
  return [...problems.map(problemText), `${counts.join(', ')}.`].join('\n');
}

/** `domains/example.com.yaml:7:5 pattern-broad: …`, then the hint. */
function problemText(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const rule = problem.severity === 'error' ? problem.rule : `${problem.rule} (warning)`;
  return `${place} ${rule}: ${problem.message}${problem.hint === null ? '' : `\n  hint: ${problem.hint}`}`;
}

export function ingestText(result: IngestResult, dryRun: boolean): string {
  const others = Object.values(result.other).reduce((sum, one) => sum + one, 0);
  const apart = [
    ...(result.duplicates > 0 ? [`${count(result.duplicates, 'duplicate')} not stored again`] : []),
    ...(result.conflicts > 0 ? [`${count(result.conflicts, 'conflict')}: the one received later counts`] : []),
    ...(result.unauthenticated > 0
      ? [`${result.unauthenticated} without a valid signature: stored, never counted`]
      : []),
    ...(result.foreign > 0 ? [`${result.foreign} for domains not managed here: kept apart`] : []),
    ...(result.waiting > 0
      ? [`${result.waiting} wait in the mailbox: the DNS did not answer for their signatures`]
      : []),
    ...(result.remaining > 0 ? [`${result.remaining} left for the next run: the time was up`] : []),
    ...(others > 0 ? [`${others} that are no report (${named(result.other)})`] : []),
  ];
  const repairs = named(result.warnings);
  return [
    `${count(result.messages, 'message')} read, ${count(result.reports, 'new report')} ${dryRun ? 'would be stored (dry run)' : 'stored'}.`,
    ...apart.map((line) => `  ${line}`),
    ...(repairs === '' ? [] : [`  repaired on reading: ${repairs}`, ...repairsByReporter(result)]),
    ...quarantinedLines(result),
    ...result.unreadable.map(damagedLine),
    ...(result.unreadable.length > 0 && result.reports > 0
      ? ['    What they held is stored again where its mail was still there.']
      : []),
  ].join('\n');
}

/** Sources that are named; the others are told by `--json`. */
const QUARANTINED_SHOWN = 20;

function quarantinedLines({ quarantined }: IngestResult): readonly string[] {
  const more = quarantined.length - QUARANTINED_SHOWN;
  return [
    ...quarantined
      .slice(0, QUARANTINED_SHOWN)
      .map(({ source, reason }) => `  quarantined ${plainText(source, 200)}: ${plainText(reason, 200)}`),
    ...(more > 0 ? [`  and ${more} more quarantined: see --json`] : []),
  ];
}

/** A file of the store. */
function damagedLine({ file, message }: IngestResult['unreadable'][number]): string {
  return `  cannot be read: ${plainText(file, 200)}: ${plainText(message, 200)}`;
}

/** Reporters that are named; the others are told by `--json`. */
const REPORTERS_SHOWN = 10;

/** Whose reports had to be repaired, the most often repaired first: what to write to a reporter about. */
function repairsByReporter({ warnings_by_reporter: all }: IngestResult): readonly string[] {
  const sum = (own: Readonly<Record<string, number>>) => Object.values(own).reduce((total, one) => total + one, 0);
  const ranked = Object.entries(all).sort(([a, ofA], [b, ofB]) => sum(ofB) - sum(ofA) || (a < b ? -1 : 1));
  const more = ranked.length - REPORTERS_SHOWN;
  return [
    ...ranked.slice(0, REPORTERS_SHOWN).map(([name, own]) => `    ${plainText(name, 100)}: ${named(own)}`),
    ...(more > 0 ? [`    and of ${count(more, 'more reporter')}: see --json`] : []),
  ];
}

export function releaseText(
  result: {
    readonly published: readonly string[];
    readonly unchanged: readonly string[];
    readonly differs: readonly string[];
    readonly incomplete: readonly string[];
  },
  dryRun: boolean,
): string {
  const { published, unchanged, differs, incomplete } = result;
  const done = dryRun ? 'Would be released (dry run)' : 'Released';
  return [
    published.length === 0 ? 'No month was to be released.' : `${done}: ${published.join(', ')}.`,
    ...(unchanged.length === 0 ? [] : [`  have their release: ${unchanged.join(', ')}`]),
    ...(incomplete.length === 0
      ? []
      : [`  without one, because retention has taken their rows: ${incomplete.join(', ')}`]),
    ...differs.map(
      (period) => `  ${period}: its release is of another manifest than data/months/${period}/manifest.json`,
    ),
  ].join('\n');
}

export function exampleText(taken: {
  readonly observations: number;
  readonly ledgers: number;
  readonly incidents: number;
}): string {
  const { observations, ledgers, incidents } = taken;
  if (observations + ledgers + incidents === 0) return 'Of the example nothing is new.';
  return `Of the example: ${count(observations, 'observation')}, ${count(ledgers, 'ledger')}, ${count(incidents, 'incident')}.`;
}

export function compactText({ months, observations, unreadable }: CompactResult, dryRun: boolean): string {
  const lines = months.map(({ month, merged, derived, late_reports, rows_from, figures_from, rows_deleted }) => {
    const done = [
      ...(merged ? ['one file'] : []),
      ...(derived ? ['daily figures'] : []),
      ...(late_reports > 0 ? [`${count(late_reports, 'report')} came after it was closed`] : []),
      ...(rows_from === null ? [] : [`rows before ${rows_from} deleted${dryRun ? '' : ` (${rows_deleted})`}`]),
      ...(figures_from === null ? [] : [`daily figures before ${figures_from} deleted`]),
    ];
    return `  ${month}: ${done.join(', ')}`;
  });
  const touched = months.length + observations.length;
  return [
    touched === 0 ? 'Nothing to do.' : `${count(months.length, 'month')} ${dryRun ? 'would be put' : 'put'} in order.`,
    ...lines,
    ...(observations.length > 0 ? [`  observations: ${observations.join(', ')}`] : []),
    ...unreadable.map(damagedLine),
  ].join('\n');
}

export function buildText(
  result: { readonly pages: number; readonly files: number; readonly out: string },
  dryRun: boolean,
): string {
  const kept = dryRun ? 'built and thrown away (dry run)' : `in ${result.out}`;
  return `${count(result.pages, 'page')}, ${count(result.files, 'file')} ${kept}.`;
}

function named(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name, number]) => `${plainText(name, 80)} ${number}`)
    .join(', ');
}

function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}
