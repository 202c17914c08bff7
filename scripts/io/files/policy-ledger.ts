import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import type { DomainName } from '../../standards/domain-name.ts';

/** Bytes of one ledger: some tens of thousands of versions. */
const MOST_BYTES = 64 * 1024 * 1024;

/** `policies`: what happened to the versions of a domain. `hosts`: where its policy host was claimed. */
export type LedgerFolder = 'policies' | 'hosts';

/** `data/<folder>/<domain>.jsonl` as it is; null when there is none. Throws `ledger-too-large` (exit 3). */
export function readLedgerText(dataDir: string, domain: DomainName, folder: LedgerFolder = 'policies'): string | null {
  const path = pathOf(dataDir, domain, folder);
  // An error takes ten times as long as the question, and most domains have no hosts ledger.
  if (!existsSync(path)) return null;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size > MOST_BYTES) {
      throw new PosternError('ledger-too-large', `${path} is larger than ${MOST_BYTES} bytes.`, {
        hint: 'no policy changes that often: look at what wrote it',
        exit: 3,
      });
    }
    const bytes = new Uint8Array(size);
    return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes, 0, size, 0)));
  } finally {
    closeSync(file);
  }
}

/**
 * Adds whole lines in one write at the end of the file, so that two runs never mix theirs, and waits until they are on
 * the disk. A line that a killed run left half written keeps its place and is closed off first. Throws `ledger-write` (exit 3).
 */
export function appendLedgerText(
  dataDir: string,
  domain: DomainName,
  lines: readonly string[],
  folder: LedgerFolder = 'policies',
): void {
  if (lines.length === 0) return;
  const path = pathOf(dataDir, domain, folder);
  mkdirSync(join(dataDir, folder), { recursive: true });
  const file = openSync(path, 'a+');
  try {
    const bytes = Buffer.from(`${endsHalfway(file) ? '\n' : ''}${lines.join('\n')}\n`);
    const written = writeSync(file, bytes);
    fsyncSync(file);
    if (written !== bytes.length) {
      throw new PosternError('ledger-write', `${path}: only ${written} of ${bytes.length} bytes could be written.`, {
        hint: 'make room on the disk and run again; the cut line is stepped over',
        exit: 3,
      });
    }
  } finally {
    closeSync(file);
  }
}

/** The domains that have a ledger, by file name, whatever the configuration says: retired and deleted ones too. */
export function listLedgers(dataDir: string): readonly string[] {
  try {
    return readdirSync(join(dataDir, 'policies'))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => name.slice(0, -'.jsonl'.length))
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function pathOf(dataDir: string, domain: DomainName, folder: LedgerFolder): string {
  return join(dataDir, folder, `${domain}.jsonl`);
}

function endsHalfway(file: number): boolean {
  const { size } = fstatSync(file);
  const last = new Uint8Array(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}
