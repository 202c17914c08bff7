import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import {
  certificateStage,
  certificateThresholds,
  renewalDueAt,
  renewalWords,
  stageSeverity,
} from '#scripts/core/incidents/certificate-escalation.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const lives = (days: number) => ({ not_before: instantOf(START), not_after: instantOf(START + days * DAY) });
const left = (days: number, of: number): Instant => instantOf(START + (of - days) * DAY);

test('thresholds by lifetime: fixed ones from 90 days on, fractions below (playbook §4)', () => {
  const rows: readonly (readonly [life: number, notify: number, onCall: number, critical: number])[] = [
    [398, 30, 14, 7],
    [90, 30, 14, 7],
    // As Let's Encrypt writes 90 days: the last second is inside (RFC 5280 §4.1.2.5).
    [90 - 1 / 86_400, 30, 14, 7],
    [89, 27.7, 14, 7],
    [64, 19.3, 10.7, 5.3],
    [47, 13.7, 7.8, 3.9],
    [6, 1.5, 1, 0.5],
  ];
  for (const [life, notify, onCall, critical] of rows) {
    const found = certificateThresholds(lives(life), 'relative');
    const days = [found.notify, found.on_call, found.critical].map((ms) => Math.round((ms / DAY) * 10) / 10);
    assert.deepEqual(days, [notify, onCall, critical], `${life} days`);
  }
  assert.deepEqual(certificateThresholds(lives(47), 'fixed'), {
    notify: 30 * DAY,
    on_call: 14 * DAY,
    critical: 7 * DAY,
  });
});

test('notify comes before on-call, on-call before critical, at every lifetime; never all its life long', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (hours) => {
      const validity = lives(hours / 24);
      const { notify, on_call, critical } = certificateThresholds(validity, 'relative');
      assert.ok(notify > on_call && on_call > critical && critical > 0);
      assert.ok(notify < (hours * 3_600_000 + 1000) / 3 + 1, 'an ordinary renewal at a third of the life comes before');
    }),
  );
});

test('the stages of a 90-day certificate', () => {
  const rows: readonly (readonly [left: number, stage: string])[] = [
    [30.1, 'none'],
    [30, 'notify'],
    [14.1, 'notify'],
    [14, 'on-call'],
    [7, 'critical'],
    [-0.1, 'expired'],
  ];
  for (const [days, stage] of rows)
    assert.equal(certificateStage(lives(90), 'relative', left(days, 90)), stage, `${days}`);
  assert.equal(stageSeverity('notify', 'enforce'), 'sev3');
  assert.equal(stageSeverity('on-call', 'testing'), 'sev2');
  assert.equal(stageSeverity('critical', 'testing'), 'sev2');
  assert.equal(stageSeverity('critical', 'enforce'), 'sev1');
});

test('a renewal that was due and did not happen is said before the threshold', () => {
  assert.equal(renewalDueAt(lives(90)), instantOf(START + 60 * DAY));
  assert.equal(renewalWords(lives(90), left(30.5, 90)), null);
  assert.equal(certificateStage(lives(60), 'relative', left(19, 60)), 'none');
  assert.match(renewalWords(lives(60), left(19, 60)) ?? '', /was due on .* 19 days are left/);
  assert.equal(
    renewalWords(lives(90), left(29, 90)),
    'A renewal was due on 2026-03-02 and did not happen; 29 days are left.',
  );
  assert.equal(renewalWords(lives(90), left(-1, 90)), null, 'it is expired, which is said elsewhere');
});
