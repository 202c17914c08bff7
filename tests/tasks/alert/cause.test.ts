import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, withCause } from '#scripts/core/analysis/changes.ts';
import type { Instant } from '#scripts/core/clock.ts';
import { finding } from '../../core/incidents/world.ts';
import { FakeTracker } from '../../fakes/issue-tracker.ts';
import { AlertWorld } from '../alert-world.ts';

const NOW = '2026-11-23T10:00:00Z';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const serial = (at: string): Change => ({
  at: at as Instant,
  what: 'certificate',
  host: 'mx.a.example',
  text: 'the certificate of mx.a.example changed from serial 0a to serial 0b',
  kind: 'observation',
  ref: null,
});
const published = (ref: string | null): Change => ({
  at: '2026-11-19T08:00:00Z' as Instant,
  what: 'policy',
  host: null,
  text: 'policy version 20261119080000 in mode testing was published, pull request #7',
  kind: 'ledger',
  ref,
});

async function causeIn(changes: readonly Change[]): Promise<string> {
  const world = new AlertWorld(new FakeTracker());
  await world.run(NOW, [withCause(finding('a.example'), changes)]);
  return /\*\*Cause\.\*\* (.*)/.exec(world.tracker.issue(1).body)?.[1] ?? '';
}

test('the issue names what probes saw change, with the time', async () => {
  const cause = await causeIn([serial('2026-11-20T09:30:00Z')]);
  assert.match(cause, /^Changed before, 2026-11-20 09:30 UTC: the certificate of/);
  assert.match(cause, /serial 0a to serial 0b/);
});

test('the pull request or the commit that published a policy is a link, for GitHub makes one of it', async () => {
  assert.match(await causeIn([published('#7')]), / #7$/);
  assert.match(await causeIn([published(COMMIT)]), new RegExp(` ${COMMIT}$`));
  assert.doesNotMatch(await causeIn([published('@everyone')]), /@everyone$/);
});

test('what changed on the days after did not cause it: more likely it is the repair', async () => {
  const found = finding('a.example');
  assert.equal(withCause(found, [serial('2026-11-21T09:30:00Z')]), found);
});

test('without a change the usual causes are named', async () => {
  assert.match(await causeIn([]), /^Not established\. Usual causes: /);
});
