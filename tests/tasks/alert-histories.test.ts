import { test } from 'node:test';
import { playHistory } from './alert-histories.ts';

/** A share of the 1,000 that `npm run histories` plays, over HTTP as well. */
test('random histories with faults end with exactly one open issue for each live finding', async () => {
  for (let seed = 1; seed <= 150; seed++) await playHistory(seed);
});
