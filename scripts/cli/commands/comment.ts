import { resolve } from 'node:path';
import type { Command } from '../command.ts';

export const COMMENT_COMMAND: Command = {
  name: 'comment',
  operands: '<plan.json>',
  summary: 'posts a plan as the one comment of its pull request',
  details:
    'For the trusted workflow that follows a pull request’s own run. Takes what plan --json printed there as data, finds the ' +
    'open pull requests with that newest commit, and creates or updates one comment in each. With --dry-run it prints the ' +
    'comment.',
  options: [{ name: 'head', value: 'SHA', summary: 'the newest commit of the pull request' }],
  arity: [1, 1],
  run: async ({ operands, options, environment, dry_run }) => {
    const { commentPlan } = await import('../../tasks/comment-plan.ts');
    const head = typeof options['head'] === 'string' ? options['head'] : '';
    const { text, ...result } = await commentPlan({ file: resolve(operands[0] ?? ''), head, environment, dry_run });
    const said =
      result.done === 'nothing'
        ? 'No open pull request has this as its newest commit.'
        : `${result.pull_requests.map((number) => `#${number}`).join(', ')}: comment ${result.done}.`;
    return { exit: 0, json: result, text: dry_run ? text : said };
  },
};
