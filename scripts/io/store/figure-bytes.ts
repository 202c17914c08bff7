import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { CountedFor } from '../../core/reports/counted-for.ts';
import type { Counts, PieceFigures, ReporterColumns } from '../../core/reports/piece-figures.ts';

/*
 * Figures as bytes, the same for the same figures: one Zstandard frame of the length of the head (4 bytes), the head as JSON,
 * and the columns that it names, one after the other; numbers little-endian, everything at multiples of eight.
 */

/** Raised with every change to what piece-figures.ts makes of the same rows, and to how it is written here. */
export const FIGURES_FORMAT = 5;

const TYPES = { u8: Uint8Array, i32: Int32Array, u32: Uint32Array, f64: Float64Array } as const;
type Column = Uint8Array | Int32Array | Uint32Array | Float64Array;
type Columns = Readonly<Record<string, Column>>;

/** Beyond, a file is none of ours. */
const MOST_BYTES = 2 ** 30;
/** What is unpacked at a time: in small pieces it takes twice as long. */
const CHUNK_BYTES = 2 ** 22;

/** What the figures were counted of: `of` names the rows and how they were counted. */
export interface FigureOrigin {
  readonly of: string;
  readonly counted: CountedFor;
}

interface Head extends FigureOrigin, Pick<PieceFigures, 'month' | 'policyTypes' | 'failing' | 'apart'> {
  readonly format: number;
  readonly subdomains: PieceFigures['subdomains'];
  readonly warnings: PieceFigures['warnings'];
  readonly texts: ReporterColumns['texts'];
  /** Name, type and length. */
  readonly columns: readonly (readonly [string, keyof typeof TYPES, number])[];
}

export function bytesOfFigures(figures: PieceFigures, { of, counted }: FigureOrigin): Buffer {
  const { month, policyTypes, daily, failing, reporters, apart, subdomains, warnings } = figures;
  const { texts, totals, applied, ...rows } = reporters;
  const columns = [
    ...named('daily', daily),
    ...named('reporters', rows),
    ...named('totals', totals),
    ...named('applied', applied),
  ];
  const head: Head = {
    format: FIGURES_FORMAT,
    of,
    counted,
    month,
    policyTypes,
    failing,
    texts,
    apart,
    subdomains,
    warnings,
    columns: columns.map(([name, column]) => [name, typeOf(column), column.length]),
  };
  const json = Buffer.from(JSON.stringify(head), 'utf8');
  const length = Buffer.alloc(8);
  length.writeUInt32LE(json.length);
  const parts = [length, json, padding(json.length)];
  for (const [, column] of columns) {
    const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength);
    parts.push(bytes, padding(bytes.length));
  }
  return zstdCompressSync(Buffer.concat(parts));
}

/** Null for bytes that are no figures of this format. */
export function figuresOfBytes(bytes: Uint8Array): (FigureOrigin & { readonly figures: PieceFigures }) | null {
  try {
    const body = aligned(zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES, chunkSize: CHUNK_BYTES }));
    const length = body.readUInt32LE();
    const head = JSON.parse(body.toString('utf8', 8, 8 + length)) as Head;
    if (head.format !== FIGURES_FORMAT) return null;
    const read: Record<string, Record<string, Column>> = {};
    let at = next(8 + length);
    for (const [name, type, count] of head.columns) {
      const [table = '', column = ''] = name.split('.');
      const values = new TYPES[type](body.buffer as ArrayBuffer, body.byteOffset + at, count);
      read[table] = { ...read[table], [column]: values };
      at = next(at + values.byteLength);
    }
    if (at !== body.length) return null;
    const { of, counted, month, policyTypes, failing, texts, apart, subdomains, warnings } = head;
    const { daily, reporters: rows, totals, applied } = read;
    const reporters = { texts, ...rows, totals, applied };
    const figures = { month, policyTypes, daily, failing, reporters, apart, subdomains, warnings };
    return { of, counted, figures: figures as unknown as PieceFigures };
  } catch {
    return null;
  }
}

/** The figures with each domain's index as `places` says. Both are in the order of the names, so every order stays. */
export function withPlaces(figures: PieceFigures, places: Int32Array): PieceFigures {
  if (places.every((place, index) => place === index)) return figures;
  const { daily, reporters } = figures;
  const moved = (domain: Int32Array): Int32Array => domain.map((index) => places[index] ?? 0);
  return {
    ...figures,
    daily: { ...daily, domain: moved(daily.domain) },
    reporters: { ...reporters, domain: moved(reporters.domain) },
  };
}

function named(table: string, columns: Columns): readonly (readonly [string, Column])[] {
  return Object.keys(columns)
    .sort()
    .map((name) => [`${table}.${name}`, narrow(columns[name] as Column)]);
}

function narrow(column: Column): Column {
  return column instanceof Float64Array ? narrowed(column) : column;
}

function narrowed(counts: Float64Array): Counts {
  const isNarrow = counts.every((count) => count >>> 0 === count);
  return isNarrow ? Uint32Array.from(counts) : counts;
}

function typeOf(column: Column): keyof typeof TYPES {
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Int32Array) return 'i32';
  return column instanceof Uint32Array ? 'u32' : 'f64';
}

function next(at: number): number {
  return Math.ceil(at / 8) * 8;
}

function padding(length: number): Buffer {
  return Buffer.alloc(next(length) - length);
}

/** Columns stand where their type may begin. */
function aligned(bytes: Buffer): Buffer {
  if (bytes.byteOffset % 8 === 0) return bytes;
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(copy);
  return copy;
}
