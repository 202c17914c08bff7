import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzzBatch } from './batch.ts';

/*
 * `npm run fuzz -- [--seconds 600] [--seed TEXT] [--size 300]`: the whole of ingest (MIME, gzip, zip, JSON, quirks, store) on
 * inputs that nobody wrote, until the time is up. Each batch prints its seed; `--seed` runs one batch again.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string' },
    size: { type: 'string', default: '300' },
  },
});
const size = Number(values.size);
const until = performance.now() + Number(values.seconds) * 1000;
if (!Number.isInteger(size) || size < 1 || Number.isNaN(until)) {
  console.error('usage: npm run fuzz -- [--seconds N] [--seed TEXT] [--size N]');
  process.exit(2);
}
let inputs = 0;
do {
  const seed = values.seed ?? String(randomInt(2 ** 47));
  try {
    const { reports, quarantined } = await fuzzBatch(seed, size);
    inputs += size;
    console.log(`seed ${seed}: ${size} inputs, ${reports} reports stored, ${quarantined} quarantined`);
  } catch (error) {
    console.error(error instanceof Error ? error.stack : error);
    console.error(`run it again: npm run fuzz -- --seed ${seed} --size ${size}`);
    process.exit(1);
  }
} while (values.seed === undefined && performance.now() < until);
console.log(`${inputs} inputs, no fault`);
