import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '#scripts/core/near.ts';

test('the nearest word is a small slip away, or there is none', () => {
  const table: readonly (readonly [string, readonly string[], string | null])[] = [
    ['chekc', ['check', 'build'], 'check'],
    ['max-age', ['max_age', 'mode'], 'max_age'],
    ['Ingest', ['ingest'], 'ingest'],
    ['certificate_expired', ['certificate-expired', 'certificate-not-trusted'], 'certificate-expired'],
    ['zzz', ['mx', 'mode'], null],
    ['', ['mx'], null],
    ['x', [], null],
  ];
  for (const [word, candidates, wanted] of table) assert.equal(nearest(word, candidates), wanted, word);
});
