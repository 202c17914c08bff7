import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { confirmed, unconfirmed, wantsSecondLook } from '#scripts/core/probe/second-look.ts';
import type { Sighting } from '#scripts/core/probe/sighting.ts';

const OK: Sighting = { outcome: 'ok', code: 'ok', facts: { notes: [] } };
const PARTIAL: Sighting = { outcome: 'ok', code: 'ok', facts: { notes: ['without-sni-unknown'] } };
const bad = (code: string, notes: readonly string[] = []): Sighting => ({ outcome: 'bad', code, facts: { notes } });
const unknown = (code: string): Sighting => ({ outcome: 'unknown', code, facts: {} });

/** What two looks saw, and what counts; each as `outcome code`. */
const TABLE: readonly [string, readonly Sighting[], readonly Sighting[], readonly string[]][] = [
  ['both see it', [bad('mx-cert-name')], [bad('mx-cert-name')], ['bad mx-cert-name']],
  ['mended in between', [bad('mx-cert-name')], [OK], ['ok ok']],
  ['another fault each time: the newer', [bad('mx-cert-name')], [bad('mx-handshake')], ['bad mx-handshake']],
  [
    'only one of two stays',
    [bad('mx-cert-name'), bad('mx-handshake')],
    [bad('mx-handshake'), bad('mx-cert-chain')],
    ['bad mx-handshake'],
  ],
  ['dates need no second look', [bad('mx-cert-expiring')], [bad('mx-cert-expiring')], ['bad mx-cert-expiring']],
  ['not seen the second time', [bad('mx-cert-name')], [unknown('connect-timeout')], ['unknown connect-timeout']],
  ['without SNI: both times', [bad('mx-sni-required')], [bad('mx-sni-required')], ['bad mx-sni-required']],
  ['without SNI: mended', [bad('mx-sni-required')], [OK], ['ok ok']],
  ['without SNI: the second look could not try', [bad('mx-sni-required')], [PARTIAL], ['unknown not-confirmed']],
  [
    'without SNI: not tried, another fault confirmed',
    [bad('mx-sni-required'), bad('mx-cert-expired')],
    [bad('mx-cert-expired', ['without-sni-unknown'])],
    ['bad mx-cert-expired', 'unknown not-confirmed'],
  ],
  ['a part not seen the first time', [PARTIAL], [OK], ['ok ok']],
  ['a part not seen both times', [PARTIAL], [PARTIAL], ['ok ok']],
];

suite('the second look', () => {
  for (const [title, first, second, expected] of TABLE)
    test(title, () =>
      assert.deepEqual(
        confirmed(first, second).map(({ outcome, code }) => `${outcome} ${code}`),
        expected,
      ),
    );

  test('it is wanted for what is doubtful or was seen in part, not for what is sure or unknown', () => {
    assert.ok(wantsSecondLook([OK, bad('mx-cert-name')]));
    assert.ok(wantsSecondLook([PARTIAL]));
    for (const calm of [[], [OK], [bad('mx-cert-expiring')], [unknown('connect-timeout')]])
      assert.ok(!wantsSecondLook(calm));
  });

  test('without it nothing doubtful counts, and what was seen is kept', () => {
    assert.deepEqual(unconfirmed([OK, bad('mx-cert-name'), bad('pattern-broad')]), [
      OK,
      { outcome: 'unknown', code: 'not-confirmed', facts: { notes: [], seen: 'mx-cert-name' } },
      bad('pattern-broad'),
    ]);
  });
});
