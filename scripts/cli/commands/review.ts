import { isUrgent } from '../../core/finding.ts';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const REVIEW_COMMAND: Command = {
  name: 'review',
  operands: '[domain…]',
  summary: 'findings from configuration and reports, rollout state, freshness of each source',
  details:
    'A function of what was received at or before --now. Changes nothing. Ends with 1 when a finding of severity 1 or 2 is open.',
  options: [],
  arity: [0, UNLIMITED],
  run: async ({ root, data, operands, now }) => {
    const [{ review }, { reviewText }] = await Promise.all([
      import('../../tasks/review.ts'),
      import('../../core/analysis/review-text.ts'),
    ]);
    const result = await review({ root, data, now, domains: operands });

    return { exit: result.findings.some(isUrgent) ? 1 : 0, json: result, text: reviewText(result) };
  },
};
