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
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>>;
}

const root = new URL('..', import.meta.url).pathname;
const files = globSync('.github/workflows/*.yml', { cwd: root });

test('there is a workflow to look at', () => {
  assert.ok(files.length > 0);
});

for (const file of files) {
  const content = readFileSync(`${root}/${file}`, 'utf8');
  const workflow = load(content) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  test(`${file} is what GitHub's own parser accepts`, () => {
    const parsed = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
    assert.deepEqual(
      parsed.context.errors.getErrors().map((error) => error.message),
      [],
    );
  });

  test(`${file} states its permissions, and every job its limit of time`, () => {
    assert.ok(workflow.permissions !== undefined, 'no top-level permissions: the default may write');
    for (const [name, job] of Object.entries(workflow.jobs))
      assert.ok(job['timeout-minutes'], `${name}: no timeout-minutes`);
  });

  test(`${file} pins actions by commit, with the version in a comment`, () => {
    for (const { uses } of steps) {
      if (uses === undefined || uses.startsWith('./')) continue;
      assert.match(uses, /@[0-9a-f]{40}$/);
      assert.match(content, new RegExp(`${uses} # v\\d`), `${uses}: no version beside it`);
    }
  });

  test(`${file} interpolates nothing into a shell`, () => {
    for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/);
  });
}
