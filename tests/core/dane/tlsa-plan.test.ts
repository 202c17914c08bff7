import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { epochMs, type Instant, instantOf } from '#scripts/core/clock.ts';
import { planTlsa, TLSA_TTL, type TlsaPlan } from '#scripts/core/dane/tlsa-plan.ts';
import { type DaneLook, tlsaView } from '#scripts/core/dane/tlsa-view.ts';

/** RFC 7672 §4 and RFC 7671 §8: the next key is published two TTLs before it is used, and the old one goes after it. */

const HOST = 'mx1.example.com';
const START = Date.parse('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
const key = (data: string) => `3 1 1 ${data}`;
const at = (hours: number): Instant => instantOf(START + hours * HOUR);

function look(
  hours: number,
  records: readonly string[],
  keys: readonly (string | null)[],
  more: Readonly<Record<string, unknown>> = {},
): DaneLook {
  const inUse = Object.fromEntries(keys.map((one, i) => [`192.0.2.${i + 1}`, one]));
  const facts = { signed: true, base: HOST, ttl: 1800, records, keys: inUse, ...more };
  return {
    at: at(hours),
    vantage: 'test',
    domain: 'example.com',
    kind: 'dane',
    subject: HOST,
    address: null,
    outcome: 'ok',
    code: 'ok',
    facts,
  };
}

const plan = (looks: readonly DaneLook[], next: readonly string[], hours: number): TlsaPlan =>
  planTlsa(tlsaView(HOST, looks), next, at(hours));
const brief = ({ step, records }: TlsaPlan) => [step, ...(records?.values ?? ['-'])];

test('a whole rollover, look by look', () => {
  const looks = [look(0, [], [A, A])];
  assert.deepEqual(brief(plan(looks, [], 0)), ['publish', key(A)]);
  looks.push(look(1, [key(A)], [A, A]));
  assert.deepEqual(brief(plan(looks, [], 1)), ['steady', key(A)]);
  assert.deepEqual(brief(plan(looks, [B], 1)), ['publish-next', key(A), key(B)]);
  looks.push(look(2, [key(A), key(B)], [A, A]));
  const waiting = plan(looks, [B], 2);
  assert.deepEqual(brief(waiting), ['wait', key(A), key(B)]);
  assert.equal(waiting.due_at, at(4), 'two TTLs after it was first seen');
  looks.push(look(3, [key(A), key(B)], [A, A]));
  assert.equal(plan(looks, [B], 3).step, 'wait');
  assert.equal(plan(looks, [B], 4).step, 'swap');
  looks.push(look(5, [key(A), key(B)], [B, A]));
  assert.deepEqual(brief(plan(looks, [B], 5)), ['steady', key(A), key(B)], 'one listener still has the old key');
  looks.push(look(6, [key(A), key(B)], [B, B]));
  const settling = plan(looks, [B], 6);
  assert.deepEqual(brief(settling), ['settle', key(A), key(B)]);
  assert.equal(settling.due_at, at(8));
  assert.equal(plan(looks, [B], 7).step, 'settle');
  assert.deepEqual(brief(plan(looks, [B], 8)), ['remove-old', key(B)]);
  looks.push(look(9, [key(B)], [B, B]));
  assert.deepEqual(brief(plan(looks, [B], 9)), ['steady', key(B)]);
});

test('when nobody looked for long, the old record does not go at the first look without its key', () => {
  const looks = [look(0, [key(A), key(B)], [A]), look(50, [key(A), key(B)], [B])];
  const settling = plan(looks, [], 50);
  assert.deepEqual(
    brief(settling),
    ['settle', key(A), key(B)],
    'it may have been changed a minute ago, and be changed back',
  );
  assert.equal(settling.due_at, at(52));
  assert.deepEqual(brief(plan(looks, [], 52)), ['remove-old', key(B)]);
  const half = [
    look(0, [key(A), key(B)], [A, A]),
    look(50, [key(A), key(B)], [B, null]),
    look(51, [key(A), key(B)], [B, B]),
  ];
  assert.equal(plan(half, [], 52).due_at, at(53), 'a look that missed an address tells nothing');
});

describe('what is not known is left alone', () => {
  test('no look, an address without a session, a zone that is not signed, a record that cannot be read back', () => {
    assert.deepEqual(brief(plan([], [B], 0)), ['unknown', '-']);
    assert.deepEqual(brief(plan([look(0, [key(A)], [A, null])], [B], 0)), ['unknown', '-']);
    assert.deepEqual(brief(plan([look(0, [], [A], { signed: false })], [], 0)), ['unknown', '-']);
    assert.deepEqual(brief(plan([look(0, ['3 1 1 zz'], [A])], [], 0)), ['unknown', '-']);
  });

  test('a record that nobody used is perhaps the next key and stays', () => {
    assert.deepEqual(brief(plan([look(0, [key(A), key(C)], [A])], [], 10)), ['steady', key(A), key(C)]);
  });

  test('records of other parameters stay, malformed ones go', () => {
    const anchor = `2 1 1 ${C}`;
    assert.deepEqual(brief(plan([look(0, [key(A), anchor, '3 1 1 abcd'], [A])], [], 10)), ['steady', anchor, key(A)]);
  });
});

test('a key in use without a record is published at once, and nothing is removed meanwhile', () => {
  const looks = [look(0, [key(A)], [A]), look(20, [key(A)], [B])];
  assert.deepEqual(brief(plan(looks, [], 40)), ['publish', key(A), key(B)]);
});

test('the TTL that caches may hold counts, when it is longer than ours', () => {
  const day = 86_400;
  const looks = [look(0, [key(A), key(B)], [A], { ttl: day })];
  assert.equal(plan(looks, [B], 0).due_at, at(48));
  assert.equal(plan(looks, [B], 0).records?.ttl, TLSA_TTL);
});

test('whatever was seen, a key in use never loses its record, and no key is told to be used before two TTLs', () => {
  const anyKey = fc.constantFrom(A, B, C);
  const anyLook = fc.tuple(
    fc.nat(100),
    fc.uniqueArray(anyKey),
    fc.array(fc.option(anyKey), { minLength: 1, maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.array(anyLook, { minLength: 1, maxLength: 8 }),
      fc.uniqueArray(anyKey),
      fc.nat(200),
      (made, next, later) => {
        const looks = made.map(([hours, keys, inUse]) => look(hours, keys.map(key), inUse));
        const view = tlsaView(HOST, looks);
        const now = at(100 + later);
        const decided = planTlsa(view, next, now);
        const values = decided.records?.values ?? null;
        if (values !== null) for (const one of view.in_use) assert.ok(one !== null && values.includes(key(one)));
        if (decided.step !== 'swap') return;
        for (const one of next.filter((data) => !view.in_use.includes(data))) {
          const since = view.published?.find(({ record }) => record.data === one)?.since;
          assert.ok(since !== undefined && epochMs(now) - epochMs(since) >= 2 * TLSA_TTL * 1000);
        }
      },
    ),
  );
});
