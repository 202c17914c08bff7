import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PosternError } from '../../core/failure.ts';

const WRITING_MS = 10_000;
/** Locks of this process: it is alive, so its number says nothing. */
const ours = new Set<string>();

/**
 * Makes this the only run that writes to the store. A lock that a killed run left is taken over: it names its process by
 * number and start time. Returns what releases it; throws `store-busy` (exit 3).
 */
export function lockStore(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, '.writing');
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (tryCreate(path)) {
      ours.add(path);
      return () => {
        ours.delete(path);
        rmSync(path, { force: true });
      };
    }
    const holder = readHolder(path);
    if (holder === null) continue;
    if (isAlive(path, holder)) throw busy(path, holder);
    takeAway(path, holder);
  }
  throw busy(path, readHolder(path) ?? 'unknown');
}

function tryCreate(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid) ?? ''}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Renamed before it is removed: when somebody else was faster, what was taken is not the dead lock, and is put back. */
function takeAway(path: string, dead: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readHolder(aside) === dead) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function isAlive(path: string, holder: string): boolean {
  if (holder === '') return isFresh(path);
  const [number, start] = holder.trim().split(' ');
  const pid = Number(number);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return ours.has(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const current = startOf(pid);
  return start === undefined || current === null || current === start;
}

/** A lock without a number is being written this moment, or its writer was killed at that. */
function isFresh(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < WRITING_MS;
}

/** When a process started, in the kernel's ticks: its number alone may have been given to another one. Linux only. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function busy(path: string, holder: string): PosternError {
  return new PosternError(
    'store-busy',
    `another run is writing to the store (process ${holder.trim().split(' ')[0]})`,
    {
      hint: `wait until it has finished; when there is no such process, remove ${path}`,
      exit: 3,
    },
  );
}
