import { PosternError } from '../../core/failure.ts';
import type { Command } from '../command.ts';

export const ADD_COMMAND: Command = {
  name: 'add',
  operands: '<domain>',
  summary: 'looks a domain up and writes its first file',
  details:
    'Reads MX, an existing policy and records, DNSSEC, TLSA and CAA, knows the large mail providers, and writes ' +
    'domains/<domain>.yaml in testing with patterns that cover every MX. A policy that is already enforced is taken over ' +
    'without weakening it. Prints the next steps in order. With --dry-run the file is only shown.',
  options: [
    { name: 'customer', value: 'NAME', summary: 'the folder below domains/ it belongs into' },
    { name: 'mx', value: 'HOST,…', summary: 'these MX hosts instead of those in DNS' },
    {
      name: 'delegation',
      value: 'records|cname',
      summary: 'cname = the customer sets CNAMEs once (default: as they stand)',
    },
  ],
  arity: [1, 1],
  run: async ({ root, now, operands, options, dry_run: dryRun }) => {
    const delegation = options['delegation'] ?? null;
    if (delegation !== null && delegation !== 'records' && delegation !== 'cname')
      throw new PosternError('usage', `--delegation ${JSON.stringify(delegation)} is not known`, {
        hint: 'records or cname',
        exit: 2,
      });
    const [{ add }, { addText, nextSteps }] = await Promise.all([
      import('../../tasks/add.ts'),
      import('../../core/policy/add-text.ts'),
    ]);
    const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null);
    const mx = text('mx')?.split(',') ?? [];
    const added = await add({
      root,
      now,
      domain: operands[0] ?? '',
      customer: text('customer'),
      mx,
      delegation,
      dryRun,
    });
    return { exit: 0, json: { ...added, next: nextSteps(added) }, text: addText(added) };
  },
};
