import { hash } from 'node:crypto';
import { gunzipMany } from '../../io/mail/gunzip-many.ts';
import type { Source } from '../../io/mail/sources.ts';
import { DigestMap, digestWords } from '../../io/store/digest-map.ts';

/** A source with what is cheaper to do for many at once. */
export interface PreparedSource {
  readonly source: Source;
  /** Of a content. */
  readonly sha256: string;
  /** There is nothing left to do with it. */
  readonly done: boolean;
  /** What the content holds when it is a gzip that was unpacked with others. */
  readonly unpacked: Unpacked | null;
}

interface Unpacked {
  readonly bytes: Buffer;
  readonly sha256: string;
}

export type Prepare = (sources: readonly Source[]) => readonly PreparedSource[];

/** `done`: slots of a DigestMap of the sources with nothing left to do. */
export function preparing(done: Uint32Array): Prepare {
  const isDone = doneIn(done);
  return (sources) => {
    const digests = sources.map((source) => (source.kind === 'content' ? hash('sha256', source.bytes) : ''));
    const known = digests.map(isDone);
    const unpacked = gunzipMany(
      sources.map((source, index) => (source.kind === 'content' && !known[index] ? source.bytes : null)),
    );
    return sources.map((source, index) => ({
      source,
      sha256: digests[index] ?? '',
      done: known[index] === true,
      unpacked: unpackedOf(unpacked[index] ?? null),
    }));
  };
}

function unpackedOf(bytes: Buffer | null): Unpacked | null {
  return bytes === null ? null : { bytes, sha256: hash('sha256', bytes) };
}

export function doneIn(slots: Uint32Array): (sha256: string) => boolean {
  const done = DigestMap.of(slots);
  return (sha256) => sha256 !== '' && !done.isEmpty && done.get(digestWords(sha256)) !== 0;
}
