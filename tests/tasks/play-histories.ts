/** `npm run histories [COUNT]`: random histories of findings, people and faults, over HTTP and in memory. */
import { playHistory } from './alert-histories.ts';
import { httpTracker } from './http-tracker.ts';

const count = Number(process.argv[2] ?? 1000);
const failed: string[] = [];
const play = async (what: string, from: number, to: number, one: (seed: number) => Promise<void>): Promise<void> => {
  const began = performance.now();
  for (let seed = from; seed <= to; seed++) {
    try {
      await one(seed);
    } catch (error) {
      failed.push(`${what}, ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(
    `${what}: ${to - from + 1} histories in ${Math.round((performance.now() - began) / 1000)} s, ${failed.length} failed so far`,
  );
};

await play('in memory', 1, 5 * count, (seed) => playHistory(seed));
await play('over HTTP', 1, count, async (seed) => {
  const tracker = await httpTracker();
  await playHistory(seed, tracker);
  await tracker.close();
});
for (const line of failed) console.error(line);
process.exitCode = failed.length === 0 ? 0 : 1;
