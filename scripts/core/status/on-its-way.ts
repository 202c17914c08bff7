import { epochMs, type Instant, instantOf } from '../clock.ts';
import type { DomainFacts } from '../policy/plan/domain-plan.ts';
import type { DomainPlan } from '../policy/plan/plan.ts';
import { MACHINE_MS, PERSON_MS } from '../policy/versions/under-way.ts';
import { isIdRecord } from '../publish/publish-job.ts';

/** A version that is minted and not yet in force: what it waits for, and whether that takes longer than it should. */
export interface OnItsWay {
  readonly id: string;
  /** A phrase that follows `waits for`. */
  readonly for: string;
  readonly on: 'person' | 'host' | 'publish';
  /** When the step before it was done. */
  readonly since: Instant;
  readonly overdue_at: Instant;
  readonly overdue: boolean;
}

/** Null when the newest version is in force, or there is none. */
export function onItsWay(
  { ledger, config, live }: Pick<DomainFacts, 'ledger' | 'config' | 'live'>,
  plan: Pick<DomainPlan, 'domain' | 'dns'>,
  now: Instant,
): OnItsWay | null {
  const { current, in_force } = ledger;
  if (current === null || in_force?.id === current.id) return null;
  const since = current.first_served_at ?? current.minted_at;
  const { on, for: what } = step(current.first_served_at !== null, config?.hosting ?? null, live, plan);
  const overdueAt = instantOf(epochMs(since) + (on === 'person' ? PERSON_MS : MACHINE_MS));
  return { id: current.id, for: what, on, since, overdue_at: overdueAt, overdue: now >= overdueAt };
}

function step(
  isServed: boolean,
  hosting: string | null,
  live: DomainFacts['live'],
  { domain, dns }: Pick<DomainPlan, 'domain' | 'dns'>,
): Pick<OnItsWay, 'on' | 'for'> {
  const missing = dns.filter((change) => isIdRecord(change) === isServed && change.purpose !== 'DANE');
  const people = missing.filter(({ by }) => by === 'person');
  if (people.length > 0) {
    const names = people.map(({ type, name }) => `${type} ${name}`).join(', ');
    return { on: 'person', for: `a person to set ${names} in DNS (npx postern plan ${domain} has the lines)` };
  }
  if (isServed) return { on: 'publish', for: 'the id in DNS: npx postern publish sets it or sees it there' };
  if (hosting === null)
    return { on: 'person', for: `a person to serve the body at https://mta-sts.${domain}/.well-known/mta-sts.txt` };
  const codes = live?.served.known === true ? live.served.value.addresses.map(({ code }) => code) : [];
  if (codes.some((code) => code.startsWith('policy-cert-')))
    return { on: 'host', for: `the certificate of mta-sts.${domain} at ${hosting}` };
  return { on: 'publish', for: `${hosting} to serve the body: npx postern publish goes on with it` };
}
