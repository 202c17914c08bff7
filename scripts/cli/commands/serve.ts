import { siteBase } from '../../core/config/site-base.ts';
import type { Command } from '../command.ts';
import { OUT, outOf, PORT, portOf } from '../options.ts';
import { servingOutcome } from '../serving-outcome.ts';

export const SERVE_COMMAND: Command = {
  name: 'serve',
  operands: '',
  summary: 'both built sites on localhost',
  details:
    'Serves what build made, on this machine only, until it is stopped. A policy host also answers at its own name with ' +
    '.localhost behind it: http://mta-sts.example.com.localhost:4322/.well-known/mta-sts.txt.',
  options: [OUT, PORT],
  arity: [0, 0],
  run: async (invocation) => {
    const [{ serve }, { loadConfiguration }] = await Promise.all([
      import('../../tasks/serve.ts'),
      import('../../tasks/load-configuration.ts'),
    ]);
    const { settings } = await loadConfiguration(invocation.root);
    return servingOutcome(await serve({ out: outOf(invocation), base: siteBase(settings), port: portOf(invocation) }));
  },
};
