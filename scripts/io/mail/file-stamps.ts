import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, type Stats } from 'node:fs';

/** A file cannot change unseen when its last change is so much older than its stamp: no clock of a file system is coarser. */
const FINE_MS = 100;
/** Some tell whole seconds, or every second one (FAT). */
const COARSE_MS = 3000;
/** Stamps that are hashed in one go. */
const TOGETHER = 1024;
/** No new object for each of a hundred thousand files. */
const QUIETLY = { throwIfNoEntry: false } as const;

type Stamp = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'ino'>;

/**
 * What tells whether any of many files was changed, added or removed since: name, size, inode and both times of each. The
 * time of change (ctime) cannot be set back, and every write moves it.
 */
export class FileStamps {
  readonly #hash: Hash = createHash('sha256');
  /** Not hashed yet. Four numbers of each: they are hashed faster than written as text. */
  #paths: string[] = [];
  readonly #numbers = new Float64Array(TOGETHER * 4);
  #count = 0;
  #changing = false;

  /** `at`: when the stamp was taken, before the file was read. Milliseconds since the epoch. The order counts. */
  add(path: string, { size, mtimeMs, ctimeMs, ino }: Stamp, at: number): void {
    const place = this.#paths.push(path) * 4;
    this.#numbers[place - 4] = size;
    this.#numbers[place - 3] = mtimeMs;
    this.#numbers[place - 2] = ctimeMs;
    this.#numbers[place - 1] = ino;
    this.#count += 1;
    if (this.#paths.length === TOGETHER) this.#settle();
    const coarse = mtimeMs % 1000 === 0 && ctimeMs % 1000 === 0;
    if (at - Math.max(mtimeMs, ctimeMs) < (coarse ? COARSE_MS : FINE_MS)) this.#changing = true;
  }

  get count(): number {
    return this.#count;
  }

  /** Some file was changed so lately that it may change again without another stamp. */
  get changing(): boolean {
    return this.#changing;
  }

  /** Of all that were added. */
  digest(): string {
    this.#settle();
    return this.#hash.copy().digest('hex');
  }

  #settle(): void {
    const { length } = this.#paths;
    // How many: so that a name cannot pass for two, or for numbers.
    this.#hash.update(`${length}\0${this.#paths.join('\0')}\0`).update(this.#numbers.subarray(0, length * 4));
    this.#paths = [];
  }
}

/** Takes the stamps of some names of a folder elsewhere, meanwhile. */
export interface StampHelper {
  /** What is returned waits for them: as stampNames writes them, or null when they did not come. */
  readonly begin: (folder: string, names: readonly string[]) => () => Float64Array | null;
}

/** To hand over fewer takes longer than to do it. */
const SHARED_FROM = 5000;

/**
 * The stamps of all files under a path in the order of their names, without dot files and without following links. The helper,
 * where there is one, does half of every large folder.
 */
export function stampFiles(path: string, stamps: FileStamps, helper: StampHelper | null = null): void {
  const stat = lstatSync(path, QUIETLY);
  if (stat?.isFile()) stamps.add(path, stat, Date.now());
  if (stat?.isDirectory()) stampFolder(path, stamps, helper);
}

function stampFolder(folder: string, stamps: FileStamps, helper: StampHelper | null): void {
  const at = Date.now();
  const names = namesOf(folder).sort();
  const own = helper === null || names.length < SHARED_FROM ? names.length : Math.ceil(names.length / 2);
  const theirs = own < names.length ? helper?.begin(folder, names.slice(own)) : undefined;
  const stampOne = (name: string): void => {
    if (name.startsWith('.')) return;
    const path = `${folder}/${name}`;
    // Names alone: the stamp of an entry tells what it is, too.
    const stat = lstatSync(path, QUIETLY);
    if (stat?.isFile()) stamps.add(path, stat, at);
    else if (stat?.isDirectory()) stampFolder(path, stamps, helper);
  };
  for (let index = 0; index < own; index += 1) stampOne(names[index] ?? '');
  const numbers = theirs?.() ?? null;
  for (let index = own; index < names.length; index += 1) {
    const name = names[index] ?? '';
    const stat = numbers === null ? null : stampAt(numbers, (index - own) * 4);
    if (stat === null) stampOne(name);
    else stamps.add(`${folder}/${name}`, stat, at);
  }
}

function stampAt(numbers: Float64Array, place: number): Stamp | null {
  const size = numbers[place] ?? Number.NaN;
  if (Number.isNaN(size)) return null;
  return { size, mtimeMs: numbers[place + 1] ?? 0, ctimeMs: numbers[place + 2] ?? 0, ino: numbers[place + 3] ?? 0 };
}

/** Size, both times and inode of each name that is a plain file; NaN for what is something else, or to be passed over. */
export function stampNames(folder: string, names: readonly string[], numbers: Float64Array): void {
  let place = 0;
  for (const name of names) {
    const stat = name.startsWith('.') ? undefined : lstatSync(`${folder}/${name}`, QUIETLY);
    numbers[place] = stat?.isFile() === true ? stat.size : Number.NaN;
    numbers[place + 1] = stat?.mtimeMs ?? 0;
    numbers[place + 2] = stat?.ctimeMs ?? 0;
    numbers[place + 3] = stat?.ino ?? 0;
    place += 4;
  }
}

/** A folder that may not be read has no stamps: reading it sets it apart, and what was set apart is never taken as settled. */
function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
