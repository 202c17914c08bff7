import type { DomainName } from '../../../standards/domain-name.ts';
import { parseMtaStsPolicy, policyStringShows, renderMtaStsPolicy } from '../../../standards/mta-sts-policy.ts';
import type { DomainReports } from '../../analysis/reports-by-domain.ts';
import { dayOf, type Instant } from '../../clock.ts';
import type { DomainConfig, Settings } from '../../config/types.ts';
import type { TlsaPlan } from '../../dane/tlsa-plan.ts';
import { hostTarget } from '../../dns/desired-records.ts';
import { desiredPolicy } from '../desired.ts';
import type { LiveFacts } from '../live-facts.ts';
import { earliestPromotion, inTestingSince, judgePromotion, LEAST_TESTING_DAYS } from '../rollout/promotion.ts';
import type { Looks } from '../rollout/promotion-probes.ts';
import { retirementNotBefore } from '../rollout/retirement.ts';
import { oldPolicyInReport } from '../rollout/sender-cache.ts';
import { isRolledBack, type RolloutState, stateOf, stateOfMode, targetState } from '../rollout/state.ts';
import { adoptedEvents, withAdopted } from '../versions/adopt.ts';
import type { Ledger } from '../versions/ledger.ts';
import { mintVersion } from '../versions/mint.ts';
import { triggersOf } from '../versions/triggers.ts';
import { dnsChangesOf } from './domain-records.ts';
import { factLines } from './fact-lines.ts';
import { hostPlans } from './host-plan.ts';
import type { DomainPlan, PlanDate } from './plan.ts';
import { type Judged, refusalsOf } from './plan-refusals.ts';
import { withOverrides } from './refusal.ts';

/** Everything the plan of one domain rests on. */
export interface DomainFacts {
  readonly domain: DomainName;
  /** Null: there is no file, or it has errors. */
  readonly config: DomainConfig | null;
  /** Errors of the file, `rule` and `message`: what it asks for cannot be known then. */
  readonly problems: readonly { readonly rule: string; readonly message: string }[];
  /** The configuration at the commit compared with; null: there was none, or none was named. */
  readonly base: DomainConfig | null;
  /** The last configuration of a domain whose file is gone: who wrote its DNS and where it was hosted. */
  readonly last: DomainConfig | null;
  readonly ledger: Ledger;
  /** Null: nobody looked. */
  readonly live: LiveFacts | null;
  readonly reports: DomainReports | null;
  readonly observations: readonly Looks[] | null;
  /** What is planned for the TLSA records of each MX host, when DANE is managed. */
  readonly tlsa: readonly TlsaPlan[];
}

export interface PlanContext {
  readonly now: Instant;
  readonly settings: Settings;
  readonly commit: string | null;
  readonly against: string | null;
  readonly repository_owner: string | null;
}

export function planDomain(facts: DomainFacts, context: PlanContext): DomainPlan {
  const judged = judge(facts, context);
  const { domain, config, problems, live } = facts;
  const { now, settings } = context;
  const { ledger, state, target, version, before, after } = judged;
  const lifting = [...(config?.overrides ?? []), ...settings.overrides];
  const { refusals, lifted } = withOverrides(refusalsOf(facts, judged, now, settings), lifting, now);
  const target_host = config === null ? null : hostTarget(config, settings, context.repository_owner);
  return {
    domain,
    file: config?.file ?? null,
    state,
    target,
    rolled_back: isRolledBack(ledger),
    policy: { before, after: problems.length > 0 ? before : after },
    triggers: version?.triggers ?? [],
    version,
    adopt: judged.adopt,
    dns: dnsChangesOf(facts, judged, context, target_host),
    hosts: hostPlans(facts, judged, settings, now, target_host, context.repository_owner),
    dates: [...datesOf(judged, now), ...tlsaDates(facts)],
    facts: live === null && facts.reports === null ? [] : factLines(facts, judged, now),
    refusals,
    lifted,
    notes: notesOf(facts, judged),
  };
}

function judge(facts: DomainFacts, { now, commit, against }: PlanContext): Judged {
  const { config, base, live, problems } = facts;
  const adopt = adoptedEvents(facts.ledger, live);
  const ledger = withAdopted(facts.ledger, adopt);
  const basePolicy = base === null ? null : desiredPolicy(base);
  const baseBody = basePolicy === null ? null : renderMtaStsPolicy(basePolicy);
  const published = ledger.current;
  const before = published?.body ?? baseBody;
  const policy = config === null ? null : desiredPolicy(config);
  const after = policy === null ? null : renderMtaStsPolicy(policy);
  const minted = policy === null ? null : mintVersion(ledger, policy, { now, commit });
  // Compared with another commit, what that one asks for already and nobody published yet is no change of this one.
  const isOld = against !== null && ledger.versions.length === 0 && after === baseBody;
  const relative = minted !== null && published === null && policy !== null && basePolicy !== null;
  const version =
    minted === null || isOld ? null : relative ? { ...minted, triggers: triggersOf(basePolicy, policy) } : minted;
  const tlsRpt = live?.tls_rpt;
  const seenState = stateOf(
    ledger,
    tlsRpt?.known === true && tlsRpt.value.values.some((text) => text.startsWith('v=TLSRPTv1')),
  );
  const state =
    isBlank(seenState) && ledger.ids.size === 0 && basePolicy !== null ? stateOfMode(basePolicy.mode) : seenState;
  // A file with errors asks for nothing that could be known: it stays where it is.
  const target = problems.length > 0 ? state : targetState(config);
  return {
    ledger,
    adopt,
    state,
    target,
    version,
    before,
    after,
    policy,
    before_mx: published?.mx ?? basePolicy?.mx ?? [],
    before_mode: published?.mode ?? basePolicy?.mode ?? null,
    promotion: promotionOf(facts, ledger, state, target, now),
  };
}

function isBlank(state: RolloutState): boolean {
  return state === 'absent' || state === 'reporting';
}

/** Asked when enforce is wanted and not there yet. */
function promotionOf(
  facts: DomainFacts,
  ledger: Ledger,
  state: RolloutState,
  target: RolloutState,
  now: Instant,
): Judged['promotion'] {
  const { config, reports, observations, live } = facts;
  if (config === null || state === 'enforce' || target !== 'enforce') return null;
  return judgePromotion({ now, config, ledger, reports, observations, live });
}

function datesOf({ ledger, state, target }: Judged, now: Instant): readonly PlanDate[] {
  const dates: PlanDate[] = [];
  const since = inTestingSince(ledger);
  const earliest = since === null || target === 'retiring' ? null : earliestPromotion(since);
  if (earliest !== null && earliest > now)
    dates.push({
      at: earliest,
      what: `enforce becomes possible at the earliest: ${LEAST_TESTING_DAYS} days with this body`,
    });
  if (state === 'retiring' || target === 'retiring') {
    const notBefore = retirementNotBefore(ledger);
    if (notBefore !== null) dates.push({ at: notBefore, what: 'every cached policy has expired: the records may go' });
  }
  return dates;
}

/** When the next step of a change of keys is due. */
export function tlsaDates({ tlsa }: Pick<DomainFacts, 'tlsa'>): readonly PlanDate[] {
  return tlsa.flatMap(({ due_at, reason }) => (due_at === null ? [] : [{ at: due_at, what: `TLSA: ${reason}` }]));
}

function notesOf(facts: DomainFacts, judged: Judged): readonly string[] {
  const { config, live } = facts;
  const { ledger, version, adopt, state, target, before_mx, policy } = judged;
  const notes: string[] = [];
  if (adopt.length > 0)
    notes.push(`A policy is in service already (id ${ledger.in_force?.id}): it is taken over as it is.`);
  if (adopt.length > 0 && state === 'enforce' && target === 'testing')
    notes.push('That policy enforces; the file asks for testing, which weakens it. Write mode: enforce to keep it.');
  notes.push(...ledger.damage);
  if (ledger.reused.length > 0) notes.push(`One id stands with two bodies in the ledger: ${ledger.reused.join(', ')}.`);
  const added = (policy?.mx ?? []).filter((pattern) => !before_mx.includes(pattern));
  if (version !== null && before_mx.length > 0 && added.length > 0 && state === 'enforce')
    notes.push(`Give senders 24 hours after publication before DNS names ${added.join(', ')} as MX (RFC 8461 §8.1).`);
  if (version !== null && target === 'retiring' && state !== 'retiring')
    notes.push('The policy host and its certificate must go on working until the last cached policy has expired.');
  notes.push(...oldCopies(facts, ledger));
  for (const { step, reason } of facts.tlsa) if (step === 'swap' || step === 'unknown') notes.push(`TLSA: ${reason}.`);
  if (config?.delegation === 'cname' && live === null) notes.push('The customer’s CNAMEs were not looked at.');
  return notes;
}

/** Reporters that still show an earlier version though its cache has expired: a question for them, no fault here (S32). */
function oldCopies({ reports }: DomainFacts, { versions, in_force }: Ledger): readonly string[] {
  if (reports === null || in_force?.announced_at == null) return [];
  const replaced = dayOf(in_force.announced_at);
  return reports.reporters.flatMap(({ reporter, policy_string: shown, policy_string_day: day }) => {
    if (shown === null || day === null || day <= replaced) return [];
    const version = versions.findLast(({ body }) => showsBody(shown, body));
    if (version === undefined || version.sha256 === in_force.sha256) return [];
    if (oldPolicyInReport({ replaced, max_age: version.max_age, day }) === 'ordinary') return [];
    return [
      `${reporter} still showed version ${version.id} (${version.mode}) on ${day}: its cache should have expired.`,
    ];
  });
}

function showsBody(shown: readonly string[], body: string): boolean {
  const parsed = parseMtaStsPolicy(new TextEncoder().encode(body));
  return parsed.ok && policyStringShows(shown, parsed.value);
}
