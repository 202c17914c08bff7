import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { load } from 'js-yaml';
import { type Contexts, holds, interpolate, type JobStatus } from './workflow-expressions.ts';

/** What happens to a run at one step: it is cancelled while the step runs, or its machine is gone. */
type Accident = 'cancel' | 'kill';

export interface RunnerWorld {
  /** A bare repository, as `origin`. */
  readonly remote: string;
  /** A folder for jobs, artifacts and logs. */
  readonly folder: string;
  /** `owner/name`. */
  readonly repository: string;
  /** node_modules of the machine. */
  readonly modules: string;
  /** Every step's environment: the clock and the address of GitHub. */
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  /** A token that may do what the job's permissions say. */
  readonly issueToken: (permissions: Readonly<Record<string, string>>) => string;
  /** What `deploy-pages` is given: the unpacked artifact. */
  readonly onDeploy: (folder: string) => void;
  /** What `attest-build-provenance` signs for: file names with their SHA-256. False: this repository has no attestations. */
  readonly onAttest: (subjects: Readonly<Record<string, string>>) => boolean;
}

export interface RunOptions {
  readonly event: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** The commit that runs; by default the newest of main. */
  readonly sha?: string;
  /** A pull request of a fork: no secrets, and a token that reads, whatever the workflow asks for. */
  readonly fromFork?: boolean;
  readonly accident?: (job: string, step: string) => Accident | null;
}

interface StepResult {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'cancelled' | 'skipped';
  /** stdout and stderr together. */
  readonly log: string;
  readonly took: Took;
}

/** Seconds on the clock, and of processors. */
interface Took {
  readonly clock: number;
  readonly processor: number;
}

export interface WorkflowRun {
  readonly id: string;
  readonly jobs: Readonly<
    Record<string, { readonly result: JobStatus | 'skipped'; readonly steps: readonly StepResult[] }>
  >;
  /** Everything that was written, for messages. */
  readonly log: string;
}

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'continue-on-error'?: boolean;
}
interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface JobResult {
  readonly result: JobStatus | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly StepResult[];
}

let runs = 0;

/**
 * Runs one of our workflows as GitHub does, for the part of its language that we use: jobs in the order of `needs`, a matrix,
 * `if` and expressions by GitHub's own evaluator, each job in a fresh checkout, `bash -e`, outputs, artifacts, and a token with
 * the job's permissions. The YAML is that of the commit that runs.
 */
export async function runWorkflow(world: RunnerWorld, name: string, options: RunOptions): Promise<WorkflowRun> {
  const id = String(++runs);
  const sha = options.sha ?? git(world.remote, 'rev-parse', 'refs/heads/main');
  const workflow = load(git(world.remote, 'show', `${sha}:.github/workflows/${name}.yml`)) as Workflow;
  const done = new Map<string, JobResult>();
  for (const [jobName, job] of Object.entries(workflow.jobs)) {
    const needs = Object.fromEntries([job.needs ?? []].flat().map((one) => [one, done.get(one)]));
    done.set(jobName, await runJob({ world, workflow, options, id, sha, jobName, job, needs }));
  }
  const log = [...done].flatMap(([job, { steps }]) =>
    steps.map((step) => `--- ${name} ${job}: ${step.name}: ${step.outcome}\n${step.log}`),
  );
  return { id, jobs: Object.fromEntries(done), log: log.join('\n') };
}

interface JobOf {
  readonly world: RunnerWorld;
  readonly workflow: Workflow;
  readonly options: RunOptions;
  readonly id: string;
  readonly sha: string;
  readonly jobName: string;
  readonly job: Job;
  readonly needs: Readonly<Record<string, JobResult | undefined>>;
}

async function runJob(of: JobOf): Promise<JobResult> {
  const { job, needs, options } = of;
  const results = Object.values(needs).map((one) => one?.result ?? 'skipped');
  const status = results.includes('cancelled')
    ? 'cancelled'
    : results.some((one) => one !== 'success')
      ? 'failure'
      : 'success';
  const base = baseContexts(of);
  if (!holds(job.if, { ...base, needs }, status)) return { result: 'skipped', outputs: {}, steps: [] };
  const legs = matrixOf(job, base);
  const all: JobResult[] = [];
  for (const [index, matrix] of legs.entries()) {
    const strategy = { 'job-index': index, 'job-total': legs.length };
    all.push(await runLeg(of, { ...base, needs, matrix, strategy }));
  }
  const worst =
    (['cancelled', 'failure'] as const).find((bad) => all.some(({ result }) => result === bad)) ?? 'success';
  void options;
  return {
    result: worst,
    outputs: Object.assign({}, ...all.map(({ outputs }) => outputs)),
    steps: all.flatMap(({ steps }) => steps),
  };
}

function baseContexts({ world, options, sha, id }: JobOf): Record<string, unknown> {
  const github = {
    event_name: options.event,
    event: options.payload ?? {},
    sha,
    ref: 'refs/heads/main',
    repository: world.repository,
    run_id: id,
  };
  return { github, vars: world.vars, secrets: options.fromFork === true ? {} : world.secrets };
}

function matrixOf(job: Job, contexts: Contexts): readonly Readonly<Record<string, unknown>>[] {
  const [entry] = Object.entries(job.strategy?.matrix ?? {});
  if (entry === undefined) return [{}];
  return (interpolate(entry[1], contexts) as readonly unknown[]).map((value) => ({ [entry[0]]: value }));
}

async function runLeg(of: JobOf, contexts: Readonly<Record<string, unknown>>): Promise<JobResult> {
  const { world, workflow, options, job, jobName, id } = of;
  const asked = job.permissions ?? workflow.permissions ?? {};
  const permissions =
    options.fromFork === true ? Object.fromEntries(Object.keys(asked).map((area) => [area, 'read'])) : asked;
  const token = world.issueToken(permissions);
  const workspace = mkdtempSync(join(world.folder, 'job-'));
  const temp = mkdtempSync(join(world.folder, 'temp-'));
  const steps: Record<string, { outcome: string; conclusion: string; outputs: Record<string, string> }> = {};
  const results: StepResult[] = [];
  let status: JobStatus = 'success';
  const machine: Machine = { ...of, workspace, temp, permissions, results };
  for (const step of job.steps) {
    const name = step.run ?? step.uses ?? '';
    const now = { ...contexts, steps, runner: { temp }, github: { ...(contexts['github'] as object), token } };
    if (!holds(step.if, now, status)) {
      results.push({ name, outcome: 'skipped', log: '', took: { clock: 0, processor: 0 } });
      if (step.id !== undefined) steps[step.id] = { outcome: 'skipped', conclusion: 'skipped', outputs: {} };
      continue;
    }
    const accident = options.accident?.(jobName, name) ?? null;
    const [clock, processor] = [performance.now(), childrenSeconds()];
    const done = await runStep(step, now, status, machine, accident);
    const took = { clock: (performance.now() - clock) / 1000, processor: childrenSeconds() - processor };
    results.push({ name, outcome: done.outcome, log: done.log, took });
    if (accident === 'kill') return { result: 'failure', outputs: {}, steps: results };
    const forgiven = step['continue-on-error'] === true;
    const conclusion = forgiven ? 'success' : done.outcome;
    if (step.id !== undefined) steps[step.id] = { outcome: done.outcome, conclusion, outputs: done.outputs };
    if (accident === 'cancel') status = 'cancelled';
    else if (conclusion === 'failure' && status === 'success') status = 'failure';
  }
  const now = { ...contexts, steps };
  const outputs = Object.fromEntries(
    Object.entries(job.outputs ?? {}).map(([key, text]) => [key, String(interpolate(text, now))]),
  );
  rmSync(workspace, { recursive: true, force: true });
  void id;
  return { result: status, outputs, steps: results };
}

/** What all processes used that this one started and that have ended (proc(5): cutime and cstime, in hundredths). */
export function childrenSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

interface Machine extends JobOf {
  readonly workspace: string;
  readonly temp: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly results: readonly StepResult[];
}
interface Done {
  readonly outcome: 'success' | 'failure' | 'cancelled';
  readonly log: string;
  readonly outputs: Record<string, string>;
}

async function runStep(
  step: Step,
  contexts: Contexts,
  status: JobStatus,
  machine: Machine,
  accident: Accident | null,
): Promise<Done> {
  if (step.run !== undefined) return runShell(step, contexts, machine, accident);
  const uses = step.uses ?? '';
  const given = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([key, value]) => [key, interpolate(value, contexts)]),
  );
  if (uses.startsWith('./')) return runComposite(uses, machine, { ...contexts, inputs: given }, status, accident);
  try {
    runAction(uses.replace(/@.*$/, ''), given, machine);
    return { outcome: 'success', log: '', outputs: {} };
  } catch (error) {
    return { outcome: 'failure', log: error instanceof Error ? error.message : String(error), outputs: {} };
  }
}

async function runComposite(
  uses: string,
  machine: Machine,
  contexts: Contexts,
  status: JobStatus,
  accident: Accident | null,
): Promise<Done> {
  const action = load(readFileSync(join(machine.workspace, uses, 'action.yml'), 'utf8')) as {
    readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
    readonly runs: { readonly steps: readonly Step[] };
  };
  const steps: Record<string, unknown> = {};
  let log = '';
  for (const step of action.runs.steps) {
    const done = await runStep(step, { ...contexts, steps }, status, machine, accident);
    log += done.log;
    if (step.id !== undefined)
      steps[step.id] = { outcome: done.outcome, conclusion: done.outcome, outputs: done.outputs };
    if (done.outcome !== 'success') return { outcome: done.outcome, log, outputs: {} };
  }
  const outputs = Object.entries(action.outputs ?? {}).map(([key, { value }]) => [
    key,
    String(interpolate(value, { ...contexts, steps })),
  ]);
  return { outcome: 'success', log, outputs: Object.fromEntries(outputs) };
}

async function runShell(step: Step, contexts: Contexts, machine: Machine, accident: Accident | null): Promise<Done> {
  const { world, workspace, temp, options, sha } = machine;
  const script = join(temp, 'step.sh');
  const output = join(temp, `output-${machine.results.length}`);
  writeFileSync(script, String(interpolate(step.run, contexts)));
  writeFileSync(output, '');
  const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, String(interpolate(value, contexts))]);
  const environment: Record<string, string> = {
    PATH: `${tools(world)}:${process.env['PATH']}`,
    HOME: temp,
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: world.repository,
    GITHUB_EVENT_NAME: options.event,
    GITHUB_SHA: sha,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summaryFile(temp),
    RUNNER_TEMP: temp,
    ...world.environment,
    ...Object.fromEntries(own),
  };
  const child = spawn('bash', ['-e', script], {
    cwd: workspace,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += String(text)));
  if (accident !== null) stopSoon(child, accident);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (accident === 'cancel') return { outcome: 'cancelled', log, outputs: {} };
  return { outcome: code === 0 ? 'success' : 'failure', log, outputs: outputsOf(readFileSync(output, 'utf8')) };
}

/** As the runner does: SIGINT first; a machine that is gone says nothing. */
function stopSoon(child: ChildProcess, accident: Accident): void {
  const end = (signal: 'SIGINT' | 'SIGKILL') => {
    if (child.pid === undefined || child.exitCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended by itself.
    }
  };
  setTimeout(() => end(accident === 'cancel' ? 'SIGINT' : 'SIGKILL'), 700);
  setTimeout(() => end('SIGKILL'), 3000).unref();
}

function summaryFile(temp: string): string {
  const file = join(temp, 'summary.md');
  if (!existsSync(file)) writeFileSync(file, '');
  return file;
}

/** `name=value`, and `name<<mark`, lines, `mark`. */
function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, key = '', , value = '', single = '', plain = ''] of text.matchAll(
    /^(?:([^\n=<]+)<<(\S+)\n([\s\S]*?)\n\2|([^\n=<]+)=(.*))$/gm,
  ))
    outputs[key || single] = key === '' ? plain : value;
  return outputs;
}

/** A machine's `npx` that knows the checkout's own command, and Node 24. */
function tools(world: RunnerWorld): string {
  const folder = join(world.folder, 'tools');
  if (!existsSync(folder)) {
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'npx'),
      `#!/bin/sh\nshift\nexec "${process.execPath}" "$GITHUB_WORKSPACE/scripts/postern.ts" "$@"\n`,
      { mode: 0o755 },
    );
    symlinkSync(process.execPath, join(folder, 'node'));
  }
  return folder;
}

function runAction(action: string, given: Readonly<Record<string, unknown>>, machine: Machine): void {
  const { world, workspace, id, sha, permissions } = machine;
  const path = (value: unknown) => (String(value).startsWith('/') ? String(value) : join(workspace, String(value)));
  const artifacts = join(world.folder, 'artifacts');
  switch (action) {
    case 'actions/checkout': {
      git(world.folder, 'clone', '--quiet', `file://${world.remote}`, workspace);
      git(workspace, 'fetch', '--quiet', 'origin', '+refs/pull/*:refs/remotes/pull/*');
      git(workspace, 'checkout', '--quiet', '--detach', String(given['ref'] ?? sha));
      // What the token may not push, the server refuses.
      if (permissions['contents'] !== 'write')
        git(workspace, 'remote', 'set-url', '--push', 'origin', 'file:///forbidden.git');
      symlinkSync(world.modules, join(workspace, 'node_modules'));
      return;
    }
    case 'actions/upload-artifact': {
      const from = path(given['path']);
      if (!existsSync(from)) {
        if (given['if-no-files-found'] === 'ignore') return;
        throw new Error(`no files were found at ${from}`);
      }
      const to = join(artifacts, id, String(given['name']));
      mkdirSync(to, { recursive: true });
      cpSync(from, from.endsWith('.json') ? join(to, from.replace(/^.*\//, '')) : to, { recursive: true });
      return;
    }
    case 'actions/download-artifact': {
      const run = join(artifacts, String(given['run-id'] ?? id));
      const { pattern } = given;
      if (pattern === undefined) {
        const from = join(run, String(given['name']));
        if (!existsSync(from)) throw new Error('Artifact not found');
        cpSync(from, path(given['path']), { recursive: true });
        return;
      }
      if (given['merge-multiple'] !== true) throw new Error('the runner knows several artifacts only merged');
      for (const name of globSync(String(pattern), { cwd: run }))
        cpSync(join(run, name), path(given['path']), { recursive: true });
      return;
    }
    case 'actions/upload-pages-artifact': {
      const to = join(artifacts, id, 'github-pages');
      mkdirSync(to, { recursive: true });
      // The action's own line.
      tar(
        '--dereference',
        '--hard-dereference',
        '--directory',
        path(given['path']),
        '-cf',
        join(to, 'artifact.tar'),
        '--exclude=.git',
        '--exclude=.github',
        '.',
      );
      return;
    }
    case 'actions/deploy-pages': {
      if (permissions['pages'] !== 'write' || permissions['id-token'] !== 'write')
        throw new Error('Resource not accessible by integration');
      const to = mkdtempSync(join(world.folder, 'pages-'));
      tar('-xf', join(artifacts, id, 'github-pages', 'artifact.tar'), '--directory', to);
      world.onDeploy(to);
      return;
    }
    case 'actions/attest-build-provenance': {
      if (permissions['attestations'] !== 'write' || permissions['id-token'] !== 'write')
        throw new Error('Resource not accessible by integration');
      const files = globSync(String(given['subject-path']), { cwd: workspace });
      if (files.length === 0) throw new Error('Could not find subject at path');
      const digest = (file: string) =>
        createHash('sha256')
          .update(readFileSync(join(workspace, file)))
          .digest('hex');
      const subjects = Object.fromEntries(files.map((file) => [basename(file), digest(file)]));
      if (!world.onAttest(subjects)) throw new Error('Feature not available for this repository');
      return;
    }
    default:
      throw new Error(`the runner does not know ${action}`);
  }
}

function tar(...options: readonly string[]): void {
  execFileSync('tar', options, { stdio: ['ignore', 'pipe', 'pipe'] });
}

export function git(root: string, ...words: string[]): string {
  return execFileSync('git', ['-C', root, '-c', 'user.name=Owner', '-c', 'user.email=owner@example.org', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
