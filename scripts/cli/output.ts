import { PosternError } from '../core/failure.ts';
import type { Problem } from '../core/problem.ts';
import type { Outcome } from './command.ts';

/** GitHub refuses a job summary above 1 MiB; a person stops reading long before. */
const SUMMARY_LIMIT = 200_000;

interface Target {
  readonly command: string;
  readonly json: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** stdout is the result: text, or one JSON document. In Actions problems are annotations too, and the result the summary. */
export async function writeOutcome(outcome: Outcome, target: Target): Promise<void> {
  const inActions = target.environment['GITHUB_ACTIONS'] === 'true';
  if (target.json) target.out(JSON.stringify(outcome.json, null, 2));
  else target.out(outcome.text);
  if (!inActions) return;
  // The runner reads commands from both streams, so with --json they go to stderr and stdout stays one document.
  const lines = (outcome.problems ?? []).map(annotation).join('');
  if (target.json) target.err(lines);
  else target.out(lines);
  if (target.environment['GITHUB_OUTPUT'] !== undefined) await setOutputs(outcome.outputs ?? {});
  if (target.environment['GITHUB_STEP_SUMMARY'] !== undefined) await writeSummary(outcome, target.command);
}

async function setOutputs(outputs: Readonly<Record<string, string>>): Promise<void> {
  if (Object.keys(outputs).length === 0) return;
  const { setOutput } = await import('@actions/core');
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}

async function writeSummary(outcome: Outcome, command: string): Promise<void> {
  const cut = outcome.text.length > SUMMARY_LIMIT;
  // Loaded only here: it brings an HTTP client along, half of the start of every other run.
  const { summary } = await import('@actions/core');
  const text = cut ? `${outcome.text.slice(0, SUMMARY_LIMIT)}\n… cut here; the log holds all of it` : outcome.text;
  await summary
    .addHeading(`postern ${command}`, 3)
    .addRaw(`\n${fenced(text)}\n`)
    .write();
}

/** A code block that its content cannot end, whatever it holds. */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}text\n${text}\n${fence}`;
}

/** A problem as a workflow command, so that it stands beside its line in the pull request. */
function annotation(problem: Problem): string {
  const place = [
    `file=${property(problem.file)}`,
    ...(problem.line === null ? [] : [`line=${problem.line}`]),
    ...(problem.column === null ? [] : [`col=${problem.column}`]),
    `title=${property(problem.rule)}`,
  ].join(',');
  const hint = problem.hint === null ? '' : `\nhint: ${problem.hint}`;
  return `::${problem.severity} ${place}::${data(`${problem.message}${hint}`)}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** An error as the house writes it: `postern: code: message`, then what to do; a stack only when asked for. */
export function failureText(cause: unknown, debug: boolean): string {
  const lines: string[] = [];
  if (cause instanceof PosternError) {
    lines.push(`postern: ${cause.code}: ${cause.message}`);
    if (cause.hint !== null) lines.push(`  hint: ${cause.hint}`);
  } else {
    const message = cause instanceof Error ? cause.message : String(cause);
    lines.push(`postern: unexpected: ${message}`);
    if (!debug) lines.push('  hint: this is a defect in Postern; run again with --debug and report what it prints');
  }
  for (let at: unknown = debug ? cause : null; at instanceof Error; at = at.cause) {
    lines.push(at === cause ? (at.stack ?? String(at)) : `caused by: ${at.stack ?? String(at)}`);
  }
  return `${lines.join('\n')}\n`;
}
