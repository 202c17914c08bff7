import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DomainReports, reportsByDomain } from '../../core/analysis/reports-by-domain.ts';
import { addDays, dayOf, epochMs, type Instant, instantOf } from '../../core/clock.ts';
import type { Settings } from '../../core/config/types.ts';
import { managedTlsa } from '../../core/dane/managed-records.ts';
import { type LiveFacts, nothingSeen } from '../../core/policy/live-facts.ts';
import type { DomainFacts } from '../../core/policy/plan/domain-plan.ts';
import { type DomainPlan, isChange, type Plan } from '../../core/policy/plan/plan.ts';
import type { Looks } from '../../core/policy/rollout/promotion-probes.ts';
import { lostHostsOf } from '../../core/publish/lost-hosts.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import { loadCheckpoint } from '../checkpoint.ts';
import { lookLive } from '../look-live.ts';
import { openObservationStore } from '../open-observation-store.ts';
import { openOutside } from '../open-outside.ts';
import { openReportStore } from '../open-report-store.ts';

export interface EvidenceOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly settings: Settings;
  readonly offline: boolean;
  /** For all domains together. */
  readonly deadlineMs?: number;
  readonly progress: (text: string) => void;
}

/** A fleet up to this size is looked at as a whole; of a larger one what changes, and hosts that a probe saw lost. */
const SMALL_FLEET = 200;
/** Milliseconds for one domain, and for all. */
const DEADLINE_MS = 15_000;
const ALL_DEADLINE_MS = 60_000;
const FLEET_DEADLINE_MS = 600_000;
const REPORT_DAYS = 90;
const OBSERVATION_DAYS = 15;

/** The facts with what DNS, policy hosts, reports and probes tell of the domains the plan is about. */
export async function gatherEvidence(
  plan: Plan,
  facts: readonly DomainFacts[],
  options: EvidenceOptions,
): Promise<readonly DomainFacts[]> {
  // Whether a key is to be changed only probes tell.
  const managed = new Set(facts.flatMap(({ domain, config }) => (config?.dane.managed === true ? [domain] : [])));
  const lost = lostHostsOf(loadCheckpoint(options.data));
  const wanted = new Set<string>(
    plan.domains
      .filter(
        (one) => facts.length <= SMALL_FLEET || isOfInterest(one) || managed.has(one.domain) || lost.has(one.domain),
      )
      .map(({ domain }) => domain),
  );
  return withEvidence(facts, wanted, options);
}

/** The same for every domain that has a file: for tasks that run on a schedule and may take their time. */
export function evidenceOfAll(
  facts: readonly DomainFacts[],
  options: EvidenceOptions,
): Promise<readonly DomainFacts[]> {
  const wanted = new Set<string>(facts.filter(({ config }) => config !== null).map(({ domain }) => domain));
  return withEvidence(facts, wanted, { ...options, deadlineMs: FLEET_DEADLINE_MS });
}

async function withEvidence(
  facts: readonly DomainFacts[],
  wanted: ReadonlySet<string>,
  options: EvidenceOptions,
): Promise<readonly DomainFacts[]> {
  const chosen = facts.filter(({ domain }) => wanted.has(domain)).map(({ domain }) => domain);
  if (chosen.length === 0) return facts;
  const live = options.offline ? new Map<string, LiveFacts>() : await lookAtAll(chosen, options);
  const reports = await readReports(chosen, options);
  const observations = await readObservations(chosen, options);
  return facts.map((one) => {
    if (!wanted.has(one.domain)) return one;
    const { domain, config } = one;
    const seen = observations(domain);
    const tlsa = config === null ? [] : managedTlsa(config, seen ?? [], options.now);
    return { ...one, live: live.get(domain) ?? null, reports: reports(domain), observations: seen, tlsa };
  });
}

function isOfInterest(plan: DomainPlan): boolean {
  return isChange(plan) || plan.state !== plan.target;
}

async function lookAtAll(
  domains: readonly DomainName[],
  options: EvidenceOptions,
): Promise<ReadonlyMap<string, LiveFacts>> {
  const { root, settings, now, progress } = options;
  const outside = await openOutside(root, settings.network, now);
  const end = performance.now() + (options.deadlineMs ?? ALL_DEADLINE_MS);
  const found = new Map<string, LiveFacts>();
  let done = 0;
  try {
    // One question tells whether there is a way out at all: a fleet does not wait for a thousand silences.
    const { status, detail } = await outside.resolver.lookup('com', 'NS');
    if (status === 'timeout' || status === 'unreachable') {
      const why = `the resolver does not answer: ${detail}`;
      return new Map(domains.map((domain) => [domain, nothingSeen(now, why)]));
    }
    await Promise.all(
      domains.map(async (domain) => {
        const deadlineMs = Math.max(1, Math.min(DEADLINE_MS, end - performance.now()));
        found.set(domain, await lookLive(domain, { ...outside, now, deadlineMs }));
        progress(`looked at ${++done} of ${domains.length} domains`);
      }),
    );
  } finally {
    await outside.close();
  }
  return found;
}

/** Null where there is no store yet: then it is not known what reporters would say. */
async function readReports(
  domains: readonly DomainName[],
  { data, now }: EvidenceOptions,
): Promise<(domain: string) => DomainReports | null> {
  if (!existsSync(join(data, 'reports'))) return () => null;
  const store = await openReportStore(data);
  try {
    return reportsByDomain(await store.view({ domains, from: addDays(dayOf(now), 1 - REPORT_DAYS), now }));
  } finally {
    await store.close();
  }
}

/** What probes saw of each domain lately; null where there is no store yet. */
export async function readObservations(
  domains: readonly DomainName[],
  { data, now }: Pick<EvidenceOptions, 'data' | 'now'>,
): Promise<(domain: string) => readonly Looks[] | null> {
  if (!existsSync(join(data, 'observations'))) return () => null;
  const store = await openObservationStore(data);
  try {
    const from = instantOf(epochMs(now) - OBSERVATION_DAYS * 86_400_000);
    const rows = Map.groupBy(await store.history({ domains, from, to: now }), ({ domain }) => domain ?? '');
    return (domain) => rows.get(domain) ?? [];
  } finally {
    await store.close();
  }
}
