import type { Serving } from '../tasks/serve.ts';
import type { Outcome } from './command.ts';
import { untilStopped } from './until-stopped.ts';

/** Two addresses, and a run that ends when it is stopped. */
export function servingOutcome(serving: Serving): Outcome {
  const { reports, policies } = serving;
  return {
    exit: 0,
    json: { reports, policies },
    text: `reports   ${reports}\npolicies  ${policies}\nCtrl-C stops.`,
    hold: () => untilStopped(serving.close),
  };
}
