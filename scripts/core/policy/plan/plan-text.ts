import type { Instant } from '../../clock.ts';
import { plainText } from '../../plain-text.ts';
import { type DomainPlan, isChange, type Plan } from './plan.ts';
import { planVerdict } from './plan-verdict.ts';
import { policyDiff } from './policy-diff.ts';
import { overrideLine } from './refusal.ts';

/** A plan for a person at a terminal: the verdict first, then only the domains that something is to be said about. */
export function planText(plan: Plan): string {
  const shown = plan.domains.filter(isTold);
  return [planVerdict(plan), ...shown.map((one) => domainText(one, plan.at)), '', `Checksum ${plan.checksum}`].join(
    '\n',
  );
}

/** Something changes, is refused, becomes due, or is seen to be wrong. */
export function isTold(plan: DomainPlan): boolean {
  const { refusals, lifted, dates, notes, facts } = plan;
  return (
    isChange(plan) ||
    refusals.length + lifted.length + dates.length + notes.length > 0 ||
    facts.some(({ state }) => state === 'bad')
  );
}

function domainText(plan: DomainPlan, now: Instant): string {
  const { domain, state, target, triggers, version, dns, hosts, dates, facts, refusals, lifted, notes, policy } = plan;
  const way = state === target ? state : `${state} → ${target}`;
  const lines = [
    '',
    `${domain}: ${way}${version === null ? '' : `, new version ${version.id} (${triggers.join(', ')})`}`,
    ...(version === null ? [] : policyDiff(policy.before, policy.after).map((line) => `    ${line}`)),
    ...refusals.flatMap(({ code, reason, override }) => [
      `  refused ${code}: ${plainText(reason, 1000)}`,
      ...(override === null ? ['    Nothing lifts this.'] : []),
    ]),
    ...overrideLines(plan, now),
    ...lifted.map(
      ({ code, lifted_by }) => `  lifted ${code} until ${lifted_by.until}: ${plainText(lifted_by.reason, 300)}`,
    ),
    ...hosts.flatMap(({ host, steps }) => [
      `  host ${host}`,
      ...steps.map((step, index) => `    ${index + 1}. ${step}`),
    ]),
    ...dns.flatMap(({ name, type, after, by, known, lines: zone }) => [
      `  dns ${name} ${type}: ${after === null ? 'remove' : 'set'}, by ${by === 'us' ? 'Postern' : 'a person'}${known ? '' : ' (what stands there is not known)'}`,
      ...zone.map((line) => `    ${plainText(line, 1000)}`),
    ]),
    ...dates.map(({ at, what }) => `  from ${at}: ${what}`),
    ...facts.map(
      ({ state: known, text }) =>
        `  ${known === 'ok' ? 'ok ' : known === 'bad' ? 'bad' : '?  '} ${plainText(text, 1000)}`,
    ),
    ...notes.map((note) => `  note: ${plainText(note, 500)}`),
  ];
  return lines.join('\n');
}

function overrideLines({ refusals, file }: DomainPlan, now: Instant): readonly string[] {
  const line = overrideLine(refusals, now);
  if (line === null) return [];
  const others = refusals.some(({ override }) => override === null) ? ', for what can be lifted' : '';
  return [`  to lift it${others}, write into ${file ?? 'the file'}, with a reason of yours:`, `    ${line}`];
}
