import type { Instant } from '../../core/clock.ts';
import { type WantedRecords, zoneLines } from '../../core/dns/record-set.ts';
import { policySite } from '../../core/hosting/policy-host-files.ts';
import type { ObservedEvent } from '../../core/policy/versions/ledger-event.ts';
import { mayAnnounce, type ServedBytes } from '../../core/policy/versions/publication.ts';
import { authoritiesDiffer } from '../../core/publish/authority-view.ts';
import { isIdRecord, type PublishJob } from '../../core/publish/publish-job.ts';
import type { PublishStep } from '../../core/publish/publish-result.ts';
import { setRecords } from '../../io/dns-providers/set-records.ts';
import { sha256Hex } from '../../standards/sha-256.ts';
import { eventOf, letGo, serveAt, stillLeads } from './move-host.ts';
import type { PublishWorld, Standing } from './world.ts';

type VersionJob = Extract<PublishJob, { kind: 'publish' }>;

/**
 * Brings one version into force, in the only safe order (RFC 8461 §8.1): claim and body, the names that lead there, bytes
 * verified on every address, then the id, verified at every authoritative server, and each in the ledger as it is seen.
 * Everything is looked at before it is done, so the same call goes on after a kill. `at` is told each step as it begins.
 */
export async function publishVersion(
  job: VersionJob,
  world: PublishWorld,
  at: (step: PublishStep) => void,
): Promise<Standing> {
  const { config, version, records, domain, moves, move, place } = job;
  const { id, sha256, body } = version;
  const event = (kind: ObservedEvent['event']): ObservedEvent => ({ at: world.now, event: kind, id, sha256 });
  const site = policySite(domain, body);
  const wasServed = version.first_served_at !== null;
  // What was seen served costs the hosting no call, as long as it still is.
  const isMoving = move !== null && move.moved_at === null;
  const isServed = wasServed && !moves && !isMoving && mayAnnounce(sha256, await servedBytes(site.host, world)).allowed;
  const begun = wasServed ? world.now : version.minted_at;

  at('host');
  const claim = isServed ? null : await serveAt(job, site, world);
  if (claim !== null) return waiting([claim], begun);

  at('records');
  let hasWritten = false;
  const wrote = () => {
    hasWritten = true;
  };
  const before = await bringRecords(
    records.filter((record) => !isIdRecord(record)),
    config,
    world,
    wrote,
  );

  at('certificate');
  const settling = isServed ? null : ((await (await world.hosting(place))?.settle(site.host)) ?? null);

  at('bytes');
  // Also when it was served before: the id may not move while one address serves another body.
  const served = await servedBytes(site.host, world);
  const verdict = mayAnnounce(sha256, served);
  if (!verdict.allowed) {
    const bytes = settling ?? unserved(site.host, served, verdict.waiting_for, version);
    return waiting([...before, bytes], begun);
  }
  if (!wasServed) world.record(domain, [event('served')]);
  const leads = isMoving && before.length === 0 ? await stillLeads(job, world) : null;
  const hasMoved = isMoving && before.length === 0 && leads === null;
  if (hasMoved) world.record(domain, [eventOf(job, 'moved', place, world)]);

  at('id');
  const late = await bringRecords(records.filter(isIdRecord), config, world, wrote, at);
  const since = version.first_served_at ?? world.now;
  if (late.length > 0) return waiting([...before, ...late], since);
  if (version.announced_at === null) world.record(domain, [event('announced')]);
  if (before.length > 0) return waiting(before, version.announced_at ?? world.now);
  if (leads !== null) return waiting([leads], begun);

  at('release');
  const movedAt = hasMoved ? world.now : (move?.moved_at ?? null);
  const kept = await letGo(job, movedAt, site.host, world);
  if (kept !== null) return waiting([kept], movedAt ?? world.now);
  // A resolver may still keep an older answer than every server of the zone: then all was so already.
  const isChanged = hasWritten || !isServed || move !== null || version.announced_at === null;
  return { state: isChanged ? 'done' : 'unchanged' };
}

async function servedBytes(host: string, world: PublishWorld): Promise<readonly ServedBytes[]> {
  const answers = await world.fetchBody(host);
  return answers.map(({ address, code, body }) => ({ address, code, sha256: body === null ? null : sha256Hex(body) }));
}

/** Sets what is ours to set, and tells what is not yet so at every authoritative server. */
async function bringRecords(
  records: readonly WantedRecords[],
  config: VersionJob['config'],
  world: PublishWorld,
  wrote: () => void,
  at: (step: PublishStep) => void = () => {},
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const record of records) {
    const provider = record.by === 'us' ? await world.provider(config, record.name) : null;
    if (provider !== null && (await setRecords(provider, record))) wrote();
    if (isIdRecord(record)) at('authorities');
    const differs = authoritiesDiffer(await world.atAuthorities(record), record.values);
    if (differs === null) continue;
    missing.push(provider === null ? `a person to set in DNS: ${zoneLines(record).join(' ; ')}` : differs);
  }
  return missing;
}

function unserved(
  host: string,
  served: readonly ServedBytes[],
  late: readonly string[],
  { sha256, first_served_at }: VersionJob['version'],
): string {
  if (served.length === 0) return `${host} to have an address in DNS`;
  const told = served
    .filter(({ address }) => late.includes(address))
    .map((one) => {
      const what = one.code === 'ok' && one.sha256 !== sha256 ? 'another body' : one.code;
      return `${one.address} (${what})`;
    });
  const body = first_served_at === null ? 'the new body' : 'the published body again';
  return `https://${host}/.well-known/mta-sts.txt to serve ${body}: ${told.slice(0, 8).join(', ')}`;
}

function waiting(what: readonly string[], since: Instant): Standing {
  return { state: 'waiting', for: what, since };
}
