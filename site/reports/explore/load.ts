import { decompress } from 'fzstd';
import { asyncBufferFromUrl, parquetReadObjects } from 'hyparquet';
import type { FailureRow, SessionRow } from './query.ts';

export interface TableIndex {
  readonly at: string;
  readonly redacted: boolean;
  readonly tables: readonly {
    readonly file: string;
    readonly table: string;
    readonly month: string;
    readonly rows: number;
  }[];
}

/** The site's own list of its tables. */
export async function loadIndex(base: string): Promise<TableIndex> {
  const response = await fetch(`${base}data/index.json`);
  if (!response.ok) throw new Error(`data/index.json answers ${response.status}`);
  return (await response.json()) as TableIndex;
}

/** The names of all domains, as they stand in addresses. */
export async function loadDomains(base: string): Promise<readonly string[]> {
  const response = await fetch(`${base}data/domains.json`);
  if (!response.ok) throw new Error(`data/domains.json answers ${response.status}`);
  return (await response.json()) as readonly string[];
}

const loaded = new Map<string, Promise<readonly unknown[]>>();

/** The rows of one file, fetched once. */
export function loadTable(base: string, file: string): Promise<readonly (SessionRow | FailureRow)[]> {
  const rows = loaded.get(file) ?? read(`${base}data/${file}`);
  loaded.set(file, rows);
  return rows as Promise<readonly (SessionRow | FailureRow)[]>;
}

async function read(url: string): Promise<readonly unknown[]> {
  const file = await asyncBufferFromUrl({ url });
  const compressors = { ZSTD: (bytes: Uint8Array, length: number) => decompress(bytes, new Uint8Array(length)) };
  return (await parquetReadObjects({ file, compressors })).map(plain);
}

/** Days as text and counts as numbers, as the tables of a page want them. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.toISOString().slice(0, 10)];
      return [name, typeof value === 'bigint' ? Number(value) : value];
    }),
  );
}
