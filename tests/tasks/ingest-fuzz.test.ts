import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzBatch } from '../fuzz/batch.ts';

/* A little of `npm run fuzz`, always the same. */

for (const seed of ['a', 'b']) {
  test(`every input is stored, quarantined or something else, and no text is lost: seed ${seed}`, async () => {
    const { reports, quarantined } = await fuzzBatch(seed, 120);
    assert.ok(reports > 20 && quarantined > 10, `${reports} stored, ${quarantined} quarantined`);
  });
}
