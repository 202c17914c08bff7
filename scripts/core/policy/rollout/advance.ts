import type { DomainName } from '../../../standards/domain-name.ts';
import { newestCompleteDay } from '../../analysis/complete-days.ts';
import type { DomainReports } from '../../analysis/reports-by-domain.ts';
import { epochMs, type Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import type { Edit } from '../../config/yaml/edit.ts';
import type { Evidence, Finding } from '../../finding.ts';
import { usedNextKeys } from '../next-keys.ts';
import { type DomainFacts, tlsaDates } from '../plan/domain-plan.ts';
import { approvalsNeeded } from './approval.ts';
import { longerMaxAge } from './max-age-ladder.ts';
import { driftHosts, driftProposal } from './mx-drift.ts';
import { narrowing } from './mx-narrowing.ts';
import { judgePromotion, LEAST_TESTING_DAYS, type Promotion } from './promotion.ts';
import type { Proposal } from './proposal.ts';
import { retirementNotBefore } from './retirement.ts';
import { stateOf } from './state.ts';

/** Share of failed sessions of a reporter, and reporters that see it, from which a rollback is proposed (rollout rules §3). */
const ROLLBACK_SHARE = 0.05;
const ROLLBACK_REPORTERS = 2;
const ROLLBACK_FLOOR = 20;

export interface AdvanceInput {
  readonly now: Instant;
  readonly facts: readonly DomainFacts[];
  /** Open findings, of all domains. */
  readonly findings: readonly Finding[];
}

/** Where a rollout stands that is longer in testing than it should be: told, never forced (S13). */
export interface Stalled {
  readonly domain: DomainName;
  readonly blocked_by: readonly string[];
}

export interface Due {
  readonly proposals: readonly Proposal[];
  readonly stalled: readonly Stalled[];
  readonly steps: readonly DatedStep[];
}

/** What no pull request can do: a date from which a person, or the next publish, may go on. */
export interface DatedStep {
  readonly domain: DomainName;
  /** Null: now. */
  readonly at: Instant | null;
  readonly what: string;
}

/** Everything that is due at `now`, most urgent first for each domain: one domain never gets two contrary proposals. */
export function dueProposals({ now, facts, findings }: AdvanceInput): Due {
  const sharers = Map.groupBy(facts, ({ config }) => config?.same_as ?? null);
  const proposals: Proposal[] = [];
  const stalled: Stalled[] = [];
  for (const one of facts) {
    const { config } = one;
    // Keys are no part of the policy: nothing else that is due stands in their way.
    const used = config === null ? null : usedNextKeys(one, config, now);
    if (used !== null) proposals.push(used);
    // What is shared is changed where it stands.
    if (config === null || config.same_as !== null) continue;
    const group = [one, ...(sharers.get(config.domain) ?? [])];
    const rollback = rollbackOf(group, config, findings, now);
    const drift = group.flatMap((each) => driftHosts(each));
    if (rollback !== null) proposals.push(rollback);
    if (drift.length > 0) proposals.push(driftProposal(one, config, [...new Set(drift)]));
    if (rollback === null && drift.length === 0) {
      const step = nextStep(group, config, now, stalled);
      if (step !== null) proposals.push(step);
    }
  }
  return { proposals, stalled, steps: facts.flatMap(keySteps) };
}

/** The change of a key at an MX host, one step after the other (docs/dane.md). */
function keySteps(facts: DomainFacts): readonly DatedStep[] {
  const { domain, tlsa } = facts;
  const now = tlsa.flatMap(({ step, reason }): readonly DatedStep[] => {
    if (step === 'swap') return [{ domain, at: null, what: `TLSA: ${reason}` }];
    const isPublished = step === 'publish' || step === 'publish-next' || step === 'remove-old';
    return isPublished ? [{ domain, at: null, what: `TLSA: ${reason}; npx postern publish writes the records` }] : [];
  });
  return [...now, ...tlsaDates(facts).map(({ at, what }) => ({ domain, at, what }))];
}

function nextStep(
  group: readonly DomainFacts[],
  config: DomainConfig,
  now: Instant,
  stalled: Stalled[],
): Proposal | null {
  if (config.retire) return removalOf(group, config, now);
  if (config.mode === 'enforce') return narrowing(group, config, now) ?? longerMaxAge(group, config, now);
  if (config.mode !== 'testing') return null;
  const judged = group.map((facts) => ({ facts, promotion: promotionOf(facts, now) }));
  for (const { facts, promotion } of judged) {
    if (promotion?.stalled === true && !promotion.allowed)
      stalled.push({
        domain: facts.domain,
        blocked_by: promotion.conditions.filter(({ state }) => state !== 'met').map(({ text }) => text),
      });
  }
  if (!judged.every(({ promotion }) => promotion?.allowed === true)) return null;
  return promotionProposal(config, judged as readonly { facts: DomainFacts; promotion: Promotion }[], now);
}

function promotionOf({ config, ledger, reports, observations, live }: DomainFacts, now: Instant): Promotion | null {
  if (config === null || stateOf(ledger, false) !== 'testing') return null;
  return judgePromotion({ now, config, ledger, reports, observations, live });
}

/** Without its own max_age the domain gets the default of its new mode, a week in enforce. */
function modeEdits(mode: 'testing' | 'enforce'): readonly Edit[] {
  return [
    { kind: 'set', key: 'mode', value: mode },
    { kind: 'set', key: 'max_age', value: null },
  ];
}

function promotionProposal(
  config: DomainConfig,
  judged: readonly { readonly facts: DomainFacts; readonly promotion: Promotion }[],
  now: Instant,
): Proposal {
  const { domain, file } = config;
  const shared = judged.length > 1;
  return {
    kind: 'promotion',
    domain,
    file,
    edits: modeEdits('enforce'),
    title: `${domain}: enforce`,
    summary: `Senders that know the policy of ${domain}${shared ? ` and ${judged.length - 1} domains that share it` : ''} will deliver only to MX hosts that pass. Every condition of the promotion guard is met.`,
    evidence: judged.flatMap(({ facts, promotion }) =>
      promotion.conditions.map(
        ({ name, text }): Evidence => ({
          kind:
            name === 'elapsed' ? 'ledger' : name === 'clean-days' || name === 'reporters' ? 'report' : 'observation',
          at: now,
          text: shared ? `${facts.domain}: ${text}` : text,
          ref: null,
        }),
      ),
    ),
    checks: [
      approvalText(
        approvalsNeeded({ from: 'testing', to: 'enforce', overridden: config.rollout.clean_days < LEAST_TESTING_DAYS }),
      ),
      'Nobody plans to change MX hosts or their certificates in the next days.',
      'Somebody watches npx postern status for two days after it is published.',
    ],
  };
}

/** A rollback is proposed, never made: a Sev 1 that is not the sender's, or failures seen by several reporters. */
function rollbackOf(
  group: readonly DomainFacts[],
  config: DomainConfig,
  findings: readonly Finding[],
  now: Instant,
): Proposal | null {
  if (config.mode !== 'enforce' || config.retire) return null;
  const names = new Set<string>(group.map(({ domain }) => domain));
  const enforcing = group.some(({ ledger }) => stateOf(ledger, false) === 'enforce');
  if (!enforcing) return null;
  const grave = findings.filter(
    ({ severity, state, actor, domain, domains }) =>
      severity === 'sev1' &&
      state === 'open' &&
      actor !== 'sender' &&
      [domain, ...domains].some((name) => name !== null && names.has(name)),
  );
  const failing = group.flatMap(({ domain, reports }) =>
    reports === null ? [] : failingReporters(domain, reports, now),
  );
  if (grave.length === 0 && failing.length === 0) return null;
  return {
    kind: 'rollback',
    domain: config.domain,
    file: config.file,
    edits: modeEdits('testing'),
    title: `${config.domain}: roll back to testing`,
    summary: `Mail to ${config.domain} is being delayed. In testing senders deliver again and go on reporting; the clean days begin anew. Merge it unless the cause is already mended.`,
    evidence: [
      ...grave.flatMap(({ summary, evidence, detected_at, fingerprint }): readonly Evidence[] => [
        { kind: 'config', at: detected_at, text: summary, ref: fingerprint },
        ...evidence.slice(0, 5),
      ]),
      ...failing,
    ],
    checks: [
      approvalText(approvalsNeeded({ from: 'enforce', to: 'testing', overridden: false })),
      'A sender sees it after the TTL of the TXT record, at its next delivery.',
    ],
  };
}

function approvalText(needed: number): string {
  return needed === 1 ? 'One approval is enough.' : `${needed} approvals by others are needed.`;
}

/** At least two reporters above 5 % under `sts` on one complete day: empty otherwise. */
function failingReporters(domain: string, { failing }: DomainReports, now: Instant): readonly Evidence[] {
  const day = newestCompleteDay(now);
  const rows = failing.filter((row) => {
    const sessions = (row.successful ?? 0) + row.failed;
    return (
      row.day === day &&
      row.policy_type === 'sts' &&
      sessions >= ROLLBACK_FLOOR &&
      row.failed > sessions * ROLLBACK_SHARE
    );
  });
  if (new Set(rows.map(({ reporter }) => reporter)).size < ROLLBACK_REPORTERS) return [];
  return rows.map(({ reporter, failed, successful, report_sha256 }) => ({
    kind: 'report',
    at: day,
    text: `${domain}: ${reporter} failed ${failed} of ${failed + (successful ?? 0)} sessions.`,
    ref: report_sha256[0] ?? null,
  }));
}

/** Every cached policy has expired: the file may go, and with it, step by step, record, name and claim. */
function removalOf(group: readonly DomainFacts[], config: DomainConfig, now: Instant): Proposal | null {
  const [own] = group;
  if (own === undefined || group.length > 1 || stateOf(own.ledger, false) !== 'retiring') return null;
  const notBefore = retirementNotBefore(own.ledger);
  if (notBefore === null || now < notBefore) return null;
  // A record that is gone or strange means that not every sender saw mode none (S22).
  const { live, ledger } = own;
  const record = live?.mta_sts.known === true ? live.mta_sts.value.values.join(' ') : null;
  const isAnnounced = record === null || record.includes(ledger.in_force?.id ?? '');
  const days = Math.floor((epochMs(now) - epochMs(ledger.in_force?.announced_at ?? now)) / 86_400_000);
  return {
    kind: 'removal',
    domain: config.domain,
    file: config.file,
    edits: 'delete',
    title: `${config.domain}: remove the retired policy`,
    summary: `Mode none has been announced for ${days} days and every cached policy has expired at ${notBefore}. After the file is gone publish removes the TXT record, then the name of the policy host, then its claim.`,
    evidence: [
      ...ledger.versions.map(
        ({ id, mode, max_age, first_served_at, last_served_at, sha256 }): Evidence => ({
          kind: 'ledger',
          at: first_served_at ?? notBefore,
          text: `Version ${id}: ${mode}, max_age ${max_age}, last seen served ${last_served_at ?? 'never'}.`,
          ref: sha256,
        }),
      ),
      ...(isAnnounced
        ? []
        : [
            {
              kind: 'observation',
              at: live?.at ?? now,
              text: `TXT at _mta-sts does not show that version: ${record}`,
              ref: null,
            } as const,
          ]),
    ],
    checks: isAnnounced
      ? []
      : ['The record was not as published: senders that never saw mode none may still hold the old policy.'],
  };
}
