import { join } from 'node:path';
import { reviewText } from '../core/analysis/review-text.ts';
import type { Instant } from '../core/clock.ts';
import { siteBase } from '../core/config/site-base.ts';
import { PosternError } from '../core/failure.ts';
import { monthlyText } from '../core/month/result-text.ts';
import type { IngestResult } from '../core/reports/ingest-result.ts';
import { buildText, checkText, exampleText, ingestText } from '../core/result-text.ts';
import { sentence } from '../core/sentence.ts';
import { type BuildResult, build } from './build.ts';
import { type CheckResult, check } from './check.ts';
import { digestMonthly } from './digest-monthly.ts';
import { ingest } from './ingest.ts';
import { loadConfiguration } from './load-configuration.ts';
import { type ReviewResult, review } from './review.ts';
import { type Serving, serve } from './serve.ts';
import { type ExampleTaken, takeExample } from './take-example.ts';

/** A person is waiting: the rest of a large mailbox is left for the next time. */
const START_SECONDS = 300;

export interface StartResult {
  readonly check: CheckResult;
  /** From here on null when an earlier step, or a dry run, ended it. */
  readonly ingest: IngestResult | null;
  /** Why the mailbox was not read; null when it was. */
  readonly mailbox_error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
  /** What the example brings beside its mail; null also where there is no example. */
  readonly example: ExampleTaken | null;
  readonly review: ReviewResult | null;
  readonly build: BuildResult | null;
  readonly serving: Serving | null;
}

/**
 * The whole flow once, for a person: check, ingest, review, build, serve. `say` gets each step's result as it comes.
 * The example is shown as of the moment its mail was made for, so that it does not look abandoned a year later.
 */
export async function start(options: {
  readonly root: string;
  readonly data: string;
  readonly out: string;
  readonly port: number;
  readonly now: Instant;
  readonly now_given: boolean;
  readonly dry_run: boolean;
  /** Of Postern, for the months of the example. */
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
  readonly say: (line: string) => void;
}): Promise<StartResult> {
  const { root, data, out, port, progress, say } = options;
  const { settings } = await loadConfiguration(root);
  const pinned = options.now_given ? null : (settings?.example_clock ?? null);
  const now = pinned ?? options.now;
  if (pinned !== null)
    say(
      `The example is shown as of ${pinned} (example_clock in domains/_settings.yaml); ` +
        `\`npx postern review --now ${pinned}\` shows the same day.\n`,
    );

  const checked = await check({ root, domains: [], now });
  say(checkText(checked));
  const none = { ingest: null, mailbox_error: null };
  const nothing = { check: checked, ...none, example: null, review: null, build: null, serving: null };
  if (checked.problems.some((problem) => problem.severity === 'error')) return nothing;

  const read = await readMailbox({ ...options, now });
  if (options.dry_run) return { ...nothing, ...read };

  const example = pinned === null ? null : await liveThroughExample({ ...options, now });

  const reviewed = await review({ root, data, now, domains: [] });
  say(`\n${reviewText(reviewed)}\n`);

  const built = await build({ root, data, out, sites: ['policies', 'reports'], now, dryRun: false, progress });
  say(buildText(built, false));

  const serving = await serve({ out, base: siteBase(settings), port });
  return { check: checked, ...read, example, review: reviewed, build: built, serving };
}

/** What a mailbox that cannot be read is told by; trouble with the store is not among them. */
const MAILBOX_TROUBLE = /^(?:imap|oauth|mailbox|receiver)-/;

/** A mailbox that cannot be read, as one without its password yet, is told, and everything else is shown all the same. */
async function readMailbox(
  options: Pick<Parameters<typeof start>[0], 'root' | 'data' | 'now' | 'dry_run' | 'environment' | 'progress' | 'say'>,
): Promise<Pick<StartResult, 'ingest' | 'mailbox_error'>> {
  const { dry_run: dryRun, say, ...rest } = options;
  try {
    const ingested = await ingest({ ...rest, paths: [], dryRun, budget: START_SECONDS });
    say(ingestText(ingested, dryRun));
    return { ingest: ingested, mailbox_error: null };
  } catch (error) {
    if (!(error instanceof PosternError) || !MAILBOX_TROUBLE.test(error.code)) throw error;
    const { code, message, hint } = error;
    say(`The mailbox was not read (${code}): ${sentence(message)}${hint === null ? '' : ` Hint: ${sentence(hint)}`}\n`);
    return { ingest: null, mailbox_error: { code, message, hint } };
  }
}

/** The example as weeks of operation would have left it: what probes and publishing wrote down, and its months frozen. */
async function liveThroughExample(
  options: Pick<Parameters<typeof start>[0], 'root' | 'data' | 'out' | 'now' | 'version' | 'progress' | 'say'>,
): Promise<ExampleTaken | null> {
  const { root, data, out, now, version, progress, say } = options;
  const taken = await takeExample({ root, data, now });
  if (taken === null) return null;
  say(exampleText(taken));
  // Without credentials: nobody is asked about the pull requests of an example.
  const evidence = { out: join(out, 'evidence'), period: null, pdf: false, dry_run: false, environment: {} };
  say(monthlyText(await digestMonthly({ root, data, now, version, progress, ...evidence }), false));
  return taken;
}
