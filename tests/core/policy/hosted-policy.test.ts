import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { hostedPolicies } from '#scripts/core/policy/hosted-policy.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { sha256Hex } from '#scripts/standards/sha-256.ts';
import { config, DOMAIN, pattern } from '../analysis/world.ts';
import { minted, observed, policy, published } from './ledger-events.ts';

const TESTING = published('2026-10-01T06:00:00Z', policy('testing', 'mx1.example.com'));

function hosted(changes: Partial<DomainConfig> | null, events: readonly LedgerEvent[]) {
  return hostedPolicies(
    changes === null ? [] : [config(changes)],
    events.length === 0 ? new Map() : new Map([[DOMAIN, foldLedger(events)]]),
  );
}

suite('what stands at a policy host that is deployed from what was built', () => {
  test('never published: as configured', () => {
    const [one] = hosted({ mode: 'testing', mx: [pattern('mx9.example.com')] }, []);
    assert.match(one?.body ?? '', /mode: testing\r\nmx: mx9\.example\.com\r\n/);
    assert.equal(one?.published, false);
  });

  test('published: what publish let through, not what a file asks for that is refused or was not published yet', () => {
    const [one] = hosted({ mode: 'enforce', mx: [pattern('mx9.example.com')], max_age: 604_800 }, TESTING);
    assert.equal(one?.body, 'version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmax_age: 86400\r\n');
    assert.deepEqual([one?.mode, one?.max_age, one?.published], ['testing', 86_400, true]);
  });

  test('minted is let through: the host has to serve it before its id is announced', () => {
    const next = minted('2026-10-20T06:00:00Z', policy('enforce', 'mx1.example.com'), TESTING);
    assert.match(hosted({}, [...TESTING, next])[0]?.body ?? '', /mode: enforce/);
  });

  test('a policy that was taken over stays as it is, to the byte', () => {
    const body = 'version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 86400\n';
    const [first, ...rest] = TESTING;
    assert.equal(first?.event, 'minted');
    const sha256 = sha256Hex(body);
    const [one] = hosted({}, [
      { ...first, body, sha256 } as LedgerEvent,
      ...rest.map((event) => ({ ...event, sha256 })),
    ]);
    assert.equal(one?.body, body);
  });

  test('the file deleted while the policy is in service: the host goes on; after the removal it is gone', () => {
    assert.match(hosted(null, TESTING)[0]?.body ?? '', /mode: testing/);
    const none = minted('2026-11-01T06:00:00Z', policy('none', 'mx1.example.com'), TESTING);
    assert.equal(hosted(null, [...TESTING, none])[0]?.retiring, true);
    const gone = [...TESTING, none, observed(none, 'withdrawn', '2026-12-01T06:00:00Z')];
    assert.deepEqual(hosted(null, gone), []);
    assert.equal(hosted({}, gone)[0]?.published, false, 'a new start, nothing of it published yet');
  });

  test('retire: true that publish has not carried out yet changes nothing', () => {
    const [one] = hosted({ retire: true }, TESTING);
    assert.deepEqual([one?.mode, one?.retiring], ['testing', false]);
  });
});
