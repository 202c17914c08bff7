import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const STATUS_COMMAND: Command = {
  name: 'status',
  operands: '[domain…]',
  summary: 'one screen: is it right, and what happens next',
  details:
    'Mode and version in force, whether file, policy host and DNS agree, MX, certificates, reports, open incidents, and the ' +
    'next step. What nobody has seen is shown as not known, never as fine. A version under way is waiting, with what for, on ' +
    'whom and since when, and bad only when it is overdue: after a day, or a week where a person has to act. Changes ' +
    'nothing. Ends with 1 when something is bad.',
  options: [{ name: 'offline', summary: 'ask no network: what only it can tell is not known' }],
  arity: [0, UNLIMITED],
  run: async ({ root, data, now, operands, options, environment, progress }) => {
    const [{ status }, { statusText }] = await Promise.all([
      import('../../tasks/status.ts'),
      import('../../core/status/status-text.ts'),
    ]);
    const offline = options['offline'] === true;
    const domains = await status({ root, data, now, domains: operands, offline, environment, progress });
    const bad = domains.some(({ light }) => light === 'bad');
    return { exit: bad ? 1 : 0, json: { at: now, domains }, text: statusText(domains) };
  },
};
