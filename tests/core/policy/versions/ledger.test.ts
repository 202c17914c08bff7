import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import { foldLedger, NO_LEDGER, versionOfId, versionsOfSha256 } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { ledgerLines, parseLedgerLines } from '#scripts/core/policy/versions/ledger-lines.ts';
import { mintVersion } from '#scripts/core/policy/versions/mint.ts';
import { triggersOf } from '#scripts/core/policy/versions/triggers.ts';
import { nextVersionId } from '#scripts/core/policy/versions/version-id.ts';
import { isPolicyId } from '#scripts/standards/mta-sts-record.ts';
import { sha256Hex } from '#scripts/standards/sha-256.ts';
import { at, minted, observed, policy, story } from '../ledger-events.ts';

suite('versions', () => {
  test('a new one exactly when the canonical bytes change', () => {
    const origin = { now: at('2026-11-21T06:00:00Z'), commit: 'c0ffee' };
    const first = mintVersion(NO_LEDGER, policy('testing', 'mx1.example.com'), origin);
    assert.ok(first);
    assert.equal(first.id, '20261121060000');
    assert.equal(first.sha256, sha256Hex(first.body));
    assert.deepEqual(first.triggers, ['scope']);
    const ledger = foldLedger([first]);
    assert.equal(mintVersion(ledger, policy('testing', 'mx1.example.com'), origin), null);
    assert.deepEqual(mintVersion(ledger, policy('enforce', 'mx1.example.com'), origin)?.triggers, ['mode', 'max-age']);
  });

  test('rollback to bytes that were published before gets a fresh id (S15)', () => {
    const testing = policy('testing', 'mx1.example.com');
    const ledger = foldLedger(
      story(['2026-11-01T00:00:00Z', testing], ['2026-11-20T00:00:00Z', policy('enforce', 'mx1.example.com')]),
    );
    const back = mintVersion(ledger, testing, { now: at('2026-11-21T00:00:00Z'), commit: null });
    assert.equal(back?.id, '20261121000000');
    assert.equal(back?.sha256, ledger.versions[0]?.sha256);
    assert.deepEqual(back?.triggers, ['mode', 'max-age']);
  });

  test('after removal the same bytes are a new start', () => {
    const testing = policy('testing', 'mx1.example.com');
    const events = story(['2026-11-01T00:00:00Z', testing]);
    const ledger = foldLedger([...events, observed(events[0], 'withdrawn', '2026-11-10T00:00:00Z')]);
    assert.equal(ledger.current, null);
    assert.deepEqual(mintVersion(ledger, testing, { now: at('2026-11-21T00:00:00Z'), commit: null })?.triggers, [
      'scope',
    ]);
  });

  test('an id is never given out twice, whatever the clock does', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 90 });
    fc.assert(
      fc.property(ids, (seconds) => {
        const taken = new Set<string>();
        for (const second of seconds) {
          const id = nextVersionId(instantOf(1_795_000_000_000 + second * 1000), taken);
          assert.ok(isPolicyId(id) && !taken.has(id), id);
          taken.add(id);
        }
      }),
    );
    const now = at('2026-11-21T09:30:00Z');
    assert.equal(nextVersionId(now, new Set(['20261121093000'])), '20261121093000b');
    assert.equal(nextVersionId(now, new Set(['20261121093000', '20261121093000b'])), '20261121093000c');
  });
});

suite('the five triggers (rollout rules §4)', () => {
  const was = { mode: 'testing', max_age: 86_400, mx: ['mx1.example.com'] };
  for (const [what, change, triggers] of [
    ['an MX added', { mx: ['mx1.example.com', 'mx2.example.com'] }, ['mx']],
    [
      'an MX renamed: the certificate must carry the new name',
      { mx: ['mail.example.com'] },
      ['mx', 'certificate-name'],
    ],
    ['the mode', { mode: 'enforce' }, ['mode']],
    ['max_age', { max_age: 604_800 }, ['max-age']],
    ['a wildcard', { mx: ['mx1.example.com', '*.example.net'] }, ['scope']],
    ['mode and max_age together', { mode: 'enforce', max_age: 604_800 }, ['mode', 'max-age']],
  ] as const) {
    test(what, () => assert.deepEqual(triggersOf(was, { ...was, ...change }), triggers));
  }
  test('order alone is still another body, so it has a trigger', () => {
    const two = { ...was, mx: ['a.example', 'b.example'] };
    assert.deepEqual(triggersOf(two, { ...two, mx: ['b.example', 'a.example'] }), ['mx']);
  });
});

suite('the ledger', () => {
  const events = story(
    ['2026-11-01T00:00:00Z', policy('testing', 'mx1.example.com')],
    ['2026-11-20T00:00:00Z', policy('enforce', 'mx1.example.com')],
  );
  const [testing, enforce] = events;

  test('folds to versions with the times of what happened to each', () => {
    const ledger = foldLedger([
      testing,
      observed(testing, 'served', '2026-11-01T00:01:00Z'),
      observed(testing, 'announced', '2026-11-01T00:02:00Z'),
      observed(testing, 'served', '2026-11-05T00:00:00Z'),
      enforce,
      observed(enforce, 'served', '2026-11-20T00:01:00Z'),
    ]);
    assert.deepEqual(
      ledger.versions.map((version) => [version.first_served_at, version.last_served_at, version.announced_at]),
      [
        ['2026-11-01T00:01:00Z', '2026-11-05T00:00:00Z', '2026-11-01T00:02:00Z'],
        ['2026-11-20T00:01:00Z', '2026-11-20T00:01:00Z', null],
      ],
    );
    assert.equal(ledger.current?.id, enforce.id);
    assert.equal(ledger.in_force?.id, testing.id, 'what is not announced is not in force');
    assert.equal(versionOfId(ledger, testing.id)?.sha256, testing.sha256);
    assert.equal(versionOfId(ledger, 'stranger'), null);
    assert.deepEqual(
      versionsOfSha256(ledger, enforce.sha256).map(({ id }) => id),
      [enforce.id],
    );
  });

  test('one id with two bodies is told, and neither event is believed of the other', () => {
    const other = { ...enforce, id: testing.id };
    const ledger = foldLedger([testing, other, observed(other, 'served', '2026-11-21T00:00:00Z')]);
    assert.deepEqual(ledger.reused, [testing.id]);
    assert.equal(ledger.versions[0]?.first_served_at, null);
  });

  test('reads back what it writes, and steps over lines cut anywhere', () => {
    const text = `${ledgerLines(events).join('\n')}\n`;
    assert.deepEqual(parseLedgerLines(text), { events, damage: [], damaged_ids: [] });
    for (let cut = 1; cut < text.length; cut += 7) {
      const { events: read, damage } = parseLedgerLines(text.slice(0, cut));
      assert.deepEqual(read, events.slice(0, read.length));
      assert.ok(read.length + damage.length <= 2 && damage.every(({ kind }) => kind === 'cut'));
      // The next run closes the cut line and goes on.
      assert.equal(parseLedgerLines(`${text.slice(0, cut)}\n${text}`).events.slice(read.length).length, 2);
    }
  });

  test('an id on a damaged line stays taken', () => {
    const [line = ''] = ledgerLines([testing]);
    const { damage, damaged_ids, events: read } = parseLedgerLines(`${line.slice(0, 120)}\n`);
    assert.deepEqual([damage, read], [[{ line: 1, kind: 'unreadable' }], []]);
    const ledger = foldLedger(read, damaged_ids);
    const again = mintVersion(ledger, policy('testing', 'mx1.example.com'), { now: testing.at, commit: null });
    assert.equal(again?.id, `${testing.id}b`);
  });

  for (const [what, change] of [
    ['no time', { at: 'yesterday' }],
    ['an id that is none', { id: '2026-11-21' }],
    ['a hash that is none', { sha256: 'abc' }],
    ['an event nobody knows', { event: 'published' }],
    ['a mode nobody knows', { mode: 'strict' }],
    ['a body that is no text', { body: 7 }],
  ] as const) {
    test(`refuses a line with ${what}`, () => {
      const line = JSON.stringify({ ...testing, ...change });
      assert.deepEqual(parseLedgerLines(`${line}\n`).damage, [{ line: 1, kind: 'unreadable' }]);
    });
  }

  test('mint, fold, mint: any history keeps ids unique and versions apart', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom('testing', 'enforce', 'none')), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, (changes) => {
        const events: LedgerEvent[] = [];
        let now = 1_795_000_000_000;
        for (const [seconds, mode] of changes) {
          now += seconds * 1000;
          const next = mintVersion(foldLedger(events), policy(mode, 'mx1.example.com'), {
            now: instantOf(now) as Instant,
            commit: null,
          });
          if (next !== null) events.push(next);
        }
        const { versions, reused, current } = foldLedger(events);
        assert.equal(new Set(versions.map(({ id }) => id)).size, events.length);
        assert.deepEqual(reused, []);
        assert.equal(current?.mode ?? null, changes.at(-1)?.[1] ?? null);
        for (const [index, version] of versions.entries()) assert.notEqual(version.sha256, versions[index + 1]?.sha256);
      }),
    );
  });

  test('an empty file is an empty ledger', () => {
    assert.deepEqual(foldLedger(parseLedgerLines('').events), NO_LEDGER);
    assert.deepEqual(minted('2026-11-01T00:00:00Z', policy('testing', 'a.example')).triggers, ['scope']);
  });
});
