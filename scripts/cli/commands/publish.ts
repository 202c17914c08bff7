import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { publishExit, publishText } from '../../core/publish/publish-result.ts';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const PUBLISH_COMMAND: Command = {
  name: 'publish',
  operands: '[domain…]',
  summary: 'carries the plan out: policy hosts first, verified, then the ids in DNS',
  details:
    'Makes the plan anew and carries out what is not refused, in the only safe order: claim and body at the policy host, ' +
    'bytes verified by our own fetch on every address, then the id in DNS, verified at every authoritative server. Each ' +
    'step is written to data/policies. What takes time, such as a certificate or a person’s DNS, is listed as waiting: run ' +
    'the command again and it goes on, also after it was killed. Ends with 0 when done or waiting, with 1 when something ' +
    'is refused, with 3 when something failed. docs/hosting.md and docs/dns-providers.md tell what each needs.',
  options: [{ name: 'plan', value: 'CHECKSUM', summary: 'only the plan with this checksum, or the rest of it' }],
  arity: [0, UNLIMITED],
  run: async ({ root, data, now, operands, options, environment, dry_run, progress }) => {
    const { publish } = await import('../../tasks/publish.ts');
    const checksum = typeof options['plan'] === 'string' ? options['plan'] : null;
    const result = await publish({
      root,
      data,
      now,
      domains: operands,
      checksum,
      dryRun: dry_run,
      environment,
      progress,
    });
    // hosting pages-here: whether the workflow has a policy host to deploy.
    const deploy = !dry_run && existsSync(join(root, 'dist', 'policy-host'));
    return {
      exit: publishExit(result),
      json: result,
      text: publishText(result, dry_run),
      outputs: { deploy: String(deploy) },
    };
  },
};
