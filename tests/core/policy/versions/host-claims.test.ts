import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostPlace } from '#scripts/core/hosting/host-place.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { HostEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { ledgerLines, parseLedgerLines } from '#scripts/core/policy/versions/ledger-lines.ts';
import { at, minted, policy } from '../ledger-events.ts';

const FLEET: HostPlace = { name: 'fleet', kind: 'pages-fleet', owner: 'acme', repository_name: '{host}' };
const OURS: HostPlace = { name: 'ours', kind: 'bundle', server: 'caddy' };
const first = minted('2026-11-01T00:00:00Z', policy('testing', 'mx.example.com'));

function event(kind: HostEvent['event'], hosting: HostPlace | null, when = '2026-11-01T00:00:00Z'): HostEvent {
  return { at: at(when), event: kind, id: first.id, sha256: first.sha256, hosting };
}

test('lines are read as they were written, and a place that is none is damage', () => {
  const events = [first, event('hosted', FLEET), event('hosted', { name: 'here', kind: 'pages-here' })];
  const more = [event('hosted', OURS), event('moved', { name: 'edge', kind: 'worker' }), event('released', null)];
  const text = ledgerLines([...events, ...more]).join('\n');
  assert.deepEqual(parseLedgerLines(text), { events: [...events, ...more], damage: [], damaged_ids: [] });
  for (const bad of ['"x"', '{"name":"x","kind":"pages-fleet"}', '{"name":"x","kind":"y"}', '{"kind":"worker"}']) {
    const line = JSON.stringify({ ...event('hosted', null), hosting: JSON.parse(bad) as unknown });
    assert.equal(parseLedgerLines(`${line}\n`).damage.length, 1, bad);
  }
});

test('what is claimed is held until it is let go, and a move ends when the name was seen to have moved', () => {
  const hosts = (...events: readonly HostEvent[]) => foldLedger([first, ...events]).hosts;
  assert.deepEqual(hosts(), { place: undefined, moved_at: null, moving: false, held: [] });
  assert.deepEqual(hosts(event('hosted', FLEET)), { place: FLEET, moved_at: null, moving: false, held: [FLEET] });
  const going = [event('hosted', FLEET), event('hosted', OURS)];
  assert.deepEqual(hosts(...going), { place: OURS, moved_at: null, moving: true, held: [FLEET, OURS] });
  const there = [...going, event('moved', OURS, '2026-11-02T00:00:00Z')];
  assert.deepEqual(hosts(...there), {
    place: OURS,
    moved_at: '2026-11-02T00:00:00Z',
    moving: false,
    held: [FLEET, OURS],
  });
  assert.deepEqual(hosts(...there, event('released', FLEET)).held, [OURS]);
  // Back before it was let go: the newest claim is last, and the clock begins anew.
  const back = hosts(...there, event('hosted', FLEET));
  assert.deepEqual([back.place, back.moving, back.moved_at, back.held], [FLEET, true, null, [OURS, FLEET]]);
});
