import { join, resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import { monthlyText } from '../../core/month/result-text.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { VERSION } from '../version.ts';

/** By operand: each summary has its own task. */
const KINDS: Readonly<Record<string, (invocation: Invocation) => Promise<Outcome>>> = { weekly, monthly };

export const DIGEST_COMMAND: Command = {
  name: 'digest',
  operands: `<${Object.keys(KINDS).join('|')}>`,
  summary: 'the weekly mail; or freezes a month with its report and evidence bundle',
  details:
    'weekly sums up the newest week that is over, or the one that --period names, for each reader: digest.to in the settings ' +
    'reads of every domain, digest in a domain’s file of that one. Each mail is written as .eml to --out and sent once through ' +
    'digest.smtp with POSTERN_SMTP_PASSWORD, however often it runs; with --dry-run it is only written. It ends with 1 when a ' +
    'recipient was refused for good and with 3 when one was put off. ' +
    'monthly freezes every month that is over and settled (three days after its end), oldest first, or the one that --period ' +
    'names: rows, figures, lists and report under data/months/<month>, closed by a manifest that names the month before. The ' +
    'evidence bundle goes to --out; npx postern verify checks it. A frozen month is never written again: where late reports ' +
    'change its figures, a dated restatement is put beside it.',
  options: [
    {
      name: 'period',
      value: 'PERIOD',
      summary: 'a week such as 2026-W47, a month such as 2026-10 (default: what is due)',
    },
    { name: 'no-pdf', summary: 'only the evidence bundle, even where a Chromium could print the report' },
    {
      name: 'out',
      value: 'DIR',
      summary: 'where mails or bundles go (default: <root>/dist/digest, <root>/dist/evidence)',
    },
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

async function weekly(invocation: Invocation): Promise<Outcome> {
  const { root, data, now, dry_run: dryRun, environment, progress, options } = invocation;
  const [{ digestWeekly }, { weeklyResultText }] = await Promise.all([
    import('../../tasks/digest-weekly.ts'),
    import('../../core/digest/result-text.ts'),
  ]);
  const period = typeof options['period'] === 'string' ? options['period'] : null;
  const out = typeof options['out'] === 'string' ? resolve(options['out']) : join(root, 'dist', 'digest');
  const result = await digestWeekly({ root, data, out, period, now, dryRun, environment, progress });
  const exit = result.deferred.length > 0 ? 3 : result.rejected.length > 0 ? 1 : 0;
  return { exit, json: result, text: weeklyResultText(result, dryRun) };
}

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
