import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedFor, placesAmong } from '#scripts/core/reports/counted-for.ts';

const managed = ['a.example', 'b.example', 'silent.example'];
const names = ['a.example', 'b.example', 'mx.a.example', 'other.example', 'sub.deep.b.example', 'example'];
const counted = countedFor(names, managed);
const among = (...asked: readonly string[]) => {
  const places = placesAmong(counted, asked);
  return places === null ? null : [...places];
};

test('ours that the rows name stand by themselves, the others by whether they are below ours', () => {
  assert.deepEqual(counted, {
    ours: ['a.example', 'b.example'],
    below: ['mx.a.example', 'sub.deep.b.example'],
    foreign: ['other.example', 'example'],
    all: null,
  });
});

test('domains that the rows do not name come and go', () => {
  assert.deepEqual(among(...managed), [0, 1]);
  assert.deepEqual(among('a.example', 'b.example'), [0, 1]);
  assert.deepEqual(among('0.example', 'a.example', 'aa.example', 'b.example', 'xother.example'), [1, 3]);
});

test('where the rows name a domain that came or went, they would be counted otherwise', () => {
  for (const asked of [
    ['a.example'],
    [],
    ['a.example', 'b.example', 'other.example'],
    ['a.example', 'b.example', 'mx.a.example'],
    ['a.example', 'b.example', 'example'],
  ])
    assert.equal(among(...asked), null, asked.join());
  // Its reports are told below ours only as long as a domain above them is ours.
  const above = countedFor(['x.c.example'], ['c.example']);
  assert.deepEqual(placesAmong(above, ['c.example']), new Int32Array());
  assert.equal(placesAmong(above, ['d.example']), null);
  const apart = countedFor(['x.c.example'], ['d.example']);
  assert.equal(placesAmong(apart, ['c.example', 'd.example']), null);
});

test('rows that name more domains than can be kept were counted for exactly ours', () => {
  const many = Array.from({ length: 10_001 }, (_, index) => `n${index}.example`);
  const much = countedFor([...many, 'a.example'], managed);
  assert.deepEqual(much, { ours: ['a.example'], below: [], foreign: [], all: managed });
  assert.deepEqual([...(placesAmong(much, managed) ?? [])], [0]);
  assert.equal(placesAmong(much, [...managed, 'z.example']), null);
  assert.equal(placesAmong(much, ['a.example', 'b.example', 'z.example']), null);
});
