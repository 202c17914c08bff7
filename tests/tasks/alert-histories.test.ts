import { test } from 'node:test';
import { playHistory } from './alert-histories.ts';
import { httpTracker } from './http-tracker.ts';

/** Shares of what `npm run histories` plays: 1,000 over HTTP against the fake GitHub, 5,000 in memory. */
test('random histories with faults end with exactly one open issue for each live finding', async () => {
  for (let seed = 1; seed <= 60; seed++) await playHistory(seed);
});

test('the same over HTTP', async () => {
  for (let seed = 1001; seed <= 1001; seed++) {
    const tracker = await httpTracker();
    await playHistory(seed, tracker);
    await tracker.close();
  }
});
