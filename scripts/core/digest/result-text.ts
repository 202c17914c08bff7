import { plainText } from '../plain-text.ts';

interface WeeklyOutcome {
  readonly period: string;
  readonly files: readonly string[];
  readonly sent: readonly string[];
  readonly already: readonly string[];
  readonly rejected: readonly { readonly to: string; readonly response: string }[];
  readonly deferred: readonly { readonly to: string; readonly response: string }[];
  readonly unsent: string | null;
}

/** The result of `digest weekly` for a person. */
export function weeklyResultText(outcome: WeeklyOutcome, dryRun: boolean): string {
  const { period, files, sent, already, rejected, deferred, unsent } = outcome;
  const told = (word: string, list: WeeklyOutcome['rejected']) =>
    list.map(({ to, response }) => `${word}: ${to}: ${plainText(response, 300)}`);
  const done = dryRun
    ? 'nothing sent (dry run)'
    : unsent === null
      ? `sent to ${sent.length}`
      : `nothing sent: ${unsent}`;
  return [
    `${period}: ${files.length} ${files.length === 1 ? 'message' : 'messages'} written, ${done}.`,
    ...(already.length === 0 ? [] : [`sent before: ${already.join(', ')}`]),
    ...told('rejected for good', rejected),
    ...told('put off, the next run tries again', deferred),
    ...files.map((file) => `  ${plainText(file, 300)}`),
  ].join('\n');
}
