import type { Instant } from '../core/clock.ts';
import { ourNames } from '../core/dns/our-names.ts';
import type { HostAnswer } from '../core/policy/host-answer.ts';
import { type LiveFacts, type LivePolicy, nothingSeen, type Seen, seen, unseen } from '../core/policy/live-facts.ts';
import { liveCaa, liveHost, liveMx, liveSecure, liveTxt } from '../core/policy/live-lookups.ts';
import type { Lookup, Resolver } from '../core/probe/dns-lookup.ts';
import type { DomainName } from '../standards/domain-name.ts';

export interface LiveLook {
  readonly resolver: Resolver;
  /** Asks one address for the policy. */
  readonly fetchBody: (host: string, address: string) => Promise<HostAnswer>;
  readonly now: Instant;
  /** For one domain; what has not answered by then is not known. Milliseconds. */
  readonly deadlineMs: number;
}

/** More addresses than any policy host has. */
const MOST_ADDRESSES = 16;

/** Looks at one domain as the world sees it. Never throws for what DNS or the host do. */
export async function lookLive(domain: DomainName, look: LiveLook): Promise<LiveFacts> {
  const late = `no answer within ${Math.round(look.deadlineMs / 1000)} s`;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<LiveFacts>((resolve) => {
    timer = setTimeout(() => resolve(nothingSeen(look.now, late)), look.deadlineMs);
  });
  try {
    return await Promise.race([lookAt(domain, look), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

async function lookAt(domain: DomainName, { resolver, fetchBody, now }: LiveLook): Promise<LiveFacts> {
  const names = ourNames(domain);
  const host = names.policy_host;
  const [mx, a, aaaa, record, reports, hostA, hostAaaa, caa] = await Promise.all([
    resolver.lookup(domain, 'MX'),
    resolver.lookup(domain, 'A'),
    resolver.lookup(domain, 'AAAA'),
    resolver.lookup(names.mta_sts, 'TXT'),
    resolver.lookup(names.tls_rpt, 'TXT'),
    resolver.lookup(host, 'A'),
    resolver.lookup(host, 'AAAA'),
    climbCaa(resolver, host),
  ]);
  const policyHost = liveHost([hostA, hostAaaa]);
  return {
    at: now,
    mx: liveMx(domain, mx, [a, aaaa]),
    mta_sts: liveTxt(record),
    tls_rpt: liveTxt(reports),
    policy_host: policyHost,
    served: policyHost.known
      ? seen(await servedAt(host, policyHost.value.values, fetchBody))
      : unseenPolicy(policyHost),
    caa: liveCaa(caa),
    secure: liveSecure(resolver.trusted, mx),
  };
}

async function servedAt(
  host: string,
  addresses: readonly string[],
  fetchBody: LiveLook['fetchBody'],
): Promise<LivePolicy> {
  const answers = await Promise.all(addresses.slice(0, MOST_ADDRESSES).map((address) => fetchBody(host, address)));
  const [first] = answers;
  const isSame = first !== undefined && answers.every(({ body }) => body !== null && body === first.body);
  return { body: isSame ? first.body : null, addresses: answers.map(({ address, code }) => ({ address, code })) };
}

function unseenPolicy(host: Seen<unknown>): Seen<LivePolicy> {
  return unseen(host.known ? '' : host.why);
}

/** The policy host's name and those above it, down to the first that has CAA records (RFC 8659 §3). */
async function climbCaa(resolver: Resolver, host: string): Promise<readonly Lookup<'CAA'>[]> {
  const found: Lookup<'CAA'>[] = [];
  for (let name = host; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const lookup = await resolver.lookup(name, 'CAA');
    found.push(lookup);
    if (lookup.records.length > 0) break;
  }
  return found;
}
