import { PosternError } from '../../core/failure.ts';
import type { Command, Exit } from '../command.ts';
import { UNLIMITED } from '../options.ts';

const FORMATS = ['text', 'markdown'] as const;

export const PLAN_COMMAND: Command = {
  name: 'plan',
  operands: '[domain…]',
  summary: 'everything publish would do, and what speaks against it',
  details:
    'Compares the configuration with what was published (data/policies) and, with --against, with another commit; looks at ' +
    'DNS and policy hosts as senders see them, at reports and at probes. Without network the plan still stands and says what ' +
    'is not known. Changes nothing. Ends with 1 when something is refused, with 2 when a file has errors. ' +
    'docs/rollout.md lists the refusals and their overrides.',
  options: [
    { name: 'against', value: 'REF', summary: 'a branch, tag or commit to compare with, such as origin/main' },
    { name: 'format', value: 'text|markdown', summary: 'markdown = the comment for a pull request (default: text)' },
    { name: 'offline', summary: 'ask no network: what only it can tell is not known' },
  ],
  arity: [0, UNLIMITED],
  run: async ({ root, data, now, operands, options, environment, progress }) => {
    const format = options['format'] ?? 'text';
    if (!FORMATS.some((known) => known === format)) {
      throw new PosternError('usage', `--format ${JSON.stringify(format)} is not known`, {
        hint: 'text or markdown',
        exit: 2,
      });
    }
    const [{ makePlan }, { planText }, { planMarkdown }] = await Promise.all([
      import('../../tasks/plan.ts'),
      import('../../core/policy/plan/plan-text.ts'),
      import('../../core/policy/plan/plan-markdown.ts'),
    ]);
    const against = typeof options['against'] === 'string' ? options['against'] : null;
    const offline = options['offline'] === true;
    const { plan, problems } = await makePlan({
      root,
      data,
      now,
      domains: operands,
      against,
      offline,
      environment,
      progress,
    });
    const refused = plan.domains.some(({ refusals }) => refusals.length > 0);
    // A file that is broken elsewhere is told as a problem; it does not decide about the domains that were asked for.
    const broken = plan.domains.some(({ refusals }) =>
      refusals.some(({ code }) => code === 'configuration' || code === 'max-age-bounds'),
    );
    const exit: Exit = broken ? 2 : refused ? 1 : 0;
    return { exit, json: plan, text: format === 'markdown' ? planMarkdown(plan) : planText(plan), problems };
  },
};
