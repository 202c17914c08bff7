import { resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import type { DataResult } from '../../tasks/data-branch.ts';
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
};

export const DATA_COMMAND: Command = {
  name: 'data',
  operands: `<${Object.keys(ACTIONS).join('|')}> [file]`,
  summary: 'the branch that keeps data/ in production: fetch, push, keep small, restore',
  details:
    'On GitHub data/ is a branch of its own. mount puts its newest state into --data; save commits and pushes what changed, ' +
    'joined with what others pushed meanwhile, and nothing when nothing changed; squash makes its history one commit; bundle ' +
    'writes it to a file, and restore pushes it again from there after it was lost. On a machine of your own data/ is just a ' +
    'folder and none of this is needed.',
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
    const tasks = await import('../../tasks/data-branch.ts');
    const result = invocation.dry_run
      ? await tasks.lookAtData(invocation)
      : await action(tasks, invocation, file === undefined ? null : resolve(file));
    const { publishDue } = await import('../../tasks/publish-due.ts');
    return {
      exit: 0,
      json: result,
      outputs: { publish: String(publishDue(invocation.data, invocation.now)) },
      text: `${SAID[result.done]}${result.commit === null ? '' : ` (${result.commit.slice(0, 12)})`}.`,
    };
  },
};
