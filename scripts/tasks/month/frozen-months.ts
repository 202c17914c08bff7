import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import type { MonthFigures } from '../../core/month/figures.ts';
import { type Manifest, parseManifest } from '../../core/month/manifest.ts';
import { type CsvRow, readCsv } from '../../core/month/read-csv.ts';
import type { Restatement } from '../../core/month/restatement.ts';
import { listFrozenMonths, monthFolder, readManifestText } from '../../io/evidence/month-folders.ts';
import { readText } from '../../io/files/write-text.ts';

/** Lists that a page shows; the others are for whoever has the bundle. */
const LISTS = ['versions', 'incidents', 'changes', 'certificates', 'completeness'] as const;
/** Bytes. A longer list stays in the bundle. */
const MAX_LIST = 4 * 1024 * 1024;

/** A frozen month as it stands in `data/months/<period>`, and nothing else: what it says never changes. */
export interface FrozenMonth {
  readonly manifest: Manifest;
  readonly figures: MonthFigures;
  /** Null: the month has no such list, or it is too long to read here. */
  readonly lists: Readonly<Record<(typeof LISTS)[number], readonly CsvRow[] | null>>;
  /** Oldest first. */
  readonly restatements: readonly Restatement[];
}

/** Newest first. Throws `month-damaged` (exit 3): a month that cannot be read is not left out in silence. */
export function readFrozenMonths(data: string): readonly FrozenMonth[] {
  return listFrozenMonths(data)
    .toReversed()
    .map((period) => readMonth(data, period));
}

function readMonth(data: string, period: string): FrozenMonth {
  const folder = monthFolder(data, period);
  const manifest = parseManifest(readManifestText(data, period) ?? '');
  if (!manifest.ok) throw damaged(folder, manifest.message);
  const lists = LISTS.map((name) => {
    const file = join(folder, 'lists', `${name}.csv`);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    return [name, size === undefined || size > MAX_LIST ? null : readCsv(readText(file) ?? '')] as const;
  });
  const restated = join(folder, 'restatements');
  const names = existsSync(restated) ? readdirSync(restated).filter((name) => name.endsWith('.json')) : [];
  return {
    manifest: manifest.value,
    figures: parsed<MonthFigures>(join(folder, 'figures.json')),
    lists: Object.fromEntries(lists) as FrozenMonth['lists'],
    restatements: names.sort().map((name) => parsed<Restatement>(join(restated, name))),
  };
}

/** Files of our own making, whose hashes the manifest holds. */
function parsed<T>(file: string): T {
  try {
    return JSON.parse(readText(file) ?? '') as T;
  } catch (cause) {
    throw damaged(file, (cause as Error).message);
  }
}

function damaged(where: string, reason: string): PosternError {
  return new PosternError('month-damaged', `${where} cannot be read: ${reason}`, {
    hint: 'npx postern verify names what changed; restore it from the history of data/',
    exit: 3,
  });
}
