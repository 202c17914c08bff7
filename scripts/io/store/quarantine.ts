import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../../core/clock.ts';

/** Kept of one thing at most; its hash and size are those of the whole. */
const RAW_BYTES = 64 * 2 ** 20;

/** What is kept of all: anyone can send what cannot be read. Beyond, it is only counted. */
export interface QuarantineLimits {
  readonly bytes: number;
  readonly entries: number;
}

const LIMITS: QuarantineLimits = { bytes: 2 ** 30, entries: 10_000 };
const ENTRY = /^[0-9a-f]{64}$/;

/** `data/quarantine/<sha256>/reason.json`. */
export interface QuarantineReason {
  /** Where it was read, made safe to show. */
  readonly source: string;
  readonly reason: string;
  readonly message: string;
  readonly at: Instant;
  /** Of the whole; `raw` holds its first 64 MB. */
  readonly size: number;
  readonly sha256: string;
  /** Reports of the same mail or file that could be read and are stored. */
  readonly reports: number;
}

/** Bytes in memory, or where they stand in a file. */
export type RawBytes = Uint8Array | { readonly file: string | Buffer; readonly start: number; readonly length: number };

/** What could not be read, kept with its raw bytes and the reason: a folder for each, named after the SHA-256 of the bytes. */
export class Quarantine {
  readonly #folder: string;
  readonly #readOnly: boolean;
  readonly #limits: QuarantineLimits;
  readonly #held: Set<string>;
  #bytes: number | null = null;

  constructor(dataDir: string, options: { readonly readOnly: boolean; readonly limits?: QuarantineLimits }) {
    this.#folder = join(dataDir, 'quarantine');
    this.#readOnly = options.readOnly;
    this.#limits = options.limits ?? LIMITS;
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    this.#held = new Set(names.filter((name) => ENTRY.test(name)));
    if (options.readOnly) return;
    // Half-written by a run that was cut off: what they were made of is still where it was.
    for (const name of names)
      if (name.startsWith('.tmp-')) rmSync(join(this.#folder, name), { recursive: true, force: true });
  }

  /** The SHA-256 of everything that is kept. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** What is known of something quarantined before; null when it is not, or its folder is damaged. */
  find(sha256: string): { readonly reason: string; readonly reports: number } | null {
    if (!this.#held.has(sha256)) return null;
    try {
      const { reason, reports } = JSON.parse(readFileSync(join(this.#folder, sha256, 'reason.json'), 'utf8'));
      return typeof reason === 'string' && typeof reports === 'number' ? { reason, reports } : null;
    } catch {
      return null;
    }
  }

  /** Keeps it, unless it is kept already or the quarantine is full. */
  put(reason: QuarantineReason, raw: RawBytes): void {
    if (this.#readOnly || this.#held.has(reason.sha256)) return;
    this.#bytes ??= this.#measure();
    const size = Math.min(reason.size, RAW_BYTES);
    if (this.#held.size >= this.#limits.entries || this.#bytes + size > this.#limits.bytes) return;
    const unfinished = join(this.#folder, `.tmp-${reason.sha256}`);
    mkdirSync(unfinished, { recursive: true });
    const fd = openSync(join(unfinished, 'raw'), 'w');
    for (const chunk of chunksOf(raw, RAW_BYTES)) writeSync(fd, chunk);
    closeSync(fd);
    const text = openSync(join(unfinished, 'reason.json'), 'w');
    writeSync(text, `${JSON.stringify(reason, null, 2)}\n`);
    closeSync(text);
    renameSync(unfinished, join(this.#folder, reason.sha256));
    this.#held.add(reason.sha256);
    this.#bytes += size;
  }

  #measure(): number {
    return [...this.#held].reduce((sum, name) => {
      const stat = statSync(join(this.#folder, name, 'raw'), { throwIfNoEntry: false });
      return sum + (stat?.size ?? 0);
    }, 0);
  }
}

/** SHA-256 (hex) of bytes that may be too many to hold. */
export function sha256Of(raw: RawBytes): string {
  const hash = createHash('sha256');
  for (const chunk of chunksOf(raw, Number.POSITIVE_INFINITY)) hash.update(chunk);
  return hash.digest('hex');
}

function* chunksOf(raw: RawBytes, limit: number): Generator<Uint8Array> {
  if (raw instanceof Uint8Array) {
    yield raw.subarray(0, Math.min(raw.length, limit));
    return;
  }
  const chunk = Buffer.allocUnsafe(2 ** 20);
  const fd = openSync(raw.file, 'r');
  try {
    const end = raw.start + Math.min(raw.length, limit);
    for (let at = raw.start; at < end; ) {
      const read = readSync(fd, chunk, 0, Math.min(chunk.length, end - at), at);
      if (read === 0) return;
      yield chunk.subarray(0, read);
      at += read;
    }
  } finally {
    closeSync(fd);
  }
}
