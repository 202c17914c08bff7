/** `npm run histories [COUNT [FIRST]]`: random histories of findings, people and faults, in memory and over HTTP. */
import { playHistory } from './alert-histories.ts';
import { httpTracker } from './http-tracker.ts';

const count = wholeNumber(process.argv[2], 1000);
const first = wholeNumber(process.argv[3], 1);
const failed: string[] = [];

await play('in memory', 5 * count, (seed) => playHistory(seed));
await play('over HTTP', count, async (seed) => {
  const tracker = await httpTracker();
  try {
    await playHistory(seed, tracker);
  } finally {
    await tracker.close();
  }
});
for (const line of failed) console.error(line);
console.log(
  failed.length === 0
    ? `All ${6 * count} histories ended with exactly one open issue for each live finding.`
    : `FAILED: ${failed.length} of ${6 * count} histories.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function play(where: string, histories: number, one: (seed: number) => Promise<void>): Promise<void> {
  const began = performance.now();
  const failedBefore = failed.length;
  for (let seed = first; seed < first + histories; seed++) {
    try {
      await one(seed);
    } catch (error) {
      failed.push(`${where}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const bad = failed.length - failedBefore;
  console.log(
    `${where}: ${histories} histories, seeds ${first} to ${first + histories - 1}, ${bad} failed, ${seconds} s`,
  );
}

function wholeNumber(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`Not a number from 1 to 9,999,999: ${text}`);
}
