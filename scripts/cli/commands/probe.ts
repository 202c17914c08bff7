import { resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import { isBlind, probeText } from '../../core/probe/probe-text.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { SHARD, shardOption, UNLIMITED } from '../options.ts';

export const PROBE_COMMAND: Command = {
  name: 'probe',
  operands: '[domain…]',
  summary: 'observes MX hosts, policy hosts, DNS and DANE from this vantage',
  details:
    'Looks at every MX host on every address, the policy host, and the DNS records, as a sender would; never sends mail. ' +
    'What seems bad is looked at again after network.second_look seconds before it counts. What cannot be seen from here is ' +
    'unknown, with the reason, and no fault of the domain. Rows are stored under data/observations; with --dry-run nothing is. ' +
    'Ends with 3 when nothing at all could be observed. --import brings in rows made elsewhere, one JSON object a line.',
  options: [
    SHARD,
    { name: 'budget', value: 'SECONDS', summary: 'how long the whole run may take' },
    { name: 'import', value: 'FILE', summary: 'store the observations of this .jsonl file instead of looking' },
  ],
  arity: [0, UNLIMITED],
  run: async (invocation) => {
    const { root, data, now, operands, options, dry_run, environment, progress } = invocation;
    const file = options['import'];
    if (typeof file === 'string') return importFile(invocation, resolve(file));
    const { probe } = await import('../../tasks/probe.ts');
    const [shard, budgetSeconds] = [shardOption(invocation), budgetOf(options['budget'])];
    const result = await probe({
      root,
      data,
      now,
      domains: operands,
      shard,
      budgetSeconds,
      dryRun: dry_run,
      environment,
      progress,
    });
    const exit = isBlind(result.observations) ? 3 : 0;
    return { exit, json: result, text: probeText(result, dry_run), problems: result.problems };
  },
};

async function importFile({ root, data, now, operands, options, dry_run }: Invocation, file: string): Promise<Outcome> {
  if (operands.length > 0 || options['shard'] !== undefined || options['budget'] !== undefined)
    throw usage('--import stands alone', 'the rows of the file say which domains they are about');
  const { importObservations } = await import('../../tasks/import-observations.ts');
  const result = await importObservations({ root, data, now, file, dryRun: dry_run });
  const isEmpty = result.observations.length === 0;
  const text = isEmpty ? 'The file holds no observation; nothing was stored.' : probeText(result, dry_run);
  return { exit: 0, json: result, text, problems: result.problems };
}

function budgetOf(text: string | true | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(String(text)) && Number(text) > 0) return Number(text);
  throw usage(`--budget ${JSON.stringify(text)} is no number of seconds`, 'whole seconds, at least 1');
}

function usage(message: string, hint: string): PosternError {
  return new PosternError('usage', message, { hint, exit: 2 });
}
