import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { NO_CHECKPOINT } from '#scripts/core/checkpoint.ts';
import type { Instant } from '#scripts/core/clock.ts';
import { type HostLook, lostHostsOf, withLostHosts } from '#scripts/core/publish/lost-hosts.ts';

const now = '2026-11-21T07:17:00Z' as Instant;
const EARLIER = '2026-11-20T07:17:00Z';
const DOMAIN = 'a.example';
type Row = HostLook['rows'][number];
const row = (code: string, outcome: Row['outcome'] = 'bad', kind: Row['kind'] = 'policy'): Row => ({
  kind,
  outcome,
  code,
});
const SERVED = { current: { first_served_at: '2026-11-01T00:00:00Z' } } as HostLook['ledger'];
const MINTED = { current: { first_served_at: null } } as HostLook['ledger'];

function kept(
  { hosting = 'pages-fleet', ledger = SERVED, rows }: Partial<HostLook> & Pick<HostLook, 'rows'>,
  known: Readonly<Record<string, string>> = {},
) {
  const before = { ...NO_CHECKPOINT, sections: { lost_hosts: known } };
  const looks = [{ domain: DOMAIN, hosting, ledger, rows }];
  return Object.fromEntries(lostHostsOf(withLostHosts(before, { looks, configured: new Set([DOMAIN]), now })));
}

suite('a policy host that was lost', () => {
  for (const code of [
    'out-of-sync',
    'policy-http-status',
    'policy-refused',
    'policy-host-dns',
    'policy-cert-name',
    'policy-syntax',
  ])
    test(`${code}: kept, with the first run that saw it`, () => {
      const rows = [row('ok', 'ok'), row(code)];
      assert.deepEqual(kept({ rows }), { [DOMAIN]: now });
      assert.deepEqual(kept({ rows }, { [DOMAIN]: EARLIER }), { [DOMAIN]: EARLIER });
    });

  test('seen as it should be: forgotten; not seen at all: as it was', () => {
    assert.deepEqual(kept({ rows: [row('ok', 'ok')] }, { [DOMAIN]: EARLIER }), {});
    assert.deepEqual(kept({ rows: [row('policy-cert-expiring')] }, { [DOMAIN]: EARLIER }), {});
    assert.deepEqual(kept({ rows: [row('no-route', 'unknown')] }, { [DOMAIN]: EARLIER }), { [DOMAIN]: EARLIER });
    assert.deepEqual(kept({ rows: [] }), {});
  });

  test('what never was served, or what a person deploys, is not for publish to mend', () => {
    const rows = [row('out-of-sync')];
    assert.deepEqual(kept({ rows, ledger: MINTED }), {});
    assert.deepEqual(kept({ rows, ledger: { current: null } }), {});
    assert.deepEqual(kept({ rows, hosting: 'bundle' }), {});
    assert.deepEqual(kept({ rows, hosting: null }), {});
    assert.deepEqual(kept({ rows, hosting: 'pages-here' }), { [DOMAIN]: now });
    assert.deepEqual(kept({ rows: [row('out-of-sync', 'bad', 'txt')] }), {});
  });

  test('a domain whose file is gone is forgotten, one of another shard is not', () => {
    const before = {
      ...NO_CHECKPOINT,
      sections: { lost_hosts: { 'gone.example': EARLIER, 'other.example': EARLIER } },
    };
    const after = withLostHosts(before, { looks: [], configured: new Set(['other.example']), now });
    assert.deepEqual(Object.fromEntries(lostHostsOf(after)), { 'other.example': EARLIER });
  });
});
