import { relative } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from './duckdb.ts';
import { partDigests } from './part-digests.ts';
import type { PartFile } from './part-files.ts';
import { ADDED_COLUMNS, REPORT_COLUMNS, REPORTS_VERSION } from './report-columns.ts';

/** A stored file that could not be read, relative to the data folder, and why. */
export interface UnreadablePart {
  readonly file: string;
  readonly message: string;
}

export interface CheckedParts {
  readonly readable: readonly PartFile[];
  readonly unreadable: readonly UnreadablePart[];
}

/**
 * Tells stored files that can be read from damaged ones: the rest of the store must survive the loss of one file. Our own
 * files are named after their bytes; a file with another name is read once from end to end, unless `deep` is false.
 */
export async function checkParts(
  connection: DuckDBConnection,
  dataDir: string,
  parts: readonly PartFile[],
  columns: readonly string[] = FIRST_COLUMNS,
  { deep }: { readonly deep: boolean } = { deep: true },
): Promise<CheckedParts> {
  const readable: PartFile[] = [];
  const unreadable: UnreadablePart[] = [];
  const digests = partDigests(parts);
  try {
    const sound = await soundParts(connection, parts, columns);
    for (const part of parts) {
      const isKnown = sound.has(part.path);
      const message = await faultOf(connection, part, { columns, deep, isIntact: digests.isIntact, isKnown });
      if (message === null) readable.push(part);
      else unreadable.push({ file: relative(dataDir, part.path), message });
    }
  } finally {
    digests.close();
  }
  return { readable, unreadable };
}

/** What a file of reports has at least: of the columns added since, an older one lacks some. */
const FIRST_COLUMNS = REPORT_COLUMNS.map(({ name }) => name).filter((name) => !(name in ADDED_COLUMNS));

async function faultOf(
  connection: DuckDBConnection,
  part: PartFile,
  {
    columns,
    deep,
    isIntact,
    isKnown,
  }: {
    readonly columns: readonly string[];
    readonly deep: boolean;
    readonly isIntact: (part: PartFile) => Promise<boolean>;
    /** Its columns and its version are those that are wanted. */
    readonly isKnown: boolean;
  },
): Promise<string | null> {
  try {
    if (!(await isIntact(part))) return 'Its bytes are not those it was written with.';
    const fault = isKnown ? null : await contentFault(connection, part, columns);
    if (fault !== null) return fault;
    if (part.digest === null && deep) {
      await connection.run(`SELECT max(hash(COLUMNS(*))) FROM read_parquet(${quoted(part.path)})`);
    }
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
  }
}

async function contentFault(
  connection: DuckDBConnection,
  part: PartFile,
  columns: readonly string[],
): Promise<string | null> {
  const result = await connection.runAndReadAll(`DESCRIBE FROM read_parquet(${quoted(part.path)})`);
  const present = new Set(result.getRows().map(([name]) => name));
  const absent = columns.filter((name) => !present.has(name));
  if (absent.length > 0) return `It lacks the columns ${absent.join(', ')}.`;
  if (columns !== FIRST_COLUMNS) return null;
  const version = `SELECT max(schema_version) FROM read_parquet(${quoted(part.path)})`;
  const written = Number((await connection.runAndReadAll(version)).getRows()[0]?.[0] ?? 0);
  if (written <= REPORTS_VERSION) return null;
  return `It is of schema version ${written}, and this version of Postern reads up to ${REPORTS_VERSION}.`;
}

/**
 * The files in which contentFault would find nothing, all at once: hundreds of them, each by itself, take seconds. Where one
 * cannot be read nothing is known of any.
 */
async function soundParts(
  connection: DuckDBConnection,
  parts: readonly PartFile[],
  columns: readonly string[],
): Promise<ReadonlySet<string>> {
  if (parts.length < 2) return new Set();
  const files = `[${parts.map(({ path }) => quoted(path)).join(', ')}]`;
  try {
    const schema = await connection.runAndReadAll(`SELECT file_name, name, num_children FROM parquet_schema(${files})`);
    const present = topColumns(schema.getRows() as [string, string, bigint | null][]);
    const has = (path: string) => columns.every((name) => present.get(path)?.has(name));
    const complete = parts.map(({ path }) => path).filter(has);
    if (columns !== FIRST_COLUMNS || complete.length < parts.length) return new Set(complete);
    const versions = await connection.runAndReadAll(
      `SELECT filename FROM ${rowsOf(parts)} GROUP BY filename HAVING max(schema_version) <= ${REPORTS_VERSION}`,
    );
    return new Set(versions.getRows().map(([path]) => String(path)));
  } catch {
    return new Set();
  }
}

/** The columns of each file, of its schema written out in depth: a list or a record has its parts after it. */
function topColumns(schema: readonly (readonly [string, string, bigint | null])[]): Map<string, Set<string>> {
  const columns = new Map<string, Set<string>>();
  // Of the root of each file, and of each part that is open below it, how many parts are still to come.
  const open = new Map<string, number[]>();
  for (const [file, name, children] of schema) {
    const parts = Number(children ?? 0);
    const path = open.get(file);
    if (path === undefined) {
      columns.set(file, new Set());
      open.set(file, [parts]);
      continue;
    }
    if (path.length === 1) columns.get(file)?.add(name);
    path.push((path.pop() ?? 0) - 1);
    if (parts > 0) path.push(parts);
    while (path.length > 1 && path.at(-1) === 0) path.pop();
  }
  return columns;
}

/** The rows of these files as a relation, with the place each stands at: `filename` and `file_row_number`. */
export function rowsOf(parts: readonly PartFile[]): string {
  const files = parts.map(({ path }) => quoted(path)).join(', ');
  return `read_parquet([${files}], hive_partitioning = false, union_by_name = true, filename = true, file_row_number = true)`;
}

/** The same for files of reports, whichever schema version they were written with: a column added since is null. */
export function reportRowsOf(parts: readonly PartFile[]): string {
  const added = Object.keys(ADDED_COLUMNS).map((name) => {
    const { type } = REPORT_COLUMNS.find((column) => column.name === name) ?? { type: 'VARCHAR' };
    return `NULL::${type} AS ${name}`;
  });
  return `(FROM ${rowsOf(parts)} UNION ALL BY NAME SELECT ${added.join(', ')} WHERE false)`;
}
