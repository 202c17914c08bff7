import { resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import type { DataResult } from '../../tasks/data-branch.ts';
import type { StoreOptions } from '../../tasks/data-store.ts';
import type { Command, Invocation } from '../command.ts';

type Action = (
  tasks: typeof import('../../tasks/data-branch.ts'),
  invocation: Invocation,
  file: string | null,
) => Promise<DataResult>;

const ACTIONS: Readonly<Record<string, Action>> = {
  mount: (tasks, invocation) => tasks.mountData(invocation),
  save: (tasks, invocation) => {
    const { message } = invocation.options;
    return tasks.saveData({ ...invocation, message: typeof message === 'string' ? message : 'data: what a run found' });
  },
  squash: (tasks, invocation) => tasks.squashData(invocation),
  restore: (tasks, invocation, file) => tasks.restoreData({ ...invocation, bundle: file }),
  bundle: (tasks, invocation, file) => tasks.bundleData({ ...invocation, file: file ?? resolve('data.bundle') }),
};

const SAID: Readonly<Record<DataResult['done'], string>> = {
  mounted: 'The folder holds the data branch',
  created: 'There is no data branch yet; the first save makes it',
  unchanged: 'Nothing changed',
  saved: 'Pushed to the data branch',
  squashed: 'The history of the data branch is one commit now',
  restored: 'The data branch stands again',
  bundled: 'The data branch is in the file',
  differs: 'The folder holds what the data branch does not',
  unreadable: 'The bucket lets nobody read without POSTERN_DATA_KEY; the folder stays as it is',
};

/** With POSTERN_DATA_URL, an object store is the place; it keeps its own versions, so there is no history to make short. */
const STORE_ACTIONS: Readonly<
  Record<string, (tasks: typeof import('../../tasks/data-store.ts'), options: StoreOptions) => Promise<DataResult>>
> = {
  mount: (tasks, options) => tasks.mountStore(options),
  save: (tasks, options) => tasks.saveStore(options),
  squash: async () => ({ done: 'unchanged', commit: null }),
  bundle: async () => ({ done: 'unchanged', commit: null }),
};

const STORE_SAID: Partial<Readonly<Record<DataResult['done'], string>>> = {
  mounted: 'The folder holds what the bucket holds',
  created: 'The bucket is empty; the first save fills it',
  saved: 'Sent to the bucket',
  differs: 'The folder holds what the bucket does not',
};

export const DATA_COMMAND: Command = {
  name: 'data',
  operands: `<${Object.keys(ACTIONS).join('|')}> [file]`,
  summary: 'the branch that keeps data/ in production: fetch, push, keep small, restore',
  details:
    'On GitHub data/ is a branch of its own. mount puts its newest state into --data; save commits and pushes what changed, ' +
    'joined with what others pushed meanwhile, and nothing when nothing changed; squash makes its history one commit; bundle ' +
    'writes it to a file, and restore pushes it again from there after it was lost, with what runs have found since. With POSTERN_DATA_URL ' +
    '(s3://bucket/prefix?endpoint=https://…&region=…) and POSTERN_DATA_KEY (id:secret) mount and save use a bucket with the S3 ' +
    'API instead; the others have nothing to do there. On a machine of your own data/ is just a folder and none of this is ' +
    'needed.',
  options: [{ name: 'message', value: 'TEXT', summary: 'the message of the commit that save makes' }],
  arity: [1, 2],
  run: async (invocation) => {
    const [name = '', file] = invocation.operands;
    const action = ACTIONS[name];
    if (action === undefined) {
      throw new PosternError('usage', `there is no postern data ${JSON.stringify(name)}`, {
        hint: `one of ${Object.keys(ACTIONS).join(', ')}`,
        exit: 2,
      });
    }
    const url = invocation.environment['POSTERN_DATA_URL'] || null;
    const result =
      url === null
        ? await atBranch(action, invocation, file === undefined ? null : resolve(file))
        : await atStore(name, { ...invocation, url }, invocation.dry_run);
    const [{ publishDue }, { hasTemplateSettings }] = await Promise.all([
      import('../../tasks/publish-due.ts'),
      import('../../tasks/init.ts'),
    ]);
    const said = (url === null ? undefined : STORE_SAID[result.done]) ?? SAID[result.done];
    const commit = result.commit === null ? '' : ` (${result.commit.slice(0, 12)})`;
    const isTemplate = hasTemplateSettings(invocation.root);
    return {
      exit: 0,
      json: result,
      outputs: {
        publish: String(publishDue(invocation.data, invocation.now)),
        ready: String(!isTemplate),
        at: invocation.now,
      },
      text: `${said}${commit}.${isTemplate ? `\n${TEMPLATE}` : ''}`,
    };
  },
};

/** What the workflows do nothing for: an owner's data would begin with mail, policies and months of the example. */
const TEMPLATE =
  'These are the examples of the template: the workflows read, publish, send and keep nothing as long as they stand.\n' +
  '  hint: npx postern init makes the repository yours, docs/guides/ten-minutes.md goes with you; where all else is yours ' +
  'already, take example_clock out of domains/_settings.yaml';

async function atBranch(action: Action, invocation: Invocation, file: string | null): Promise<DataResult> {
  const tasks = await import('../../tasks/data-branch.ts');
  return invocation.dry_run ? tasks.lookAtData(invocation) : action(tasks, invocation, file);
}

async function atStore(name: string, options: StoreOptions, dryRun: boolean): Promise<DataResult> {
  const action = STORE_ACTIONS[name];
  if (action === undefined) {
    throw new PosternError('data-store-versions', `a bucket has no postern data ${name}`, {
      hint: 'switch the versions of the bucket on: they are what brings lost files back',
      exit: 2,
    });
  }
  const tasks = await import('../../tasks/data-store.ts');
  return dryRun ? tasks.lookAtStore(options) : action(tasks, options);
}
