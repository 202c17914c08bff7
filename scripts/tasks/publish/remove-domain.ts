import type { Instant } from '../../core/clock.ts';
import { HOST_TTL, MTA_STS_TTL } from '../../core/dns/desired-records.ts';
import { standingNames } from '../../core/dns/our-names.ts';
import type { RecordSet } from '../../core/dns/record-set.ts';
import { policyHost } from '../../core/policy/desired.ts';
import { retirementStep } from '../../core/policy/rollout/retirement.ts';
import { foldLedger, type Ledger, type PolicyVersion } from '../../core/policy/versions/ledger.ts';
import type { ObservedEvent } from '../../core/policy/versions/ledger-event.ts';
import { authoritiesDiffer } from '../../core/publish/authority-view.ts';
import type { PublishJob } from '../../core/publish/publish-job.ts';
import type { PublishStep } from '../../core/publish/publish-result.ts';
import { setRecords } from '../../io/dns-providers/set-records.ts';
import type { DomainName } from '../../standards/domain-name.ts';
import type { PublishWorld, Standing } from './world.ts';

type RemovalJob = Extract<PublishJob, { kind: 'remove' }>;

/**
 * Takes a retired domain down in the only safe order: TXT, its TTL, the host's name, the claim (RFC 8461 §8.3). A name that
 * points to a host nobody claims can be taken over by anybody, so the claim goes last.
 */
export async function removeDomain(
  job: RemovalJob,
  zone: DomainName | null,
  world: PublishWorld,
  at: (step: PublishStep) => void,
): Promise<Standing> {
  const { domain, last, ledger } = job;
  const names = standingNames(domain, last?.delegation ?? 'records', zone);
  const host = policyHost(domain);
  const version = ledger.versions.at(-1);
  if (version === undefined) return { state: 'unchanged' };
  let known: Ledger = ledger;

  at('id');
  if (retirementStep(factsOf(known, world.now, null)).step === 'remove-txt') {
    const missing = await takeOut({ name: names.mta_sts, type: 'TXT', ttl: MTA_STS_TTL, values: [] }, last, world, at);
    if (missing !== null) return { state: 'waiting', for: [missing], since: version.announced_at ?? version.minted_at };
    const event: ObservedEvent = { at: world.now, event: 'withdrawn', id: version.id, sha256: version.sha256 };
    world.record(domain, [event]);
    known = withdrawn(known, event);
  }

  at('records');
  const settled = retirementStep(factsOf(known, world.now, null));
  const since = known.versions.at(-1)?.withdrawn_at ?? world.now;
  if (settled.step === 'wait-ttl')
    return { state: 'waiting', for: [`caches to forget the TXT record, until ${settled.not_before}`], since };
  if (settled.step !== 'remove-host-name') return { state: 'unchanged' };
  if ((await world.nameExists(host)) !== false) {
    const missing = await takeOut(
      { name: names.policy_host, type: 'CNAME', ttl: HOST_TTL, values: [] },
      last,
      world,
      at,
    );
    const person = `a person to delete from DNS: ${host}`;
    if (missing !== null) return { state: 'waiting', for: [missing], since };
    if ((await world.nameExists(host)) !== false) return { state: 'waiting', for: [person], since };
  }

  at('release');
  if (retirementStep(factsOf(known, world.now, false)).step !== 'release-claim') return { state: 'unchanged' };
  return { state: (await releaseAll(job, version, host, world)) ? 'done' : 'unchanged' };
}

/** Every claim that was written down and not let go; without any such line, that of the last configuration. */
async function releaseAll(
  { domain, place, ledger: { hosts } }: RemovalJob,
  { id, sha256 }: PolicyVersion,
  host: string,
  world: PublishWorld,
): Promise<boolean> {
  let done = false;
  for (const held of hosts.place === undefined ? [place] : hosts.held) {
    if ((await (await world.hosting(held))?.release(host)) === true) done = true;
    if (hosts.place !== undefined)
      world.record(domain, [{ at: world.now, event: 'released', id, sha256, hosting: held }]);
  }
  return done;
}

/** Null when it is gone from every authoritative server; else what to wait for. */
async function takeOut(
  record: RecordSet,
  last: RemovalJob['last'],
  world: PublishWorld,
  at: (step: PublishStep) => void,
): Promise<string | null> {
  const provider = last === null ? null : await world.provider(last, record.name);
  if (provider !== null) await setRecords(provider, record);
  at('authorities');
  const differs = authoritiesDiffer(await world.atAuthorities(record), []);
  if (differs === null || provider !== null) return differs;
  return `a person to delete from DNS: ${record.name}. ${record.type}`;
}

function factsOf(ledger: Ledger, now: Instant, exists: boolean | null) {
  return { ledger, now, txt_ttl: MTA_STS_TTL, host_name_exists: exists };
}

function withdrawn(ledger: Ledger, { at }: ObservedEvent): Ledger {
  const last = ledger.versions.at(-1);
  if (last === undefined) return foldLedger([]);
  return { ...ledger, current: null, versions: [...ledger.versions.slice(0, -1), { ...last, withdrawn_at: at }] };
}
