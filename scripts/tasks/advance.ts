import type { Instant } from '../core/clock.ts';
import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import { PosternError } from '../core/failure.ts';
import { type DatedStep, dueProposals, type Stalled } from '../core/policy/rollout/advance.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import type { GitHub } from '../io/github/connect.ts';
import { getRepository } from '../io/github/repositories.ts';
import { applyProposal, closeSettled, type ProposalOutcome, type Repository } from './advance/apply-proposal.ts';
import { type ProposedPullRequest, wouldOpen } from './advance/would-open.ts';
import { recordTaskRun } from './checkpoint.ts';
import { openGitHub } from './connect-github.ts';
import { evidenceOfAll } from './plan/evidence.ts';
import { offlineFacts } from './plan/facts.ts';
import { gather } from './review/gather.ts';
import { usableSettings } from './usable-settings.ts';

export interface AdvanceOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly domains: readonly string[];
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}

export interface AdvanceResult {
  readonly pull_requests: readonly (ProposalOutcome | ProposedPullRequest)[];
  /** Longer in testing than it should be, with what stands in the way. */
  readonly stalled: readonly Stalled[];
  /** What no pull request can do, and from when. */
  readonly steps: readonly DatedStep[];
}

/**
 * Turns what is due into pull requests, and closes those whose reason is gone. With `dryRun` it only says what is due.
 * Throws PosternError as reading the configuration and connecting to GitHub do.
 */
export async function advance(options: AdvanceOptions): Promise<AdvanceResult> {
  const { root, data, now, domains, dryRun, environment, progress } = options;
  const entries = readDomainFiles(root, isWanted);
  const configuration = examine(entries, null);
  const settings = usableSettings(configuration);
  const sources = { root, data, entries, configuration, base: null, asked: domains, now };
  const facts = await evidenceOfAll(await offlineFacts(sources), {
    root,
    data,
    now,
    settings,
    offline: false,
    progress,
  });
  const names = facts.filter(({ config }) => config !== null).map(({ domain }) => domain);
  const findings = names.length === 0 ? [] : (await gather({ root, data, now, domains: names })).review.findings;
  const { proposals, stalled, steps } = dueProposals({ now, facts, findings });
  if (dryRun) {
    const textOf = new Map(
      entries.flatMap((one) => ('bytes' in one ? [[`domains/${one.path}`, new TextDecoder().decode(one.bytes)]] : [])),
    );
    return { pull_requests: proposals.map((one) => wouldOpen(one, textOf.get(one.file) ?? '')), stalled, steps };
  }

  // What is not configured did not run: nobody is told later that it is late.
  const github = await openGitHub(data, environment);
  recordTaskRun(data, 'advance', now, false);
  const repository = await openRepository(github);
  const outcomes: ProposalOutcome[] = [];
  for (const proposal of proposals) {
    progress(`${proposal.kind} of ${proposal.domain}`);
    outcomes.push(await applyProposal(proposal, repository));
  }
  outcomes.push(...(await closeSettled(proposals, repository, new Set(names))));
  recordTaskRun(data, 'advance', now, true);
  return { pull_requests: outcomes, stalled, steps };
}

async function openRepository(github: GitHub): Promise<Repository> {
  const repository = await getRepository(github);
  if (repository === null) {
    throw new PosternError(
      'github-not-found',
      'The repository of GITHUB_REPOSITORY is not there, or hidden from this token.',
      {
        hint: 'give the token contents: write and pull-requests: write',
        exit: 2,
      },
    );
  }
  // GitHub starts no workflow for what its own token does.
  const isOwnToken = github.permissions === null && (await github.author()) === 'github-actions[bot]';
  const note =
    'GitHub starts no checks for a pull request of the workflow’s own token: press `Approve workflows to run`, or close and reopen it. With a GitHub App they start by themselves.';
  return { github, base: repository.default_branch, press_note: isOwnToken ? note : null };
}
