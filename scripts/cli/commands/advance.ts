import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const ADVANCE_COMMAND: Command = {
  name: 'advance',
  operands: '[domain…]',
  summary: 'pull requests for what is due: enforce, rollback, removal, MX drift',
  details:
    'Looks at DNS, reports, probes and the ledger, and opens or refreshes one pull request for each thing that is due; its ' +
    'body is the evidence. One whose reason is gone is closed; one that a person closed stays closed until something else is ' +
    'proposed. Comments and spacing of the YAML stay. Needs GITHUB_TOKEN or a GitHub App, and GITHUB_REPOSITORY; ' +
    'with --dry-run neither.',
  options: [],
  arity: [0, UNLIMITED],
  run: async ({ root, data, now, operands, dry_run: dryRun, environment, progress }) => {
    const [{ advance }, { advanceText }] = await Promise.all([
      import('../../tasks/advance.ts'),
      import('../../core/policy/rollout/advance-text.ts'),
    ]);
    const result = await advance({ root, data, now, domains: operands, dryRun, environment, progress });
    return { exit: 0, json: result, text: advanceText(result) };
  },
};
