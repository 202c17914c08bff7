import { join } from 'node:path';
import { type Checkpoint, withSection } from '../core/checkpoint.ts';
import type { Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { type DomainPlan, isChange } from '../core/policy/plan/plan.ts';
import { changeOf, recordedApproval } from '../core/policy/rollout/approval.ts';
import { withAdopted } from '../core/policy/versions/adopt.ts';
import { foldLedger, type Ledger } from '../core/policy/versions/ledger.ts';
import type { LedgerEvent, MintedEvent } from '../core/policy/versions/ledger-event.ts';
import { judgeVersion } from '../core/policy/versions/publication.ts';
import { plannedSteps } from '../core/publish/planned-steps.ts';
import { type PublishJob, publishJob } from '../core/publish/publish-job.ts';
import type { Failed, PublishResult, PublishStep, Waiting } from '../core/publish/publish-result.ts';
import { unfinishedOf } from '../core/publish/unfinished.ts';
import { sentence } from '../core/sentence.ts';
import { lockStore } from '../io/store/run-lock.ts';
import type { DomainName } from '../standards/domain-name.ts';
import { loadCheckpoint, recordTaskRun, updateCheckpoint } from './checkpoint.ts';
import { readLedger } from './ledger.ts';
import { makePlan, type PlanResult } from './plan.ts';
import { mergedRequest } from './publish/merged-request.ts';
import { openWorld } from './publish/open-world.ts';
import { publishVersion } from './publish/publish-version.ts';
import { removeDomain } from './publish/remove-domain.ts';
import type { PublishWorld } from './publish/world.ts';

export interface PublishOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly domains: readonly string[];
  /** Only this plan; null: whatever the plan is now. */
  readonly checksum: string | null;
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
  /** The outside; another one for tests. */
  readonly world?: PublishWorld;
}

/**
 * Carries the plan of this moment out, and goes on with what a run before left. A version is minted first, so that it keeps
 * its id through any number of runs; everything after that is looked at before it is done.
 * Throws PosternError as `makePlan` does, and `store-busy` (exit 3) while another publish runs.
 */
export async function publish(options: PublishOptions): Promise<PublishResult> {
  const { data, dryRun } = options;
  if (dryRun) return preview(await planned(options), options);
  const release = lockStore(join(data, 'policies'));
  try {
    return await carryOut(options);
  } finally {
    release();
  }
}

async function carryOut(options: PublishOptions): Promise<PublishResult> {
  const { data, now, progress } = options;
  const found = await planned(options);
  const accepted = acceptedPlan(found, loadCheckpoint(data), options);
  if (accepted.length === 0 && options.checksum !== null && found.plan.checksum !== options.checksum)
    return changedPlan(found, options.checksum);
  const opened = options.world === undefined ? await openWorld({ ...options, ...found }) : null;
  const world = opened ?? (options.world as PublishWorld);
  try {
    const minted = await mint(accepted, found, world, options);
    const jobs = jobsOf(accepted, found, options);
    if (jobs.length > 0) rememberPlan(data, options.checksum ?? found.plan.checksum, now);
    const result = {
      ...nothingDone(found),
      done: [] as DomainName[],
      waiting: [] as Waiting[],
      failed: [...minted.failed],
      exceptions: minted.exceptions,
    };
    for (const [index, job] of jobs.entries()) {
      progress(`publish: ${index + 1} of ${jobs.length}, ${job.domain}`);
      await runJob(job, found, world, result);
    }
    await world.keepFiles();
    if (result.waiting.length + result.failed.length === 0) rememberPlan(data, null, now);
    recordTaskRun(data, 'publish', now, result.failed.length === 0);
    return result;
  } finally {
    await opened?.close();
  }
}

function planned(options: PublishOptions): Promise<PlanResult> {
  return makePlan({ ...options, against: null, offline: false });
}

/** The plan asked for, or the rest of it: once begun, what is minted already is no part of the plan any more. */
function acceptedPlan(
  { plan }: PlanResult,
  checkpoint: Checkpoint,
  { checksum }: PublishOptions,
): readonly DomainPlan[] {
  if (checksum === null || checksum === plan.checksum) return plan.domains;
  return unfinishedOf(checkpoint)?.plan === checksum ? plan.domains.filter(({ version }) => version === null) : [];
}

/**
 * Before anything is published: whatever happens later, the version has its id. One that was used before, or that senders
 * could not read, is never written down, whatever a plan says (rollout rules §6).
 */
async function mint(
  accepted: readonly DomainPlan[],
  { plan, facts }: PlanResult,
  world: PublishWorld,
  { data, environment }: PublishOptions,
): Promise<Pick<PublishResult, 'failed' | 'exceptions'>> {
  const failed: Failed[] = [];
  const exceptions: PublishResult['exceptions'][number][] = [];
  const fresh = accepted.filter(
    ({ refusals, version, adopt }) => refusals.length === 0 && (version !== null || adopt.length > 0),
  );
  if (fresh.length === 0) return { failed, exceptions };
  const request = await mergedRequest(plan.commit, data, environment);
  const rollouts = new Map(facts.map(({ domain, config }) => [domain, config?.rollout ?? null]));
  for (const one of fresh) {
    const { domain, version, adopt } = one;
    const ledger = withAdopted(readLedger(data, domain), adopt);
    const verdict = version === null ? null : judgeVersion(ledger, version, plan.at);
    if (version !== null && verdict?.verdict === 'rejected') {
      const message = `The id ${version.id} may not be announced (${verdict.code}): senders would not look for the new body.`;
      failed.push({ domain, step: 'mint', code: verdict.code, message });
      continue;
    }
    const approval = request === null ? null : recordedApproval(request, changeOf(one, rollouts.get(domain) ?? null));
    const minted: MintedEvent | null =
      version === null || request === null || approval === null
        ? version
        : { ...version, pull_request: request.number, approval };
    world.record(domain, [...adopt, ...(minted === null ? [] : [minted])]);
    if (minted !== null && request !== null && approval?.exception === true)
      exceptions.push({ domain, pull_request: request.number, author: request.author, approvers: request.approvers });
  }
  return { failed, exceptions };
}

function jobsOf(
  accepted: readonly DomainPlan[],
  { facts, settings, plan }: PlanResult,
  { data, environment }: Pick<PublishOptions, 'data' | 'environment'>,
  ledgerOf: (plan: DomainPlan) => Ledger = ({ domain }) => readLedger(data, domain),
): readonly PublishJob[] {
  const known = new Map(facts.map((one) => [one.domain, one]));
  const repository_owner = environment['GITHUB_REPOSITORY']?.split('/')[0] || null;
  return accepted.flatMap((domainPlan) => {
    const of = known.get(domainPlan.domain);
    const isPlain = of === undefined || (of.config === null && of.ledger.versions.length === 0);
    const job = isPlain
      ? null
      : publishJob(domainPlan, of, ledgerOf(domainPlan), { settings, repository_owner, now: plan.at });
    return job === null ? [] : [job];
  });
}

/** One domain's failure stops no other; what is no failure of the outside stops everything. */
async function runJob(
  job: PublishJob,
  { settings }: PlanResult,
  world: PublishWorld,
  result: { readonly done: DomainName[]; readonly waiting: Waiting[]; readonly failed: Failed[] },
): Promise<void> {
  const { domain } = job;
  let step: PublishStep = 'host';
  const at = (next: PublishStep): void => {
    step = next;
  };
  try {
    const standing =
      job.kind === 'publish'
        ? await publishVersion(job, world, at)
        : await removeDomain(job, settings.delegation_zone, world, at);
    if (standing.state === 'done') result.done.push(domain);
    if (standing.state === 'waiting')
      for (const what of standing.for) result.waiting.push({ domain, for: what, since: standing.since });
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    const { code, message, hint } = error;
    // The budget of writes fills up by itself: that is no failure, only time.
    if (code === 'github-write-budget') result.waiting.push({ domain, for: message, since: world.now });
    else
      result.failed.push({
        domain,
        step,
        code,
        message: hint === null ? message : `${sentence(message)} Hint: ${hint}`,
      });
  }
}

function nothingDone({ plan }: PlanResult): PublishResult {
  const refusals = plan.domains.flatMap(({ domain, refusals: own }) => own.map((refusal) => ({ domain, ...refusal })));
  return { checksum: plan.checksum, done: [], waiting: [], refusals, failed: [], exceptions: [], would: [] };
}

function changedPlan(found: PlanResult, checksum: string): PublishResult {
  const reason = `The plan is now ${found.plan.checksum}, not ${checksum.slice(0, 80)}: something changed since. Nothing was done.`;
  return { ...nothingDone(found), refusals: [{ domain: null, code: 'plan-changed', reason, override: null }] };
}

function preview(found: PlanResult, options: PublishOptions): PublishResult {
  const accepted = acceptedPlan(found, loadCheckpoint(options.data), options);
  if (accepted.length === 0 && options.checksum !== null && found.plan.checksum !== options.checksum)
    return changedPlan(found, options.checksum);
  const facts = new Map(found.facts.map((one) => [one.domain, one]));
  const minted = ({ domain, adopt, version }: DomainPlan): Ledger => {
    const stored = facts.get(domain)?.ledger ?? readLedger(options.data, domain);
    const fresh: readonly LedgerEvent[] = [...adopt, ...(version === null ? [] : [version])];
    return fresh.length === 0 ? stored : foldLedger(fresh, [...stored.ids]);
  };
  const jobs = new Map(jobsOf(accepted, found, options, minted).map((job) => [job.domain, job]));
  const would = accepted
    .filter((plan) => plan.refusals.length === 0 && (isChange(plan) || jobs.has(plan.domain)))
    .flatMap((plan) => plannedSteps(plan, jobs.get(plan.domain) ?? null));
  return { ...nothingDone(found), would };
}

/** So that a killed run can be gone on with by the checksum it was started with. */
function rememberPlan(data: string, plan: string | null, now: Instant): void {
  const known = unfinishedOf(loadCheckpoint(data));
  if ((known?.plan ?? null) === plan) return;
  updateCheckpoint(data, (all) => withSection(all, 'publish', plan === null ? { plan } : { plan, since: now }));
}
