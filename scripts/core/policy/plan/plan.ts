import type { DomainName } from '../../../standards/domain-name.ts';
import { sha256Hex } from '../../../standards/sha-256.ts';
import type { Instant } from '../../clock.ts';
import type { DomainConfig, HostingSettings, Settings } from '../../config/types.ts';
import type { DnsChange } from '../../dns/record-change.ts';
import type { RolloutState } from '../rollout/state.ts';
import type { LedgerEvent, MintedEvent, Trigger } from '../versions/ledger-event.ts';
import { type DomainFacts, planDomain } from './domain-plan.ts';
import { massChange } from './mass-change.ts';
import type { LiftedRefusal, Refusal } from './refusal.ts';

/** Every change that `publish` would make, as plain data. */
export interface Plan {
  readonly at: Instant;
  /** Of the configuration planned; null outside a git repository. */
  readonly commit: string | null;
  /** The commit compared with, when one was named. */
  readonly against: string | null;
  /** Over what would be done, not over when or what was seen: the same change has the same checksum. */
  readonly checksum: string;
  readonly domains: readonly DomainPlan[];
}

export interface DomainPlan {
  readonly domain: DomainName;
  /** Null: the file is gone. */
  readonly file: string | null;
  /** Where it stands, by what was published. */
  readonly state: RolloutState;
  /** Where the configuration wants it. */
  readonly target: RolloutState;
  /** Testing after enforce. */
  readonly rolled_back: boolean;
  /** Policy texts; `before` is what was published last, else what the other commit asks for. */
  readonly policy: { readonly before: string | null; readonly after: string | null };
  readonly triggers: readonly Trigger[];
  /** The version to mint, with the id it would get at `at`; null: the bytes stay. */
  readonly version: MintedEvent | null;
  /** A policy found in service, to be written to the ledger before anything else; empty as a rule. */
  readonly adopt: readonly LedgerEvent[];
  readonly dns: readonly DnsChange[];
  readonly hosts: readonly HostPlan[];
  /** When a next step becomes possible. */
  readonly dates: readonly PlanDate[];
  readonly facts: readonly FactLine[];
  readonly refusals: readonly Refusal[];
  /** Refusals that the file overrides. */
  readonly lifted: readonly LiftedRefusal[];
  readonly notes: readonly string[];
}

/** What happens at the policy host. */
export interface HostPlan {
  readonly host: string;
  /** Name in `settings.hosting`; null: somebody else serves it. */
  readonly hosting: string | null;
  readonly kind: HostingSettings['kind'] | null;
  /** `serve`: claim the name if need be and serve the new body. `release`: let go of the name. */
  readonly action: 'serve' | 'release';
  /** What the host's name points to; null where only its operator knows. */
  readonly target: string | null;
  /** In the only safe order. */
  readonly steps: readonly string[];
}

export interface PlanDate {
  readonly at: Instant;
  readonly what: string;
}

/** A fact as seen from outside; printable, but not safe in Markdown. */
export interface FactLine {
  readonly name: 'mx' | 'served' | 'record' | 'reports-record' | 'caa' | 'certificates' | 'reports';
  readonly state: 'ok' | 'bad' | 'unknown';
  readonly text: string;
  readonly at: Instant;
}

export interface PlanInput {
  readonly now: Instant;
  readonly settings: Settings;
  readonly commit: string | null;
  readonly against: string | null;
  /** Who owns this repository on GitHub, when that is known: its Pages stand under that name. */
  readonly repository_owner: string | null;
  readonly domains: readonly DomainFacts[];
  /** How many domains there are, also those not planned here: a mass change is judged against all. */
  readonly fleet: number;
}

/** The plan of the given domains: a function of its input. */
export function planFleet(input: PlanInput): Plan {
  const { now, commit, against, settings, fleet } = input;
  const overrides = new Map<string, DomainConfig['overrides']>();
  for (const { domain, config } of input.domains) if (config !== null) overrides.set(domain, config.overrides);
  const planned = input.domains.map((facts) => planDomain(facts, input));
  const domains = massChange(planned, { fleet, now, overrides, fleetOverrides: settings.overrides });
  return { at: now, commit, against, checksum: checksumOf(domains), domains };
}

/** Does `publish` have something to do here? */
export function isChange({ version, dns, hosts }: DomainPlan): boolean {
  return version !== null || dns.length > 0 || hosts.length > 0;
}

/** What would be done, without the moment: ids and what stands in DNS now are left out. */
function checksumOf(domains: readonly DomainPlan[]): string {
  const done = domains
    .filter(isChange)
    .map(({ domain, version, dns, hosts, refusals, adopt }) => [
      domain,
      version?.sha256 ?? null,
      adopt.map(({ id, sha256 }) => [id, sha256]),
      dns.map(({ name, type, after, by }) => [name, type, withoutId(after, version), by]),
      hosts.map(({ host, hosting, action }) => [host, hosting, action]),
      refusals.map(({ code }) => code),
    ]);
  return sha256Hex(JSON.stringify(done.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))));
}

function withoutId(after: string | null, version: MintedEvent | null): string | null {
  return after === null || version === null ? after : after.replaceAll(version.id, version.sha256);
}
