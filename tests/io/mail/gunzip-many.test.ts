import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { gunzip } from '#scripts/io/mail/gunzip.ts';
import { gunzipMany } from '#scripts/io/mail/gunzip-many.ts';

/* Files that are unpacked together come to what each comes to alone (gunzip), or to nothing, and then each is unpacked alone. */

const text = (content: string) => gzipSync(content);
const sound = ['one', 'two '.repeat(500), 'three'].map(text);

function contents(files: readonly Uint8Array[]): readonly (string | null)[] {
  return gunzipMany(files).map((content) => content?.toString() ?? null);
}

test('sound files are what they are, whatever stands between them', () => {
  const mail = Buffer.from('From: a@example.org\n\nmail');
  assert.deepEqual(contents([...sound.slice(0, 2), mail, ...sound.slice(2)]), [
    'one',
    'two '.repeat(500),
    null,
    'three',
  ]);
  assert.deepEqual(
    gunzipMany([null, ...sound, null]).map((content) => content !== null),
    [false, true, true, true, false],
  );
  const many = Array.from({ length: 300 }, (_, index) => `report ${index}`);
  assert.deepEqual(contents(many.map(text)), many);
});

test('one that is not a single sound member never changes what its neighbours say', () => {
  const [one = Buffer.alloc(0)] = sound;
  const open = Buffer.from(one);
  open[10] = (open[10] ?? 0) & ~1;
  const bad: Readonly<Record<string, Buffer>> = {
    'two members': Buffer.concat([text('a'), text('b')]),
    'an empty member behind': Buffer.concat([text('a'), text('')]),
    'cut off': one.subarray(0, -1),
    'cut off in the middle': text('x'.repeat(300)).subarray(0, 12),
    'bytes behind': Buffer.concat([one, Buffer.from([3, 0, 0, 0])]),
    'a wrong length': Buffer.concat([one.subarray(0, -4), Buffer.from([2, 0, 0, 0])]),
    'a wrong checksum': Buffer.concat([one.subarray(0, -8), Buffer.alloc(4), one.subarray(-4)]),
    'a block that is not the last': open,
    'only the magic': Buffer.from([0x1f, 0x8b]),
    'much more than it says': Buffer.concat([text('x'.repeat(5_000_000)).subarray(0, -4), Buffer.from([9, 0, 0, 0])]),
  };
  for (const [name, file] of Object.entries(bad)) {
    for (const files of [
      [file, ...sound],
      [sound[0] ?? file, file, ...sound.slice(1)],
      [...sound, file],
    ]) {
      for (const [index, content] of gunzipMany(files).entries()) {
        const alone = gunzip(files[index] ?? file, 10_000_000);
        if (content !== null) assert.equal(alone.ok && alone.bytes.equals(content), true, `${name}: ${index}`);
      }
    }
  }
});

test('a file cannot speak for the next one', () => {
  // A stored block that goes on over the end of the file: its neighbour would be the rest of it.
  const next = text('honest');
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]);
  for (let length = 1; length < 200; length += 1) {
    const size = Buffer.from([length & 255, 0, ~length & 255, 255]);
    const claim = Buffer.from([1, 2, 3, 4, 5, 0, 0, 0]);
    const [first, second] = gunzipMany([Buffer.concat([head, size, Buffer.from('words'), claim]), next]);
    assert.equal(first, null);
    assert.ok(second === null || second?.toString() === 'honest');
  }
});

test('whatever the bytes, each file says the same alone', () => {
  const file = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => gzipSync(bytes)),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(60), fc.integer({ min: 1, max: 255 }))
      .map(([bytes, at, change]) => {
        const damaged = gzipSync(bytes);
        damaged[at % damaged.length] = (damaged[at % damaged.length] ?? 0) ^ change;
        return damaged;
      }),
  );
  fc.assert(
    fc.property(fc.array(file, { maxLength: 8 }), (files) => {
      for (const [index, content] of gunzipMany(files).entries()) {
        if (content === null) continue;
        const alone = gunzip(files[index] ?? Buffer.alloc(0), 10_000_000);
        assert.ok(alone.ok && alone.bytes.equals(content));
      }
    }),
    { numRuns: 300 },
  );
});
