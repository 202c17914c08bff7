import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { load } from 'js-yaml';

// GitHub's parser is published for bundlers: it imports JSON without saying so, and Node wants it said.
const hooks = registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
hooks.deregister();

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<
    Record<string, { readonly types?: readonly string[] } | readonly { readonly cron: string }[] | null>
  >;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, string | boolean>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = new URL('..', import.meta.url).pathname;
const files = globSync('.github/workflows/*.yml', { cwd: root }).sort();

/** What a job may do at most, by workflow: a wider one is a decision, and is made here. */
const MOST_PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  'comment comment': ['actions: read', 'contents: read', 'pull-requests: write'],
  'daily build': ['contents: read'],
  'daily daily': ['contents: write', 'issues: write', 'pages: read', 'pull-requests: write'],
  'daily deploy': ['id-token: write', 'pages: write'],
  'daily join': ['contents: read', 'pages: read'],
  'hourly deploy': ['id-token: write', 'pages: write'],
  'hourly alert': ['contents: write', 'issues: write'],
  'hourly probe': ['contents: write', 'issues: write'],
  'hourly publish': ['contents: write', 'pages: write', 'pull-requests: read'],
  'monthly attest': ['attestations: write', 'id-token: write'],
  'monthly monthly': ['checks: read', 'contents: write', 'pull-requests: read'],
  'publish announce': ['contents: write', 'pages: write', 'pull-requests: read'],
  'publish deploy': ['id-token: write', 'pages: write'],
  'publish publish': ['contents: write', 'pages: write', 'pull-requests: read'],
  'pull-request plan': ['contents: read'],
  'tests laboratory': ['contents: read'],
  'tests tests': ['contents: read'],
  'upgrade upgrade': ['contents: write', 'pull-requests: write'],
  'weekly weekly': ['contents: write'],
};
/** Triggers whose run may hold what a stranger wrote. */
const OPEN_TO_STRANGERS = ['pull_request', 'issues', 'issue_comment', 'discussion', 'fork', 'watch'];
/** Actions that put something shared between runs on the machine. */
const CACHES = /actions\/cache|setup-node|setup-go|setup-python/;

test('there is a workflow to look at', () => {
  assert.ok(files.length > 0);
});

for (const file of files) {
  const content = readFileSync(`${root}/${file}`, 'utf8');
  const workflow = load(content) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);
  const name = file.replace(/^.*\/|\.yml$/g, '');

  test(`${file} is what GitHub's own parser accepts`, () => {
    const parsed = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
    assert.deepEqual(
      parsed.context.errors.getErrors().map((error) => error.message),
      [],
    );
  });

  test(`${file} may do no more than is decided, and every job has its limit of time`, () => {
    assert.ok(workflow.permissions !== undefined, 'no top-level permissions: the default may write');
    for (const [job, { permissions: own, 'timeout-minutes': minutes = 0 }] of jobs) {
      const asked: string[] = Object.entries(own ?? workflow.permissions).map(([area, level]) => `${area}: ${level}`);
      assert.deepEqual(asked.sort(), MOST_PERMISSIONS[`${name} ${job}`], job);
      assert.ok(minutes > 0 && minutes <= 60, `${job}: timeout-minutes`);
    }
  });

  test(`${file} pins actions by commit, with the version in a comment`, () => {
    for (const { uses } of steps) {
      if (uses === undefined || uses.startsWith('./')) continue;
      assert.match(uses, /@[0-9a-f]{40}$/);
      assert.match(content, new RegExp(`${uses} # v\\d`), `${uses}: no version beside it`);
    }
  });

  test(`${file} interpolates nothing into a shell, and each step is one command`, () => {
    for (const { run, uses } of steps) {
      assert.doesNotMatch(run ?? '', /\$\{\{/);
      if (name !== 'tests' && run !== undefined) assert.match(run, /^(npx postern|npm sbom) [^;&|\n]+$/);
      assert.doesNotMatch(uses ?? '', CACHES, 'a cache could carry something from an untrusted run to a trusted one');
    }
  });

  test(`${file} runs no code of ours where GitHub would sign for it`, () => {
    for (const [job, { permissions = {}, steps: all }] of jobs)
      if ('id-token' in permissions)
        for (const { run, uses = './' } of all)
          assert.ok(run === undefined && !uses.startsWith('./') && !uses.startsWith('actions/checkout'), job);
  });

  test(`${file} gives secrets to single steps, and none to a run that strangers start`, () => {
    const bare = JSON.stringify({ ...workflow, jobs: jobs.map(([, job]) => ({ ...job, steps: [] })) });
    assert.doesNotMatch(bare, /secrets\.|github\.token/);
    assert.doesNotMatch(content, /secrets: inherit|toJSON\(secrets/);
    assert.ok(!('pull_request_target' in workflow.on));
    if (!OPEN_TO_STRANGERS.some((event) => event in workflow.on)) return;
    assert.doesNotMatch(content, /secrets\.|github\.token/);
    for (const [, { permissions = workflow.permissions }] of jobs)
      assert.deepEqual(new Set(Object.values(permissions ?? {})), new Set(['read']));
  });

  test(`${file} runs at an odd minute, and publish on no schedule at all`, () => {
    const schedule = (workflow.on['schedule'] ?? []) as readonly { readonly cron: string }[];
    if (name === 'publish') assert.deepEqual(schedule, []);
    for (const { cron } of schedule) {
      const minute = Number(cron.split(' ')[0]);
      assert.ok(minute % 2 === 1 && ![1, 15, 31, 45, 59].includes(minute), `${cron}: everybody's minute`);
    }
  });

  const saves = steps.some(({ run }) => run?.startsWith('npx postern data save'));
  test(`${file} loses nothing of data/, whichever way the run ends`, { skip: !saves && 'it saves nothing' }, () => {
    assert.deepEqual(workflow.concurrency, { group: 'postern-data', 'cancel-in-progress': false, queue: 'max' });
    for (const [job, { steps: all, permissions = {} }] of jobs) {
      const mount = all.findIndex(({ uses }) => uses === './.github/actions/data');
      if (mount < 0) continue;
      const commands = all.slice(mount + 1).filter(({ run }) => run !== undefined);
      assert.equal(all[mount]?.id, 'data', job);
      // A job that may write nothing has nothing to save.
      const isSaved = commands.some(({ run }) => run?.startsWith('npx postern data save'));
      assert.equal(isSaved, permissions['contents'] === 'write', `${job}: what is written is saved`);
      for (const { run = '', if: when = 'success()' } of commands) {
        // A cancelled run keeps what it has; a run without the branch's files, or with the template's examples, must judge
        // and write nothing. Only the list of what is left to do looks at examples, too.
        if (run.startsWith('npx postern data save'))
          assert.match(when, /^\$\{\{ always\(\) && steps\.data\.outputs\.ready == 'true' \}\}$/, run);
        else if (run === 'npx postern init --checklist') assert.match(when, /steps\.data\.outcome == 'success'/, run);
        else assert.match(when, /steps\.data\.outputs\.ready == 'true'/, run);
      }
    }
  });

  test(`${file} refers only to steps, jobs and outputs that are there`, () => {
    for (const [job, { steps: all, needs = [] }] of jobs) {
      const ids = new Set(all.map(({ id }) => id));
      const before = new Set([needs].flat());
      const text = JSON.stringify(workflow.jobs[job]);
      for (const [, id = ''] of text.matchAll(/\bsteps\.([\w-]+)/g)) assert.ok(ids.has(id), `${job}: step ${id}`);
      for (const [, id = ''] of text.matchAll(/\bneeds\.([\w-]+)/g)) assert.ok(before.has(id), `${job}: job ${id}`);
      for (const [, id = '', output = ''] of text.matchAll(/\bneeds\.([\w-]+)\.outputs\.([\w-]+)/g))
        assert.ok(workflow.jobs[id]?.outputs?.[output], `${job}: ${id} has no output ${output}`);
    }
  });
}

test('whoever comes by the first workflow is data to the second one', () => {
  const comment = load(readFileSync(`${root}/.github/workflows/comment.yml`, 'utf8')) as Workflow;
  const all = comment.jobs['comment']?.steps ?? [];
  const checkout = all.find(({ uses }) => uses?.startsWith('actions/checkout'));
  assert.deepEqual(checkout?.with, { 'persist-credentials': false }, 'the default branch, without credentials');
  const download = all.find(({ uses }) => uses?.startsWith('actions/download-artifact'));
  assert.match(String(download?.with?.['path']), /runner\.temp/, 'outside the checkout, where nothing runs it');
});

test('the setup installs from the lockfile alone', () => {
  const action = readFileSync(`${root}/.github/actions/setup/action.yml`, 'utf8');
  assert.match(action, /run: node scripts\/ensure\.mjs --omit=dev\n/);
  assert.doesNotMatch(action, CACHES);
});

test('every step that reads or writes data/ is told where it lies', () => {
  for (const file of files) {
    const { jobs } = load(readFileSync(`${root}/${file}`, 'utf8')) as Workflow;
    const strangers = file.endsWith('/pull-request.yml');
    for (const step of Object.values(jobs).flatMap(({ steps }) => steps)) {
      if (step.uses === './.github/actions/data')
        assert.deepEqual(
          step.with,
          {
            url: `\${{ vars.POSTERN_DATA_URL }}`,
            ...(strangers ? {} : { key: `\${{ secrets.POSTERN_DATA_KEY }}` }),
          },
          file,
        );
      if (step.run?.startsWith('npx postern data'))
        assert.equal(step.env?.['POSTERN_DATA_URL'], `\${{ vars.POSTERN_DATA_URL }}`, `${file}: ${step.run}`);
      if (step.run?.startsWith('npx postern data save'))
        assert.equal(step.env?.['POSTERN_DATA_KEY'], `\${{ secrets.POSTERN_DATA_KEY }}`, `${file}: ${step.run}`);
    }
  }
});

test('every secret that a command asks for reaches a workflow', () => {
  const sources = globSync('scripts/**/*.ts', { cwd: root }).map((file) => readFileSync(`${root}/${file}`, 'utf8'));
  const asked = new Set(
    sources
      .join('\n')
      .match(/\b(?:POSTERN_\w+_(?:PASSWORD|TOKEN|SECRET|KEY|URL)|(?:DESEC|HCLOUD|CLOUDFLARE_API)_TOKEN)\b/g),
  );
  // The receiver runs on a machine of one's own.
  asked.delete('POSTERN_RECEIVER_TOKEN');
  // Where data/ lies is no secret, but a variable.
  assert.ok(asked.delete('POSTERN_DATA_URL'));
  const workflows = files.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n');
  assert.ok(asked.size > 8);
  for (const name of asked) assert.ok(workflows.includes(`${name}: \${{ secrets.${name} }}`), name);
});
