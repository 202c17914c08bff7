import type { DomainConfig, Settings } from '../../core/config/types.ts';
import type { Ledger } from '../../core/policy/versions/ledger.ts';
import type { Lookup, Resolver } from '../../core/probe/dns-lookup.ts';
import type { MxTarget } from '../../core/probe/mx-set-check.ts';
import type { Observation } from '../../core/probe/observation.ts';
import { type Observer, observation } from '../../core/probe/observer.ts';
import { rowsOf, unseen } from '../../core/probe/sighting.ts';
import { parseMxPattern } from '../../standards/mx-pattern.ts';
import { readLedger } from '../ledger.ts';
import { observeDns } from './observe-dns.ts';
import { observePolicyHost } from './observe-policy-host.ts';
import type { Eyes } from './open-eyes.ts';
import { runQueue } from './run-queue.ts';

export interface DomainLook {
  readonly config: DomainConfig;
  readonly ledger: Ledger;
  /** DNS and policy host. */
  readonly rows: readonly Observation[];
  /** By preference. */
  readonly mx: readonly MxTarget[];
  /** Null: the time did not suffice. */
  readonly mx_lookup: Lookup<'MX'> | null;
}

export interface DomainQuestion {
  readonly eyes: Eyes;
  readonly settings: Settings;
  readonly data: string;
  /** Remembers what this round has asked already. */
  readonly resolver: Resolver;
  readonly observer: Omit<Observer, 'domain'>;
  /** The end of the whole run, `performance.now()` milliseconds. */
  readonly end: number;
  /** Called with how many there are, for each that is done. */
  readonly onDone: (all: number) => void;
}

/** More than any domain has. */
const MAX_MX = 32;
const LIMITS = { active: 30, open: 1000, idleMs: 200 };

/** The DNS records and the policy host of each domain; a domain that the time does not suffice for says so. */
export async function lookAtDomains(
  domains: readonly DomainConfig[],
  question: DomainQuestion,
): Promise<ReadonlyMap<string, DomainLook>> {
  const looks = new Map<string, DomainLook>();
  await runQueue(
    domains,
    async (config) => {
      looks.set(config.domain, await lookAtDomain(config, question));
      question.onDone(domains.length);
    },
    LIMITS,
  );
  return looks;
}

async function lookAtDomain(config: DomainConfig, question: DomainQuestion): Promise<DomainLook> {
  const { eyes, settings, data, resolver, end } = question;
  const { domain } = config;
  const observer: Observer = { ...question.observer, domain };
  const ledger = readLedger(data, domain);
  if (performance.now() >= end) {
    const seen = { kind: 'mx-set', subject: domain, outcome: 'unknown', code: 'budget' } as const;
    return { config, ledger, rows: [observation(observer, seen)], mx: [], mx_lookup: null };
  }
  const inForce = ledger.in_force?.mx.flatMap((text) => {
    const parsed = parseMxPattern(text);
    return parsed.ok ? [parsed.value] : [];
  });
  const patterns = { policy: inForce ?? config.mx, config: config.mx };
  const dns = await observeDns(observer, { domain, resolver, askServer: eyes.askServer, ledger, patterns });
  const hosting = config.hosting === null ? null : (settings.hosting[config.hosting]?.kind ?? null);
  const policy = await observePolicyHost(observer, {
    resolver,
    host: `mta-sts.${domain}`,
    fetchPolicy: eyes.fetchPolicy,
    ledger,
    announced_id: dns.announced_id,
    thresholds: settings.alerts.certificate_thresholds,
    hosting,
  });
  const { targets } = dns.mx;
  const detail = `${MAX_MX} of ${targets.length} MX hosts were looked at`;
  const cut = targets.length > MAX_MX ? [unseen('not-all-hosts', detail)] : [];
  const rest = cut.flatMap((one) => rowsOf(observer, { kind: 'mx-set', subject: domain }, [one]));
  const rows = [...dns.observations, ...policy, ...rest];
  return { config, ledger, rows, mx: targets.slice(0, MAX_MX), mx_lookup: dns.mx_lookup };
}
