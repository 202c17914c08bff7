import type { Mode, MtaStsPolicy } from '../../../standards/mta-sts-policy.ts';
import { parseMtaStsRecords } from '../../../standards/mta-sts-record.ts';
import { type MxPattern, matchesMx } from '../../../standards/mx-pattern.ts';
import type { Instant } from '../../clock.ts';
import type { Settings } from '../../config/types.ts';
import { caaAllows, caaText, issuerOf } from '../../dns/caa.ts';
import { plainText } from '../../plain-text.ts';
import { policyHost } from '../desired.ts';
import { type Promotion, uncoveredHosts } from '../rollout/promotion.ts';
import { retirementNotBefore } from '../rollout/retirement.ts';
import type { RolloutState } from '../rollout/state.ts';
import type { Ledger } from '../versions/ledger.ts';
import type { LedgerEvent, MintedEvent } from '../versions/ledger-event.ts';
import type { DomainFacts } from './domain-plan.ts';
import { type Refusal, type RefusalCode, refuse } from './refusal.ts';

/** What was decided about a domain before anything is refused. */
export interface Judged {
  /** With what was adopted. */
  readonly ledger: Ledger;
  readonly adopt: readonly LedgerEvent[];
  readonly state: RolloutState;
  readonly target: RolloutState;
  readonly version: MintedEvent | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly policy: MtaStsPolicy | null;
  readonly before_mx: readonly string[];
  readonly before_mode: Mode | null;
  readonly promotion: Promotion | null;
}

/** Every reason against this change. What is not known refuses only enforce; a first testing policy needs no network. */
export function refusalsOf(facts: DomainFacts, judged: Judged, now: Instant, settings: Settings): readonly Refusal[] {
  const { config, problems } = facts;
  if (problems.length > 0) return problems.map(configurationRefusal);
  if (config === null) return removalRefusals(judged, now);
  const { version, state, target } = judged;
  // What somebody else put into DNS is not written over either when only the record differs from what is in force.
  if (version === null) return judged.ledger.ids.size > 0 ? recordRefusals(facts, judged) : [];
  if (isLoosening(judged)) return [];
  const receives = target === 'testing' || target === 'enforce';
  return [
    ...(receives ? mxRefusals(facts, judged) : []),
    ...(target === 'enforce' && state !== 'enforce' ? promotionRefusals(judged) : []),
    ...recordRefusals(facts, judged),
    ...(receives ? caaRefusals(facts, settings) : []),
  ];
}

/** Rollback, and leaving: always possible at once (G4, G6). A rollback may narrow nothing in the same step. */
function isLoosening({ state, target, before_mx, policy }: Judged): boolean {
  if (target === 'retiring') return state !== 'absent';
  return state === 'enforce' && target === 'testing' && before_mx.every((pattern) => isKept(pattern, policy));
}

function isKept(pattern: string, policy: MtaStsPolicy | null): boolean {
  return policy?.mx.some((kept) => kept === pattern) === true;
}

function configurationRefusal({ rule, message }: { readonly rule: string; readonly message: string }): Refusal {
  return rule === 'max-age-bounds' ? refuse('max-age-bounds', message) : refuse('configuration', `${rule}: ${message}`);
}

function removalRefusals({ ledger, state }: Judged, now: Instant): readonly Refusal[] {
  if (state === 'testing' || state === 'enforce') {
    const reason = `The file is gone while the policy is in ${state}: senders keep what they cached. Bring the file back with \`retire: true\`.`;
    return [refuse('retire-first', reason)];
  }
  if (state !== 'retiring') return [];
  const notBefore = retirementNotBefore(ledger);
  if (notBefore !== null && now >= notBefore) return [];
  const why =
    notBefore === null
      ? 'Mode none was not seen published yet, so how long cached policies live is not known.'
      : `Cached policies may live until ${notBefore}.`;
  return [refuse('retirement-window', `${why} Bring the file back with \`retire: true\` until then.`)];
}

/** RFC 8461 §4.1, §5: in enforce an MX that matches nothing gets no mail from senders that know the policy. */
function mxRefusals({ live }: DomainFacts, judged: Judged): readonly Refusal[] {
  const { policy, before_mx, before_mode, target } = judged;
  if (live === null || policy === null || !live.mx.known) return [];
  if (live.mx.value.kind === 'null')
    return [refuse('mx-null', 'The MX record is `0 .`: the domain receives no mail (RFC 7505). Retire the policy.')];
  const bare = uncoveredHosts(policy.mx, live);
  const removed = bare.filter((host) => before_mx.some((pattern) => matchesMx(pattern as MxPattern, host)));
  const others = bare.filter((host) => !removed.includes(host));
  // A policy that only grows is better than the one before, even when it does not yet cover everything.
  const grows = before_mx.length > 0 && before_mx.every((pattern) => isKept(pattern, policy)) && before_mode === target;
  return [
    ...(removed.length > 0
      ? [
          refuse(
            'mx-removed',
            `Still MX in DNS: ${listed(removed)}. Take it out of DNS, wait a day, then out of the policy.`,
          ),
        ]
      : []),
    ...(others.length > 0 && !grows
      ? [refuse('mx-not-covered', `MX in DNS that no pattern covers: ${listed(others)}. Add it to mx.`)]
      : []),
  ];
}

function promotionRefusals({ promotion, state }: Judged): readonly Refusal[] {
  const open = (promotion?.conditions ?? []).filter((condition) => condition.state !== 'met');
  const hard = open.filter(({ code, state: known }) => code !== 'promotion-guard' && known === 'unmet');
  const soft = open.filter((condition) => !hard.includes(condition));
  const first = state === 'testing' ? [] : [`The policy is ${state}, not in testing: testing comes first.`];
  const reasons = [...first, ...soft.map(({ text }) => text)];
  const byCode = Map.groupBy(hard, ({ code }) => code);
  return [
    ...(reasons.length > 0 ? [refuse('promotion-guard', reasons.join(' '))] : []),
    ...[...byCode].map(([code, some]: [RefusalCode, typeof hard]) =>
      refuse(code, some.map(({ text }) => text).join(' ')),
    ),
  ];
}

/** An id in DNS that is not in the ledger: another tool, another person, or an attack. Never overwritten unasked. */
function recordRefusals({ live }: DomainFacts, { ledger, adopt }: Judged): readonly Refusal[] {
  if (live === null || !live.mta_sts.known || adopt.length > 0) return [];
  const records = live.mta_sts.value.values.filter((text) => /^v=sts/i.test(text));
  const stranger = records.find((text) => {
    const parsed = parseMtaStsRecords([text]);
    return !parsed.ok || !ledger.ids.has(parsed.value.id);
  });
  if (stranger === undefined) return [];
  const reason = `\`${plainText(stranger, 200).replaceAll('`', '´')}\` stands at _mta-sts and is not ours. Find out who set it.`;
  return [refuse('txt-not-ours', reason)];
}

function caaRefusals({ live, config, domain }: DomainFacts, settings: Settings): readonly Refusal[] {
  const kind = config?.hosting == null ? undefined : settings.hosting[config.hosting]?.kind;
  if (live === null || !live.caa.known || kind === undefined) return [];
  const issuer = issuerOf(kind);
  return caaAllows(live.caa.value, issuer) ? [] : [refuse('caa-blocks', caaText(policyHost(domain), issuer))];
}

function listed(hosts: readonly string[]): string {
  return hosts.map((host) => plainText(host, 255)).join(', ');
}
