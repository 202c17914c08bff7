import assert from 'node:assert/strict';
import type { Finding, Severity } from '#scripts/core/finding.ts';
import { markedBody } from '#scripts/core/incidents/issue-marker.ts';
import { finding } from '../core/incidents/world.ts';
import { FakeTracker, type Fault, Killed, type TriedTracker } from '../fakes/issue-tracker.ts';
import { AlertWorld } from './alert-world.ts';

type World = AlertWorld<TriedTracker>;

const DOMAINS = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'];
const SEVERITIES: readonly Severity[] = ['sev1', 'sev2', 'sev3'];
const FAULTS: readonly Fault[] = ['limit', 'lost-before', 'lost-after', 'killed-before', 'killed-after', 'unavailable'];
const HOUR = 3_600_000;

/** A small generator with a seed: the same history for the same number (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One history: findings come, change, join and go; people close, open, edit and unlabel; lists lag; requests are refused,
 * lost or cut; the checkpoint is lost. Then the weather clears, and after some quiet runs every live finding has exactly
 * one open issue, and no issue of ours is open without one.
 */
export async function playHistory(seed: number, tracker: TriedTracker = new FakeTracker()): Promise<void> {
  const chance = random(seed);
  const one = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const world = new AlertWorld(tracker);
  world.settings = { ...world.settings, max_new_per_run: 1 + Math.floor(chance() * 3) };
  const live = new Map<string, Finding>();
  let at = Date.parse('2026-11-23T10:00:00Z');
  const time = () => new Date(at).toISOString().replace('.000', '');
  const faulty = chance() * 0.3;

  for (let run = 0; run < 12; run++) {
    for (const domain of DOMAINS) change(domain, live, chance, one);
    if (chance() < 0.4) person(world, chance, one);
    // A stale list and a lost checkpoint together are what the forward look is for.
    world.tracker.stale = chance() < 0.3;
    if (chance() < 0.05) world.alerts = { version: 1, authors: [], incidents: {} };
    world.tracker.fault = (write) => (chance() < (write ? faulty : faulty / 6) ? one(FAULTS) : null);
    try {
      await world.run(time(), [...live.values()]);
    } catch (error) {
      if (!(error instanceof Killed) && !(error instanceof Error && 'code' in error)) throw error;
    }
    at += HOUR * (1 + Math.floor(chance() * 30));
  }

  world.tracker.fault = () => null;
  world.tracker.stale = false;
  // What people closed is theirs for a while: everything rises once, and two days pass.
  for (const [domain, found] of live) live.set(domain, { ...found, state: 'open' });
  const settle = async (): Promise<void> => {
    for (let run = 0; run < 8; run++) {
      at += 49 * HOUR;
      await world.run(time(), [...live.values()]);
    }
  };
  await settle();
  for (const [domain, found] of live) live.set(domain, { ...found, severity: 'sev1' });
  await settle();
  judge(world, [...live.values()], seed);

  const writes = world.tracker.written();
  await world.run(time(), [...live.values()]);
  assert.equal(world.tracker.written(), writes, `history ${seed}: a run that finds nothing new writes nothing`);
}

function judge(world: World, live: readonly Finding[], seed: number): void {
  const open = world.tracker.all().filter(({ state, author }) => state === 'open' && author === world.tracker.login);
  const told = new Map<string, number[]>();
  for (const { number } of open) {
    const incident = Object.values(world.alerts.incidents).find((one) => one.number === number);
    for (const { fingerprint } of live)
      if (incident?.members.includes(fingerprint)) told.set(fingerprint, [...(told.get(fingerprint) ?? []), number]);
  }
  for (const { fingerprint } of live) {
    const number = told.get(fingerprint) ?? [];
    // A severity that was sev1 when a person closed it as not planned cannot rise any more: that stays closed.
    const respected = Object.values(world.alerts.incidents).some(
      ({ members, state, closed }) =>
        members.includes(fingerprint) &&
        state === 'closed' &&
        closed?.by === 'person' &&
        closed.reason === 'not_planned' &&
        closed.severity === 'sev1',
    );
    if (respected && number.length === 0) continue;
    assert.equal(number.length, 1, `history ${seed}: ${fingerprint} is told by ${number.length} open issues`);
    const body = world.tracker.issue(number[0] ?? 0).body;
    assert.ok(markedBody(body)?.block.includes(fingerprint), `history ${seed}: #${number[0]} names ${fingerprint}`);
  }
  const needed = new Set([...told.values()].flat());
  const idle = open.filter(({ number }) => !needed.has(number)).filter(({ number }) => !keptOpen(world, number));
  assert.deepEqual(
    idle.map(({ number }) => number),
    [],
    `history ${seed}: open without a live finding`,
  );
  for (const issue of world.tracker.all().filter(({ author }) => author === 'mallory'))
    assert.equal(issue.state, 'open', `history ${seed}: the stranger’s issue is left alone`);
  // Each comment of ours names an event of its own.
  for (const { number } of world.tracker.all()) {
    const marks = world.tracker
      .commentsOf(number)
      .flatMap((text) => text.match(/<!-- postern:event .* -->/)?.[0] ?? []);
    assert.equal(new Set(marks).size, marks.length, `history ${seed}: #${number} has a comment twice`);
  }
}

/** A person opened it again: also one that was merged, of which a lost checkpoint knows nothing more. */
function keptOpen(world: World, number: number): boolean {
  if (markedBody(world.tracker.issue(number).body)?.marker?.kind === 'merged') return true;
  return Object.values(world.alerts.incidents).some((one) => one.number === number && one.kept_open);
}

function change(
  domain: string,
  live: Map<string, Finding>,
  chance: () => number,
  one: <T>(from: readonly T[]) => T,
): void {
  const before = live.get(domain);
  const dice = chance();
  if (before === undefined) {
    if (dice < 0.4) live.set(domain, finding(domain, { severity: one(SEVERITIES) }));
  } else if (dice < 0.2) live.delete(domain);
  else if (dice < 0.3) live.set(domain, { ...before, severity: one(SEVERITIES) });
  else if (dice < 0.4) live.set(domain, { ...before, state: before.state === 'open' ? 'recovering' : 'open' });
  else if (dice < 0.5) live.set(domain, { ...before, incident: before.incident === null ? 'one cause' : null });
  else if (dice < 0.6) live.set(domain, { ...before, summary: `It goes on, figure ${Math.floor(chance() * 1000)}.` });
}

function person(world: World, chance: () => number, one: <T>(from: readonly T[]) => T): void {
  const issues = world.tracker.all();
  if (issues.length === 0) return;
  const { number, state, labels, body } = one(issues);
  const dice = chance();
  if (dice < 0.25 && state === 'open' && world.tracker.issue(number).author !== 'mallory')
    world.tracker.edit(number, {
      state: 'closed',
      state_reason: chance() < 0.5 ? 'completed' : 'not_planned',
      closed_at: world.tracker.tick(),
    });
  else if (dice < 0.35 && state === 'closed')
    world.tracker.edit(number, { state: 'open', state_reason: 'reopened', closed_at: null });
  else if (dice < 0.5) world.tracker.edit(number, { labels: labels.slice(1) });
  else if (dice < 0.65) world.tracker.edit(number, { body: `${body}\n\nA note.`, title: 'Renamed' });
  else if (dice < 0.75) world.tracker.react(number, 'alice');
  else if (dice < 0.85) world.tracker.strange('mallory', body);
  else if (dice < 0.95) world.tracker.say(number, 'bob', 'Looking.');
}
