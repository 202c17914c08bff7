import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentKind } from '#scripts/io/mail/content-kind.ts';
import { seededRandom } from '../example/random.ts';
import { newWorld } from '../tasks/ingest-world.ts';
import { type FuzzInput, fuzzInput } from './inputs.ts';

/** One input may take this long, however it is made; far more than any of them needs. */
const MS_EACH = 500;

/**
 * Ingests `size` inputs made of the seed, and throws when one of them crashed it, held it up, or is neither stored nor in
 * quarantine nor counted as something else, when quarantine holds other bytes than came, when a text of a sound report is
 * found nowhere, or when a second run changes anything.
 */
export async function fuzzBatch(
  seed: string,
  size: number,
): Promise<{ readonly reports: number; readonly quarantined: number }> {
  const random = seededRandom('fuzz', seed);
  const inputs = Array.from({ length: size }, () => fuzzInput(random));
  const world = newWorld();
  try {
    for (const [index, { bytes }] of inputs.entries()) world.put(`${String(index).padStart(5, '0')}.bin`, bytes);
    const start = performance.now();
    const result = await world.ingest();
    const took = performance.now() - start;
    assert.ok(took < 5000 + size * MS_EACH, `seed ${seed}: ${Math.round(took)} ms for ${size} inputs`);

    const rows = await world.rows('*');
    const stored = new Set(rows.map(({ source_sha256 }) => source_sha256));
    const folder = join(world.data, 'quarantine');
    const kept = existsSync(folder) ? readdirSync(folder) : [];
    const raw = new Map(kept.map((sha256) => [sha256, readFileSync(join(folder, sha256, 'raw'))]));
    for (const [sha256, bytes] of raw) assert.equal(hash('sha256', bytes), sha256, `seed ${seed}: raw bytes differ`);

    const others = Object.values(result.other).reduce((sum, count) => sum + count, 0);
    const unaccounted = inputs.filter(({ bytes }) => !isKept(bytes, stored, raw) && contentKind(bytes) !== 'mbox');
    assert.ok(
      unaccounted.length <= others + result.duplicates,
      `seed ${seed}: ${unaccounted.length} inputs are nowhere, and only ${others} are something else`,
    );
    const texts = rows.map((row) => JSON.stringify(row)).join('\n');
    for (const input of inputs) {
      for (const mark of lost(input, texts, raw))
        assert.fail(`seed ${seed}: ${mark} is lost of ${input.bytes.toString('base64')}`);
    }
    const before = world.tree();
    const again = await world.ingest({ now: '2026-11-20T06:00:00Z' });
    assert.equal(again.reports, 0, `seed ${seed}: stored again`);
    assert.deepEqual(world.tree(), before, `seed ${seed}: a second run changed something`);
    return { reports: result.reports, quarantined: result.quarantined.length };
  } finally {
    world.remove();
  }
}

function isKept(bytes: Buffer, stored: ReadonlySet<unknown>, raw: ReadonlyMap<string, Buffer>): boolean {
  const sha256 = hash('sha256', bytes);
  return stored.has(sha256) || raw.has(sha256);
}

/** Marks of a report that was stored and are in no row. In quarantine nothing is lost: the bytes are there. */
function lost({ bytes, marks }: FuzzInput, texts: string, raw: ReadonlyMap<string, Buffer>): readonly string[] {
  return raw.has(hash('sha256', bytes)) ? [] : marks.filter((mark) => !texts.includes(mark));
}
