import type { Command } from '../command.ts';
import { OUT, outOf, PORT, portOf } from '../options.ts';
import { servingOutcome } from '../serving-outcome.ts';
import { VERSION } from '../version.ts';

export const START_COMMAND: Command = {
  name: 'start',
  operands: '',
  summary: 'check, ingest, review, build, and serve the result on localhost',
  details:
    'What npm start does. Reads the configured mailbox folder, builds both sites into --out and serves them until it is ' +
    'stopped. A mailbox that cannot be read is told, and the rest goes on. While the settings carry example_clock, the example is shown as of that moment, with what probes, publishing and ' +
    'alerts would have left in data/ by then and its months frozen, unless --now says otherwise. ' +
    'Ends with 2 before ingesting anything when the configuration has errors.',
  options: [OUT, PORT],
  arity: [0, 0],
  run: async (invocation) => {
    const { start } = await import('../../tasks/start.ts');
    const result = await start({ ...invocation, version: VERSION, out: outOf(invocation), port: portOf(invocation) });
    const { serving, ...json } = result;
    if (serving === null) {
      const errors = result.check.problems.some((problem) => problem.severity === 'error');
      return { exit: errors ? 2 : 0, json, text: '', problems: result.check.problems };
    }
    const { reports, policies } = serving;
    return { ...servingOutcome(serving), json: { ...json, reports, policies }, problems: result.check.problems };
  },
};
