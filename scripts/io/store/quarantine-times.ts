import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../../core/clock.ts';

const LARGEST = 64 * 1024;
const MOST = 20_000;

/** When each thing in `data/quarantine` was set aside. A note that cannot be read counts by the time of its file. */
export function quarantineTimes(dataDir: string): readonly Instant[] {
  const folder = join(dataDir, 'quarantine');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .slice(0, MOST)
    .flatMap((name) => timeOf(join(folder, name, 'reason.json')) ?? []);
}

function timeOf(path: string): Instant | null {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state === undefined) return null;
  const ofFile = `${state.mtime.toISOString().slice(0, 19)}Z` as Instant;
  if (state.size > LARGEST) return ofFile;
  try {
    const { at } = JSON.parse(readFileSync(path, 'utf8')) as { readonly at?: unknown };
    return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? (at as Instant) : ofFile;
  } catch (error) {
    if (error instanceof SyntaxError) return ofFile;
    throw error;
  }
}
