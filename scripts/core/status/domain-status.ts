import type { DomainName } from '../../standards/domain-name.ts';
import type { Mode } from '../../standards/mta-sts-policy.ts';
import { compare } from '../analysis/reports-by-domain.ts';
import type { Instant } from '../clock.ts';
import type { Finding } from '../finding.ts';
import type { DomainFacts } from '../policy/plan/domain-plan.ts';
import { type DomainPlan, type FactLine, isChange } from '../policy/plan/plan.ts';
import { judgePromotion } from '../policy/rollout/promotion.ts';
import { certificateCondition } from '../policy/rollout/promotion-probes.ts';
import type { RolloutState } from '../policy/rollout/state.ts';
import type { DomainReview } from '../review.ts';
import { type OnItsWay, onItsWay } from './on-its-way.ts';

/** `waiting`: under way, and not longer than such a step takes. */
export type Light = 'ok' | 'bad' | 'waiting' | 'unknown';

interface StatusLine {
  readonly state: Light;
  readonly text: string;
}

/** Is one domain right, and what happens next: one screen. */
export interface DomainStatus {
  readonly domain: DomainName;
  readonly state: RolloutState;
  readonly rolled_back: boolean;
  /** The mode in force by the ledger; null: nothing is announced. */
  readonly mode: Mode | null;
  readonly version: { readonly id: string; readonly announced_at: Instant | null } | null;
  /** The newest version, while it is not in force yet. */
  readonly on_its_way: OnItsWay | null;
  /** The worst of what follows; `unknown` is never shown as fine. */
  readonly light: Light;
  /** Configuration, policy host and DNS say the same. */
  readonly sync: StatusLine;
  readonly mx: StatusLine;
  readonly certificates: StatusLine;
  readonly reports: StatusLine;
  readonly incidents: readonly {
    readonly severity: string;
    readonly rule: string;
    readonly summary: string;
    readonly action: string;
  }[];
  /** Those of the plan. May hold hostile text. */
  readonly notes: readonly string[];
  readonly next: string;
}

/** What the review says of a domain's reports. */
export type ReviewedReports = Pick<DomainReview, 'sessions' | 'last_report_day' | 'agreement'>;

export interface StatusInput {
  readonly now: Instant;
  readonly facts: DomainFacts;
  readonly plan: DomainPlan;
  readonly review: ReviewedReports | null;
  /** Open ones of this domain. */
  readonly findings: readonly Finding[];
}

export function domainStatus(input: StatusInput): DomainStatus {
  const { facts, plan, review, findings, now } = input;
  const { ledger } = facts;
  const inForce = ledger.in_force;
  const underway = onItsWay(facts, plan, now);
  const sync = syncLine(input, underway);
  const mx = factOf(plan, 'mx') ?? { state: 'unknown', text: 'MX in DNS was not looked at.' };
  const { state: met, text } = certificateCondition(facts.observations, now);
  const certificates: StatusLine = { state: met === 'met' ? 'ok' : met === 'unmet' ? 'bad' : 'unknown', text };
  const reports = reportsLine(review, plan);
  const urgent = findings.some(({ severity }) => severity !== 'sev3');
  const refused = plan.refusals.length > 0;
  const states = [sync, mx, certificates, reports].map(({ state }) => state);
  return {
    domain: plan.domain,
    state: plan.state,
    rolled_back: plan.rolled_back,
    mode: inForce?.mode ?? null,
    version: inForce === null ? null : { id: inForce.id, announced_at: inForce.announced_at },
    on_its_way: underway,
    light: urgent || refused ? 'bad' : (LIGHTS.find((light) => states.includes(light)) ?? 'ok'),
    sync,
    mx: { state: mx.state, text: mx.text },
    certificates,
    reports,
    incidents: findings.map(({ severity, rule, summary, action }) => ({ severity, rule, summary, action })),
    notes: plan.notes,
    next: nextText(input, underway),
  };
}

/** What outweighs what: while the first version is under way, nobody can know more yet. */
const LIGHTS: readonly Light[] = ['bad', 'waiting', 'unknown'];

function factOf({ facts }: DomainPlan, name: FactLine['name']): FactLine | null {
  return facts.find((fact) => fact.name === name) ?? null;
}

function syncLine({ plan }: StatusInput, underway: OnItsWay | null): StatusLine {
  if (plan.version !== null)
    return plan.state === 'absent' || plan.state === 'reporting'
      ? { state: 'unknown', text: 'Nothing is published yet.' }
      : { state: 'bad', text: `The file asks for another policy (${plan.triggers.join(', ')}): not published yet.` };
  if (underway !== null) {
    const { id, for: what, since, overdue_at, overdue } = underway;
    const limit = overdue ? `Overdue since ${overdue_at}` : `Overdue from ${overdue_at}`;
    return {
      state: overdue ? 'bad' : 'waiting',
      text: `Version ${id} waits since ${since} for ${what}. ${limit}.`,
    };
  }
  const [served, record] = [factOf(plan, 'served'), factOf(plan, 'record')];
  const lines = [served, record].filter((line) => line !== null);
  const bad = lines.find(({ state }) => state === 'bad');
  if (bad !== undefined) return { state: 'bad', text: bad.text };
  const blind = lines.find(({ state }) => state === 'unknown');
  if (blind !== undefined || lines.length === 0)
    return { state: 'unknown', text: blind?.text ?? 'Policy host and DNS were not looked at.' };
  return { state: 'ok', text: 'File, policy host and DNS agree.' };
}

function reportsLine(review: ReviewedReports | null, plan: DomainPlan): StatusLine {
  const sessions = review?.sessions ?? null;
  if (review === null || sessions === null) return { state: 'unknown', text: 'No verified report has arrived.' };
  const { policy_type, successful, failed, days_with_data } = sessions;
  const record = factOf(plan, 'reports-record');
  const asked = record?.state === 'bad' ? ` ${record.text}` : '';
  const text = `Up to ${review.last_report_day}: ${failed} of ${successful + failed} sessions failed under ${policy_type} on ${days_with_data} days.${asked}`;
  return {
    state:
      record?.state === 'bad'
        ? 'bad'
        : review.agreement.reports.state === 'disagrees'
          ? 'bad'
          : review.agreement.reports.state === 'agrees'
            ? 'ok'
            : 'unknown',
    text,
  };
}

/** Of two equally grave findings the one that says what the fault is, not on which host it was found alone. */
function gravity({ severity, rule }: Finding): string {
  return `${severity} ${rule === 'mx-backup-only' ? 1 : 0}`;
}

/** The one thing that happens next, or has to be done. */
function nextText({ facts, plan, findings, now }: StatusInput, underway: OnItsWay | null): string {
  const [gravest] = [...findings].sort((a, b) => compare(gravity(a), gravity(b)));
  if (gravest !== undefined && gravest.severity !== 'sev3') return gravest.action;
  const [refusal] = plan.refusals;
  if (refusal !== undefined) return `Refused, ${refusal.code}: ${refusal.reason}`;
  if (underway !== null) {
    const again = underway.on === 'publish' ? '' : ' npx postern publish then goes on.';
    return `It waits for ${underway.for}.${again}`;
  }
  if (isChange(plan)) {
    const people = plan.dns.filter(({ by }) => by === 'person').map(({ name }) => name);
    return people.length > 0
      ? `publish, and a person sets ${people.join(', ')} (npx postern plan ${plan.domain} has the lines).`
      : 'npx postern publish carries the change out.';
  }
  const [date] = plan.dates;
  if (plan.state === 'retiring')
    return date === undefined ? 'mode none has to be seen served first.' : `From ${date.at}: ${date.what}.`;
  if (plan.state === 'testing') return promotionText(facts, now);
  if (plan.state === 'enforce') return 'Nothing: it enforces.';
  return plan.state === 'removed' ? 'Nothing: it is removed.' : `npx postern plan ${plan.domain}`;
}

function promotionText({ config, ledger, reports, observations, live }: DomainFacts, now: Instant): string {
  if (config === null) return 'Bring its file back.';
  const { allowed, conditions, clean_days, needed } = judgePromotion({
    now,
    config,
    ledger,
    reports,
    observations,
    live,
  });
  if (allowed) return 'Enforce is possible: npx postern advance proposes it.';
  const open = conditions.filter(({ state }) => state !== 'met');
  return `${clean_days} of ${needed} clean days. Before enforce: ${open[0]?.text ?? ''}${open.length > 1 ? ` And ${open.length - 1} more.` : ''}`;
}
