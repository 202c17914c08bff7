import { checkText } from '../../core/result-text.ts';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const CHECK_COMMAND: Command = {
  name: 'check',
  operands: '[domain…]',
  summary: 'validates all configuration, offline; with --live also against DNS',
  details:
    'Reads domains/_settings.yaml and every domain file, and tells all problems at once: file, line, column, rule, and what ' +
    'to do. Changes nothing and, without --live, asks no network. Ends with 2 when there is an error, with 0 when there are only ' +
    'warnings. --live also looks at DNS and the policy hosts: where they disagree with a file it ends with 1, and what nobody ' +
    'answers is a warning.',
  options: [{ name: 'live', summary: 'also compare with DNS and the policy hosts' }],
  arity: [0, UNLIMITED],
  run: async ({ root, data, operands, options, now, progress }) => {
    const { check } = await import('../../tasks/check.ts');
    const asked = { root, domains: operands, now };
    const result =
      options['live'] === true
        ? await (await import('../../tasks/check-live.ts')).checkLive({ ...asked, data, progress })
        : await check(asked);
    const errors = result.problems.filter(({ severity }) => severity === 'error');
    const isLive = errors.length > 0 && errors.every(({ rule }) => rule.startsWith('live-'));
    const exit = errors.length === 0 ? 0 : isLive ? 1 : 2;
    return { exit, json: result, text: checkText(result), problems: result.problems };
  },
};
