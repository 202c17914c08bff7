import { join, resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import { monthlyText } from '../../core/month/result-text.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { VERSION } from '../version.ts';

/** By operand: each summary has its own task. */
const KINDS: Readonly<Record<string, (invocation: Invocation) => Promise<Outcome>>> = { monthly };

export const DIGEST_COMMAND: Command = {
  name: 'digest',
  operands: `<${Object.keys(KINDS).join('|')}>`,
  summary: 'freezes a month with its report and evidence bundle',
  details:
    'monthly freezes every month that is over and settled (three days after its end), oldest first, or the one that --period ' +
    'names: rows, figures, lists and report under data/months/<month>, closed by a manifest that names the month before. The ' +
    'evidence bundle goes to --out; npx postern verify checks it. A frozen month is never written again: where late reports ' +
    'change its figures, a dated restatement is put beside it.',
  options: [
    { name: 'period', value: 'MONTH', summary: 'the month, such as 2026-10 (default: all that are due)' },
    { name: 'no-pdf', summary: 'only the evidence bundle, even where a Chromium could print the report' },
    { name: 'out', value: 'DIR', summary: 'where bundles go (default: <root>/dist/evidence)' },
  ],
  arity: [1, 1],
  run: async (invocation) => {
    const kind = KINDS[invocation.operands[0] ?? ''];
    if (kind === undefined) {
      throw new PosternError('usage', `there is no digest ${JSON.stringify(invocation.operands[0])}`, {
        hint: `npx postern digest ${Object.keys(KINDS).join(', or npx postern digest ')}`,
        exit: 2,
      });
    }
    return kind(invocation);
  },
};

async function monthly(invocation: Invocation): Promise<Outcome> {
  const { root, data, now, dry_run, environment, progress, options } = invocation;
  const { digestMonthly } = await import('../../tasks/digest-monthly.ts');
  const period = typeof options['period'] === 'string' ? options['period'] : null;
  const out = typeof options['out'] === 'string' ? resolve(options['out']) : join(root, 'dist', 'evidence');
  const pdf = options['no-pdf'] !== true;
  const result = await digestMonthly({
    pdf,
    root,
    data,
    out,
    period,
    now,
    version: VERSION,
    dry_run,
    environment,
    progress,
  });
  return { exit: 0, json: result, text: monthlyText(result, dry_run) };
}
