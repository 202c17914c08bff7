import { resolve } from 'node:path';
import type { FileStamps } from '../../io/mail/file-stamps.ts';
import { readSources, type Source } from '../../io/mail/sources.ts';

/** Sources that go together: at least one, then not beyond. */
const SOURCES = { count: 128, bytes: 2 ** 20 };

/** Everything under the paths, in order, some at a time. `stamps` takes the stamp of each file before it is read. */
export function* readPaths(paths: readonly string[], stamps: FileStamps | null): Generator<readonly Source[]> {
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
  if (sources.length > 0) yield sources;
}
