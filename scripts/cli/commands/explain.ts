import type { Command } from '../command.ts';

export const EXPLAIN_COMMAND: Command = {
  name: 'explain',
  operands: '<rule|result-type>',
  summary: 'the playbook entry: what it means, how to confirm it, what to do',
  details: 'Takes a result type of RFC 8460 §4.3 or a rule id as findings show it. docs/playbook.md holds all of them.',
  options: [],
  arity: [1, 1],
  run: async ({ operands }) => {
    const { explain, explanationText } = await import('../../tasks/explain.ts');
    const entry = explain(operands[0] ?? '');
    return { exit: 0, json: entry, text: explanationText(entry) };
  },
};
