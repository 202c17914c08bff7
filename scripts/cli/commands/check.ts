import { checkText } from '../../core/result-text.ts';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const CHECK_COMMAND: Command = {
  name: 'check',
  operands: '[domain…]',
  summary: 'validates all configuration, offline',
  details:
    'Reads domains/_settings.yaml and every domain file, and tells all problems at once: file, line, column, rule, and what ' +
    'to do. Changes nothing and asks no network. Ends with 2 when there is an error, with 0 when there are only warnings.',
  options: [],
  arity: [0, UNLIMITED],
  run: async ({ root, operands, now }) => {
    const { check } = await import('../../tasks/check.ts');
    const result = await check({ root, domains: operands, now });
    const errors = result.problems.some((problem) => problem.severity === 'error');
    return { exit: errors ? 2 : 0, json: result, text: checkText(result), problems: result.problems };
  },
};
