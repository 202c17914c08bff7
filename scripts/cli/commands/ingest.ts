import { resolve } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import { ingestText } from '../../core/result-text.ts';
import type { Command, Invocation, Outcome } from '../command.ts';
import { UNLIMITED } from '../options.ts';

/** A daily job has an hour; a first run over years of mail goes on the next day. */
const BUDGET_SECONDS = 1200;

export const INGEST_COMMAND: Command = {
  name: 'ingest',
  operands: '[path…]',
  summary: 'reads new TLS reports from the configured mailbox, or from files and folders',
  details:
    'Takes .eml, .json, .json.gz, .zip, mbox, Maildir and folders of them; what a file is, its content decides. Every report ' +
    'is stored once under data/reports; what cannot be read is kept under data/quarantine with the reason and stops nothing. ' +
    'Mail is believed only with a valid, aligned DKIM signature; report files given by hand are taken at their word. ' +
    'An IMAP mailbox is read from where the last run stood; mail is moved only after it is stored. A run that is cut off, ' +
    'cancelled or out of time loses nothing and counts nothing twice: the next one goes on. ' +
    'Where much is stored, what a review counts is kept under data/counted. ' +
    'With --dry-run everything is read and nothing is written or moved.',
  options: [
    {
      name: 'budget',
      value: 'SECONDS',
      summary: `leave the rest of the mailbox for the next run after so long (default ${BUDGET_SECONDS})`,
    },
    {
      name: 'filed',
      summary: 'also read the filed mail of an IMAP mailbox again, for domains that have become yours',
    },
  ],
  arity: [0, UNLIMITED],
  run: async ({ root, data, operands, options, now, dry_run, environment, progress }) => {
    const { ingest } = await import('../../tasks/ingest.ts');
    const paths = operands.map((path) => resolve(path));
    const asked = {
      root,
      data,
      paths,
      now,
      dryRun: dry_run,
      environment,
      budget: budgetOf(options),
      filed: options['filed'] === true,
      progress,
    };
    try {
      const result = await ingest(asked);
      return { exit: 0, json: result, text: ingestText(result, dry_run) };
    } catch (error) {
      if (environment['GITHUB_ACTIONS'] === 'true' && isUnset(error)) return NO_MAILBOX;
      throw error;
    }
  },
};

/** The settings are sound and name no mailbox. */
function isUnset(error: unknown): boolean {
  return error instanceof PosternError && error.code === 'mailbox-missing';
}

/** A workflow runs each day whether there is a mailbox yet or not: that is no failure, and the checklist asks for one. */
const NO_MAILBOX: Outcome = {
  exit: 0,
  json: { messages: 0, reports: 0, duplicates: 0, conflicts: 0, quarantined: [], warnings: {} },
  text: 'No mailbox is configured yet, so nothing was read.\n  hint: write mailbox into domains/_settings.yaml (docs/mailbox.md)',
};

function budgetOf({ budget }: Invocation['options']): number {
  if (budget === undefined) return BUDGET_SECONDS;
  const seconds = Number(budget);
  if (typeof budget === 'string' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new PosternError('usage', `--budget ${String(budget)} is not a number of seconds`, {
    hint: 'write for example --budget 300',
    exit: 2,
  });
}
