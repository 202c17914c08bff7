import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { reviewSeen } from '../probe-world.ts';
import { instant } from '../world.ts';

const announced = (at: string, mode: 'enforce' | 'none', sign: string) => {
  const version = { id: `${at.slice(0, 10).replaceAll('-', '')}000000`, sha256: sign.repeat(64) };
  const mx = ['mx1.example.com', 'mx2.example.com'];
  return [
    {
      at: instant(at),
      event: 'minted' as const,
      ...version,
      body: '',
      mode,
      max_age: 86_400,
      mx,
      triggers: ['mode' as const],
      commit: 'c0ffee0',
      pull_request: 7,
    },
    { at: instant(at), event: 'announced' as const, ...version },
  ];
};

test('a retirement waits for cached policies only as long as there are any', () => {
  const blockedBy = (retired: string) => {
    const ledger = foldLedger([
      ...announced('2026-09-01T00:00:00Z', 'enforce', 'a'),
      ...announced(retired, 'none', 'b'),
    ]);
    return reviewSeen([], { ledger, changes: { retire: true } }).rollouts[0]?.blocked_by;
  };
  assert.deepEqual(blockedBy('2026-11-20T00:00:00Z'), [
    'Cached policies may be in use until 2026-11-22T00:00:00Z: the records stay until then.',
  ]);
  assert.deepEqual(blockedBy('2026-11-01T00:00:00Z'), []);
});
