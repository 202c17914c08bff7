import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import { commitFiles, type FakeRepository } from '../../fakes/github/world.ts';
import { events, hostEvents } from './publish-traces.ts';
import { Killed, NOW, openLab, type PublishLab, served } from './publish-world.ts';

/**
 * A policy host that goes from one hosting to another with the same bytes: there first, then its name, and the old place a
 * day and the TTL later (rollout rules §5). A name is never left to somebody else, also when the run is killed.
 */

const DOMAIN = 'example.com';
const HOST = `mta-sts.${DOMAIN}`;
const PLACES = `hosting:
  fleet: { kind: pages-fleet, owner: acme, repository_name: "{host}" }
  other: { kind: pages-fleet, owner: acme, repository_name: "sts-{host}" }
  here: { kind: pages-here }
  ours: { kind: bundle, server: caddy }
`;
export const later = (hours: number): Instant => instantOf(Date.parse(NOW) + hours * 3_600_000);
export const yaml = (hosting: string | null) =>
  `mode: testing\nmx: [mx1.example.com]\n${hosting === null ? '' : `hosting: ${hosting}\n`}dns: ours\n`;

/** In force at a hosting since a day. */
export async function standing(at: string | null): Promise<PublishLab> {
  const lab = await openLab();
  const settings = join(lab.root, 'domains', '_settings.yaml');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace(/^hosting: .*\n/m, PLACES));
  lab.write({ [`${DOMAIN}.yaml`]: yaml(at) });
  commitFiles(lab.github.world, mail(lab), 'main', { 'README.md': 'mail\n' });
  for (const hour of [-24, -23]) {
    await lab.run({ now: later(hour) });
    await someoneActs(lab, at ?? 'nobody');
  }
  assert.deepEqual(
    events(lab).map(({ event }) => event),
    ['minted', 'served', 'announced'],
  );
  return lab;
}

const mail = (lab: PublishLab) => lab.github.world.repositories.get('acme/mail') as FakeRepository;
const alias = (lab: PublishLab) => lab.zone.find(({ name, type }) => name === HOST && type === 'CNAME');
const holds = ({ github, bundle }: PublishLab) => [
  ...[...github.world.repositories].flatMap(([name, { pages }]) => (pages?.cname === HOST ? [name] : [])),
  ...(bundle.has(HOST) ? ['bundle'] : []),
];

/** What is done between two runs: the workflow deploys, GitHub issues certificates, and a person points the name. */
export async function someoneActs(lab: PublishLab, to: string): Promise<void> {
  const body = [...(await bodies(lab)).values()][0];
  if (mail(lab).pages !== null && body !== undefined)
    commitFiles(lab.github.world, mail(lab), 'main', { '.well-known/mta-sts.txt': body });
  lab.issueCertificates();
  if (to === 'nobody') lab.bundle.set(HOST, body ?? '');
  if (to !== 'ours' && to !== 'nobody') return;
  const old = alias(lab);
  if (old === undefined) lab.zone.push({ name: HOST, type: 'CNAME', data: 'web.example' });
  else Object.assign(old, { data: 'web.example' });
}

/** The text of the newest version, as the ledger has it. */
async function bodies({ data }: PublishLab): Promise<ReadonlyMap<string, string>> {
  const lines = readFileSync(join(data, 'policies', `${DOMAIN}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean);
  const minted = lines.map((line) => JSON.parse(line) as { event: string; id: string; body?: string });
  return new Map(minted.flatMap(({ id, body }) => (body === undefined ? [] : [[id, body]])));
}

function isServed(lab: PublishLab): boolean {
  const answers = served(lab, HOST);
  return answers.length > 0 && answers.every(({ code }) => code === 'ok');
}

export interface Walk {
  readonly from: string | null;
  readonly to: string | null;
  /** GitHub lets one site at a time have the name. */
  readonly swaps?: boolean;
  /** GitHub makes a certificate only when the name leads there: until then nothing is served. */
  readonly gap?: boolean;
  /** Hours after which the old place may go. */
  readonly keep?: number;
  readonly end: readonly string[];
}

/** Run by run until nothing is left to do. Returns how often a call was killed. */
export async function walk(
  { from, to, swaps = false, gap = swaps, keep = 25, end }: Walk,
  kill: { at: number; when: 'before' | 'after' } | null = null,
) {
  const lab = await standing(from);
  try {
    return await walkOn(lab, { from, to, swaps, gap, keep, end }, kill);
  } finally {
    await lab.close();
  }
}

async function walkOn(
  lab: PublishLab,
  { from, to, swaps, gap, keep, end }: Required<Walk>,
  kill: { at: number; when: 'before' | 'after' } | null,
) {
  const before = holds(lab);
  lab.write({ [`${DOMAIN}.yaml`]: yaml(to) });
  Object.assign(lab.killer, { calls: 0, dead: false }, kill ?? {});
  let moved: number | null = null;
  const said = new Set<string>();
  for (const hour of [0, 1, 2, 3, keep + 4, keep + 5]) {
    const held = hostEvents(lab);
    if (held.includes(`moved ${to ?? 'nobody'}`) && held.includes(`released ${from}`)) break;
    try {
      const { waiting, failed, refusals } = await lab.run({ now: later(hour) });
      if (!lab.killer.dead) assert.deepEqual([failed, refusals], [[], []], `hour ${hour}`);
      for (const one of waiting) said.add(one.for.replace(/\d{4}-[^ ]*Z/, 'TIME'));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    Object.assign(lab.killer, { dead: false });
    if (kill !== null && lab.killer.calls >= kill.at) Object.assign(lab.killer, { at: null });
    if (hostEvents(lab).includes(`moved ${to ?? 'nobody'}`)) moved ??= hour;
    const isOldHeld = before.every((one) => holds(lab).includes(one));
    if (!gap) assert.ok(isServed(lab), `${from} to ${to}: not served at hour ${hour}`);
    if (!swaps && (moved === null || hour < moved + keep))
      assert.ok(isOldHeld, `let go at hour ${hour}, moved at ${moved}`);
    // Killed just between letting go and claiming at GitHub, the next run claims.
    assert.ok(holds(lab).length > 0 || (swaps && kill !== null) || to === null, 'the name belongs to nobody');
    await someoneActs(lab, to ?? 'nobody');
  }
  assert.ok(isServed(lab));
  assert.deepEqual(holds(lab), end);
  assert.equal(events(lab).length, 3, 'the bytes are the same, so it is no new version');
  const calls = lab.killer.calls;
  const requests = lab.github.requests.length;
  assert.deepEqual((await lab.run({ now: later(keep + 60) })).waiting, []);
  assert.equal(lab.github.requests.length, requests, 'nothing is repeated when it is over');
  const trace = hostEvents(lab);
  return { calls, said, trace };
}

export const WALKS: readonly Walk[] = [
  { from: 'fleet', to: 'ours', end: ['bundle'] },
  { from: 'ours', to: 'fleet', gap: true, end: [`acme/${HOST}`] },
  { from: 'fleet', to: 'here', swaps: true, end: ['acme/mail'] },
  { from: 'here', to: 'fleet', swaps: true, end: [`acme/${HOST}`] },
  { from: 'fleet', to: 'other', swaps: true, end: [`acme/sts-${HOST}`] },
  { from: 'fleet', to: null, end: ['bundle'] },
];

/** The walk in peace, and then once for each of these calls, killed there and run again: the same happens. */
export async function killWalk(one: Walk, isChosen: (call: number) => boolean): Promise<number> {
  const { calls, trace } = await walk(one);
  let killed = 0;
  for (let at = 1; at <= calls; at++) {
    if (!isChosen(at)) continue;
    const when = at % 2 === 0 ? 'before' : 'after';
    assert.deepEqual((await walk(one, { at, when })).trace, trace, `killed ${when} call ${at} of ${calls}`);
    killed++;
  }
  return killed;
}
