import { releaseAt } from '../../core/hosting/host-move.ts';
import { type HostPlace, isPages, isSamePlace } from '../../core/hosting/host-place.ts';
import { type PolicySite, policyHostFiles } from '../../core/hosting/policy-host-files.ts';
import type { HostEvent } from '../../core/policy/versions/ledger-event.ts';
import type { PublishJob } from '../../core/publish/publish-job.ts';
import type { PublishWorld } from './world.ts';

type VersionJob = Extract<PublishJob, { kind: 'publish' }>;

/**
 * Claims the name and puts the files in place, after it is written down that they are about to be: whatever happens then,
 * the claim is never forgotten. Returns what it waits for.
 */
export async function serveAt(job: VersionJob, site: PolicySite, world: PublishWorld): Promise<string | null> {
  const { move, place, version, domain, hosts } = job;
  const before = hosts.place === undefined ? (move?.from ?? []).map((one) => eventOf(job, 'hosted', one, world)) : [];
  const isWritten = hosts.place === undefined ? place === null && before.length === 0 : isSamePlace(hosts.place, place);
  if (!isWritten) world.record(domain, [...before, eventOf(job, 'hosted', place, world)]);
  const hosting = await world.hosting(place);
  if (hosting === null) return null;
  const whole = { ...site, files: policyHostFiles(site) };
  const swapped = move?.swaps === true && move.moved_at === null ? move.from.filter(isPages) : [];
  if (swapped.length > 0) {
    const waits = (await hosting.prepare?.(whole)) ?? null;
    if (waits !== null) return waits;
    for (const old of swapped) await (await world.hosting(old))?.release(site.host);
  }
  const waits = await hosting.serve(whole);
  if (swapped.length > 0)
    world.record(
      domain,
      swapped.map((old) => eventOf({ version }, 'released', old, world)),
    );
  return waits;
}

/** Why the name may still lead to where it stood; null when it does not, at any server that holds it. */
export async function stillLeads({ move, host_names, place }: VersionJob, world: PublishWorld): Promise<string | null> {
  if (move === null || move.from_targets.length === 0) return null;
  for (const name of host_names) {
    const { answers } = await world.atAuthorities({ name, type: 'CNAME' });
    if (answers.length === 0) return `CNAME ${name}: which servers hold its zone is not known`;
    const old = answers.flatMap(({ values }) => values).find((value) => move.from_targets.includes(value));
    if (old !== undefined)
      return `a person to point ${name} to ${place?.name ?? 'the new web server'}: it still leads to ${old}`;
  }
  return null;
}

/** Lets the old places go when no cache can lead there any more; what it waits for until then. */
export async function letGo(
  job: VersionJob,
  movedAt: NonNullable<VersionJob['move']>['moved_at'],
  host: string,
  world: PublishWorld,
): Promise<string | null> {
  const { move, domain } = job;
  if (move === null) return null;
  const left = move.from.filter((one) => !(move.swaps && isPages(one)));
  const due = releaseAt({ ...move, moved_at: movedAt });
  if (left.length === 0 || due === null) return null;
  const names = left.map(({ name }) => name).join(', ');
  if (world.now < due) return `caches to forget that ${host} stood at ${names}, until ${due}`;
  for (const old of left) {
    await (await world.hosting(old))?.release(host);
    world.record(domain, [eventOf(job, 'released', old, world)]);
  }
  return null;
}

export function eventOf(
  { version: { id, sha256 } }: Pick<VersionJob, 'version'>,
  event: HostEvent['event'],
  hosting: HostPlace | null,
  { now }: Pick<PublishWorld, 'now'>,
): HostEvent {
  return { at: now, event, id, sha256, hosting };
}
