import { resolve } from 'node:path';
import type { FileStamps } from '../../io/mail/file-stamps.ts';
import { readSources, type Source } from '../../io/mail/sources.ts';
import type { Reading, SourceReader } from './reading.ts';

/** Sources that are prepared together, and readings that are handed over together: at least one, then not beyond. */
const SOURCES = { count: 128, bytes: 2 ** 20 };
const READINGS = { count: 128, characters: 2 ** 20 };

/**
 * Reads everything under the paths, in order, and hands it over some at a time. `stamps` takes the stamp of each file before
 * it is read.
 */
export async function* readPaths(
  paths: readonly string[],
  { prepare, read }: SourceReader,
  stamps: FileStamps | null,
): AsyncGenerator<readonly Reading[]> {
  let readings: Reading[] = [];
  let characters = 0;
  let order = 0;
  for (const sources of gathered(paths, stamps)) {
    for (const prepared of prepare(sources)) {
      order += 1;
      const reading = read(prepared, order);
      // A report file never has to wait for anything, and there may be many.
      const ready = reading instanceof Promise ? await reading : reading;
      readings.push(ready);
      characters += charactersOf(ready);
      if (readings.length < READINGS.count && characters < READINGS.characters) continue;
      yield readings;
      readings = [];
      characters = 0;
    }
  }
  yield readings;
}

function* gathered(paths: readonly string[], stamps: FileStamps | null): Generator<readonly Source[]> {
  let sources: Source[] = [];
  let bytes = 0;
  for (const path of paths) {
    for (const source of readSources(resolve(path), stamps)) {
      sources.push(source);
      bytes += source.kind === 'content' ? source.bytes.length : 0;
      if (sources.length < SOURCES.count && bytes < SOURCES.bytes) continue;
      yield sources;
      sources = [];
      bytes = 0;
    }
  }
  yield sources;
}

/** Roughly what a reading takes in memory. */
function charactersOf(reading: Reading): number {
  if (reading.kind !== 'read') return 100;
  const raw = reading.fault?.raw instanceof Uint8Array ? reading.fault.raw.length : 0;
  let characters = 100 + raw;
  for (const { lines } of reading.reports) for (const line of lines) characters += line.length;
  return characters;
}
