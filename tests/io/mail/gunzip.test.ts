import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { gunzip } from '#scripts/io/mail/gunzip.ts';

const BUDGET = 10_000_000;
const member = gzipSync('{"a":1}');
const reasonOf = (bytes: Uint8Array, budget = BUDGET) => {
  const content = gunzip(bytes, budget);
  return content.ok ? (content.rest?.reason ?? 'sound') : content.reason;
};

/** A member with fields in its header (RFC 1952 §2.3.1). */
function dressed(): Buffer {
  const fields = Buffer.concat([Buffer.from([3, 0, 1, 2, 3]), Buffer.from('name\0comment\0')]);
  const head = Buffer.from(member.subarray(0, 10));
  head[3] = 0b11100;
  return Buffer.concat([head, fields, member.subarray(10)]);
}

test('what follows a gzip costs nothing of it, and is told', () => {
  const junk = Buffer.from('trailing junk');
  const cases: readonly (readonly [Uint8Array, string, string])[] = [
    [member, '{"a":1}', 'sound'],
    [Buffer.concat([member, Buffer.alloc(512)]), '{"a":1}', 'sound'],
    [Buffer.concat([member, junk]), '{"a":1}', 'gzip-rest'],
    [Buffer.concat([member, Buffer.from('\r\n')]), '{"a":1}', 'gzip-rest'],
    [Buffer.concat([member, member, junk]), '{"a":1}{"a":1}', 'gzip-rest'],
    [Buffer.concat([dressed(), junk]), '{"a":1}', 'gzip-rest'],
  ];
  for (const [bytes, text, reason] of cases) {
    const content = gunzip(bytes, BUDGET);
    assert.ok(content.ok);
    assert.deepEqual([content.bytes.toString(), content.rest?.reason ?? 'sound'], [text, reason]);
  }
});

test('damage is damage: in the member, in its checksum, in a later member', () => {
  const bent = (at: number) => {
    const bytes = Buffer.concat([member, Buffer.from('junk')]);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    return bytes;
  };
  assert.equal(reasonOf(bent(12)), 'gzip-damaged');
  assert.equal(reasonOf(bent(member.length - 6)), 'gzip-damaged');
  assert.equal(reasonOf(bent(member.length - 2)), 'gzip-damaged');
  assert.equal(reasonOf(Buffer.concat([member, bent(12)])), 'gzip-damaged');
  assert.equal(reasonOf(member.subarray(0, -3)), 'gzip-truncated');
});

test('a bomb with something behind it is a bomb', () => {
  const bomb = Buffer.concat([gzipSync(Buffer.alloc(5_000_000)), Buffer.from('junk')]);
  assert.equal(reasonOf(bomb), 'bomb');
  assert.equal(reasonOf(Buffer.concat([member, member, Buffer.from('junk')]), 10), 'bomb');
});

test('whatever stands there, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(40), (bytes, cut) => {
      gunzip(Buffer.concat([Buffer.from([0x1f, 0x8b]), bytes]), BUDGET);
      gunzip(Buffer.concat([member.subarray(0, cut), bytes]), BUDGET);
    }),
  );
});
