import type { Settings } from '../../core/config/types.ts';
import { isDefinite, type Lookup, type Resolver } from '../../core/probe/dns-lookup.ts';
import { mxSightings } from '../../core/probe/mx-sightings.ts';
import type { SentCertificate } from '../../core/probe/sent-certificate.ts';
import { fault, type Sighting, unanswered, unseen } from '../../core/probe/sighting.ts';
import { lookAtMx, type MxAddress } from './look-at-mx.ts';
import type { Eyes } from './open-eyes.ts';
import { runQueue } from './run-queue.ts';

/** One MX host: what its look-ups tell, and what was seen at each of its addresses. */
export interface MxHostLook {
  readonly host: string;
  /** The name that has the addresses where the host is an alias, which RFC 5321 §5.1 forbids; else null. */
  readonly alias_of: string | null;
  /** Why there is nothing to look at, or less than there could be; null addresses. */
  readonly lookups: readonly Sighting[];
  readonly addresses: ReadonlyMap<string, AddressLook>;
}

export interface AddressLook {
  readonly sightings: readonly Sighting[];
  /** As sent to who names the host; null without a TLS session. All that is kept of the look: there may be ten thousand. */
  readonly chain: readonly SentCertificate[] | null;
  /** A connection stood. */
  readonly reached: boolean;
}

export interface MxQuestion extends AddressQuestion {
  readonly resolver: Resolver;
}

export interface AddressQuestion {
  readonly eyes: Pick<Eyes, 'mx'>;
  readonly settings: {
    readonly alerts: Pick<Settings['alerts'], 'certificate_thresholds'>;
    readonly network: Pick<Settings['network'], 'target_deadline'>;
  };
  /** The end of the whole run, `performance.now()` milliseconds. */
  readonly end: number;
  /** Called with how many addresses there are, for each that is done. */
  readonly onDone: (all: number) => void;
}

const MAX_ADDRESSES = 16;
/** Handshakes at a time; servers that keep us waiting, if only for the length of a way across a country, do not count. */
const LIMITS = { active: 50, open: 2000, idleMs: 40 };

/** Each of these hosts once at each of its addresses, however many domains have it. */
export async function lookAtMxHosts(
  hosts: readonly string[],
  question: MxQuestion,
): Promise<ReadonlyMap<string, MxHostLook>> {
  const found = await Promise.all(hosts.map((host) => addressesOf(question.resolver, host)));
  const looks = new Map(
    found.map(({ host, alias_of, lookups }) => {
      return [host, { host, alias_of, lookups, addresses: new Map<string, AddressLook>() }];
    }),
  );
  const targets = found.flatMap(({ host, addresses }) => addresses.map((address) => ({ host, address })));
  for (const [{ host, address }, look] of await lookAtAddresses(targets, question))
    looks.get(host)?.addresses.set(address, look);
  return looks;
}

/** Only these; in an order of chance, so that no provider gets them all at once. */
export async function lookAtAddresses(
  targets: readonly MxAddress[],
  { eyes, settings, end, onDone }: AddressQuestion,
): Promise<ReadonlyMap<MxAddress, AddressLook>> {
  const looks = new Map<MxAddress, AddressLook>();
  const rules = { now: eyes.mx.now, certificate_thresholds: settings.alerts.certificate_thresholds };
  await runQueue(
    shuffled(targets),
    async (target, pace) => {
      const now = performance.now();
      const deadline = Math.min(end, now + settings.network.target_deadline * 1000);
      const look = now >= end ? null : await lookAtMx(eyes.mx, target, deadline, pace);
      const sightings = look === null ? [unseen('budget', 'the run had no time left')] : mxSightings(look, rules);
      const reached = look !== null && look.named.stop?.phase !== 'connect';
      looks.set(target, { sightings, chain: look?.named.tls?.chain ?? null, reached });
      onDone(targets.length);
    },
    LIMITS,
  );
  return looks;
}

async function addressesOf(resolver: Resolver, host: string) {
  const lookups: readonly Lookup[] = await Promise.all([resolver.lookup(host, 'A'), resolver.lookup(host, 'AAAA')]);
  const all = lookups.flatMap(({ records }) => records as readonly string[]);
  const addresses = all.slice(0, MAX_ADDRESSES);
  const failed = lookups.filter(({ status }) => !isDefinite(status));
  const alias_of = lookups.flatMap(({ aliases }) => aliases.at(-1)?.target ?? [])[0] ?? null;
  const more =
    all.length > MAX_ADDRESSES ? [unseen('not-all-addresses', `${MAX_ADDRESSES} of ${all.length} were looked at`)] : [];
  if (failed.length > 0)
    return { host, alias_of, addresses, lookups: [...failed.slice(0, 1).map(unanswered), ...more] };
  if (addresses.length > 0) return { host, alias_of, addresses, lookups: more };
  return {
    host,
    alias_of,
    addresses,
    lookups: [fault('mx-unreachable', 'has neither an A nor an AAAA record', { reason: 'no-address' })],
  };
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
