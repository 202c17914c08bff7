import type { Source } from '../../io/mail/sources.ts';
import type { PreparedSource } from './preparing.ts';

type Content = Extract<Source, { kind: 'content' }>;

/**
 * Prepared sources on their way to another thread: their bytes as one, their numbers as one, for thousands of small objects
 * take longer to copy than to read.
 */
export interface PackedSources {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly names: readonly string[];
  /** Of each, and of what it unpacks to: 64 characters, also where there is none. */
  readonly digests: string;
  /** NUMBERS of each: provenance, whether there is a file name, whether it is done, lengths of the bytes and of what they unpack to. */
  readonly numbers: Int32Array<ArrayBuffer>;
  /** What is no content, by its place. */
  readonly others: ReadonlyMap<number, Exclude<Source, Content>>;
}

const NUMBERS = 5;
const NOTHING = -1;
const NO_DIGEST = ' '.repeat(64);
const PROVENANCES = ['mail', 'file', 'https'] as const satisfies readonly Content['provenance'][];

export function packSources(prepared: readonly PreparedSource[]): PackedSources {
  const pieces: Uint8Array[] = [];
  const others = new Map<number, Exclude<Source, Content>>();
  const numbers = new Int32Array(prepared.length * NUMBERS);
  for (const [index, { source, done, unpacked }] of prepared.entries()) {
    if (source.kind !== 'content') {
      others.set(index, source);
      continue;
    }
    // Of what is done, nothing is read.
    const raw = done ? null : source.bytes;
    if (raw !== null) pieces.push(raw);
    if (unpacked !== null) pieces.push(unpacked.bytes);
    const { provenance, fileName } = source;
    numbers.set(
      [
        PROVENANCES.indexOf(provenance),
        fileName === '' ? 0 : 1,
        done ? 1 : 0,
        raw?.length ?? 0,
        unpacked?.bytes.length ?? NOTHING,
      ],
      index * NUMBERS,
    );
  }
  return {
    bytes: joined(pieces),
    names: prepared.map(({ source }) => (source.kind === 'content' ? source.name : '')),
    digests: prepared.map(({ sha256, unpacked }) => digestCell(sha256) + digestCell(unpacked?.sha256 ?? '')).join(''),
    numbers,
    others,
  };
}

function digestCell(sha256: string): string {
  return sha256 === '' ? NO_DIGEST : sha256;
}

export function unpackSources({ bytes, names, digests, numbers, others }: PackedSources): readonly PreparedSource[] {
  let at = 0;
  const next = (length: number): Buffer => {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, length);
    at += length;
    return piece;
  };
  const digest = (place: number): string => digests.slice(place * NO_DIGEST.length, (place + 1) * NO_DIGEST.length);
  return names.map((name, index) => {
    const other = others.get(index);
    if (other !== undefined) return { source: other, sha256: '', done: false, unpacked: null };
    const [provenance = 0, named = 0, done = 0, raw = 0, unpacked = NOTHING] = numbers.subarray(
      index * NUMBERS,
      (index + 1) * NUMBERS,
    );
    return {
      source: {
        kind: 'content',
        name,
        fileName: named === 0 ? '' : name.slice(name.lastIndexOf('/') + 1),
        provenance: PROVENANCES[provenance] ?? 'mail',
        bytes: next(raw),
      },
      sha256: digest(2 * index),
      done: done === 1,
      unpacked: unpacked === NOTHING ? null : { bytes: next(unpacked), sha256: digest(2 * index + 1) },
    };
  });
}

/** Bytes of their own: those of a small Buffer stand in a pool, which must not go to another thread. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
