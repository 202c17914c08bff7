import { appendFileSync } from 'node:fs';
import { PosternError } from '../core/failure.ts';
import type { Problem } from '../core/problem.ts';
import type { Outcome } from './command.ts';
import { jsonPieces } from './json-pieces.ts';

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
  if (target.json) for (const piece of jsonPieces(outcome.json)) target.out(piece);
  else target.out(outcome.text);
  if (!inActions) return;
  // The runner reads commands from both streams, so with --json they go to stderr and stdout stays one document.
  const lines = (outcome.problems ?? []).map(annotation).join('');
  if (target.json) target.err(lines);
  else target.out(lines);
  const { environment, command } = target;
  if (isFile(environment, 'GITHUB_OUTPUT')) await setOutputs(outcome.outputs ?? {});
  if (isFile(environment, 'GITHUB_STEP_SUMMARY')) await writeSummary(outcome.text, command);
}

/** An error goes to stderr, and with `--json` as the one document to stdout; in Actions it is an annotation and the summary. */
export async function writeFailure(cause: unknown, target: Target & { readonly debug: boolean }): Promise<void> {
  const text = failureText(cause, target.debug);
  target.err(text);
  const error =
    cause instanceof PosternError
      ? { code: cause.code, message: cause.message, hint: cause.hint }
      : { code: 'unexpected', message: cause instanceof Error ? cause.message : String(cause), hint: null };
  if (target.json) target.out(JSON.stringify({ error }));
  if (target.environment['GITHUB_ACTIONS'] !== 'true') return;
  const hint = error.hint === null ? '' : `\nhint: ${error.hint}`;
  target.err(`::error title=${property(error.code)}::${data(`${error.message}${hint}`)}\n`);
  try {
    if (isFile(target.environment, 'GITHUB_STEP_SUMMARY')) await writeSummary(text.trimEnd(), target.command);
  } catch (second) {
    target.err(failureText(second, target.debug));
  }
}

/** Whether the runner named a file to append to. It makes the file; whoever plays the runner may not have. */
function isFile(environment: Target['environment'], name: string): boolean {
  const path = environment[name];
  if (path === undefined || path === '') return false;
  try {
    appendFileSync(path, '');
    return true;
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new PosternError('runner-file', `${name} names ${path}, which cannot be written (${why}).`, {
      hint: 'the runner of Actions sets it: leave it and GITHUB_ACTIONS unset elsewhere',
      exit: 2,
      cause,
    });
  }
}

async function setOutputs(outputs: Readonly<Record<string, string>>): Promise<void> {
  if (Object.keys(outputs).length === 0) return;
  const { setOutput } = await import('@actions/core');
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}

async function writeSummary(whole: string, command: string): Promise<void> {
  const cut = whole.length > SUMMARY_LIMIT;
  // Loaded only here: it brings an HTTP client along, half of the start of every other run.
  const { summary } = await import('@actions/core');
  const text = cut ? `${whole.slice(0, SUMMARY_LIMIT)}\n… cut here; the log holds all of it` : whole;
  await summary
    .addHeading(`postern ${command}`.trimEnd(), 3)
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
function failureText(cause: unknown, debug: boolean): string {
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
