import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  afterLook,
  afterMove,
  againFrom,
  type FolderPosition,
  mailboxPosition,
  positionIn,
} from '#scripts/core/reports/mailbox-position.ts';

const ACCOUNT = 'reports@imap.example:993';
const SECTION = {
  account: ACCOUNT,
  folder: 'INBOX',
  uidvalidity: 7,
  uid: 40,
  waiting: [{ uid: 12, since: '2026-11-19T06:00:00Z' }],
  filed: { Processed: { uidvalidity: 8, uid: 30 } },
};

test('a position is what was written, and nothing in another account or folder', () => {
  assert.deepEqual(mailboxPosition(JSON.parse(JSON.stringify(SECTION)), ACCOUNT, 'INBOX'), SECTION);
  assert.equal(mailboxPosition(SECTION, 'other@imap.example:993', 'INBOX'), null);
  assert.equal(mailboxPosition(SECTION, ACCOUNT, 'Reports'), null);
});

test('what cannot be understood is forgotten: then mail is read again, never passed over', () => {
  for (const section of [
    undefined,
    null,
    [],
    'INBOX',
    { ...SECTION, uid: -1 },
    { ...SECTION, uid: '40' },
    { ...SECTION, uidvalidity: 2 ** 32 },
  ]) {
    assert.equal(mailboxPosition(section, ACCOUNT, 'INBOX'), null);
  }
  const damaged = {
    ...SECTION,
    waiting: [{ uid: 1 }, { uid: 2, since: 'soon' }, 5],
    filed: { Processed: { uidvalidity: 8, uid: 1.5 }, Rejected: null },
  };
  assert.deepEqual(mailboxPosition(damaged, ACCOUNT, 'INBOX'), { ...SECTION, waiting: [], filed: {} });
});

test('a look at all mail again goes on where it was cut off, for the same domains and UIDs only', () => {
  const before: FolderPosition = { uidvalidity: 8, uid: 30 };
  const cut = afterLook(before, { domains: 'a', uid: 12 });
  assert.deepEqual([againFrom(cut, 'a'), againFrom(cut, 'b'), againFrom(positionIn(cut, 9), 'a')], [12, 0, 0]);
  const section = { ...SECTION, again: { domains: 'a', uid: 5 }, filed: { Processed: cut } };
  assert.deepEqual(mailboxPosition(JSON.parse(JSON.stringify(section)), ACCOUNT, 'INBOX'), section);
  assert.deepEqual(afterMove(cut, { uidvalidity: 8, uids: [31] }), { ...cut, uid: 31 });
  assert.deepEqual(afterLook(cut, null), { uidvalidity: 8, uid: 30 });
  const damaged = { ...SECTION, filed: { Processed: { uidvalidity: 8, uid: 30, again: { domains: 7, uid: 1 } } } };
  assert.deepEqual(mailboxPosition(damaged, ACCOUNT, 'INBOX'), SECTION);
});

test('another UIDVALIDITY means the beginning (RFC 9051 §2.3.1.1)', () => {
  assert.deepEqual(positionIn({ uidvalidity: 8, uid: 30 }, 8), { uidvalidity: 8, uid: 30 });
  assert.deepEqual(positionIn({ uidvalidity: 8, uid: 30 }, 9), { uidvalidity: 9, uid: 0 });
  assert.deepEqual(positionIn(undefined, 9), { uidvalidity: 9, uid: 0 });
});

test('after a move only what follows without a gap is known', () => {
  const known = { uidvalidity: 8, uid: 30 };
  for (const [uids, uid] of [
    [[31, 32, 33], 33],
    [[33, 31, 32], 33],
    [[32, 33], 30],
    [[31, 33], 31],
    [[29, 30, 31], 31],
    [[], 30],
  ] as const) {
    assert.deepEqual(afterMove(known, { uidvalidity: 8, uids }), { uidvalidity: 8, uid });
  }
  assert.deepEqual(afterMove(known, { uidvalidity: 9, uids: [1, 2] }), { uidvalidity: 9, uid: 2 });
});

test('whatever is moved, nothing that was not moved becomes known', () => {
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 15 }), { maxLength: 6 }),
      (uid, moves) => {
        const moved = new Set(moves.flat());
        const end = moves.reduce((known, uids) => afterMove(known, { uidvalidity: 1, uids }), { uidvalidity: 1, uid });
        for (let one = uid + 1; one <= end.uid; one += 1) assert.ok(moved.has(one));
        assert.ok(end.uid >= uid);
      },
    ),
  );
});
