import { type Instant, parseInstant } from '../clock.ts';
import { type Month, monthBefore, parseMonth } from './period.ts';

/** What a frozen month consists of. Its own SHA-256 stands in the manifest of the next month: months form a chain. */
export interface Manifest {
  readonly format: 'postern-month-1';
  readonly period: Month;
  readonly frozen_at: Instant;
  readonly tool: { readonly name: 'postern'; readonly version: string };
  /** The commit of the configuration that was in force; null outside a git repository. */
  readonly commit: string | null;
  /** The month frozen before this one; null for the first. */
  readonly previous: { readonly period: Month; readonly sha256: string } | null;
  /** Every file of the month but this one, by path. */
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** Relative to the manifest, with `/`. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The manifest as its file's text: the same manifest is always the same bytes. */
export function manifestText(manifest: Manifest): string {
  const files = [...manifest.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return `${JSON.stringify({ ...manifest, files }, null, 2)}\n`;
}

export type ParsedManifest =
  | { readonly ok: true; readonly value: Manifest }
  | { readonly ok: false; readonly message: string };

const SHA256 = /^[0-9a-f]{64}$/;
/** Plain relative names only: a manifest from elsewhere must not lead out of its folder. */
const PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9][A-Za-z0-9._=/-]*$/;
const MAX_FILES = 100_000;
const MAX_PATH = 300;

/** Whether a name may stand in a bundle: whoever unpacks it must not be led out of the folder. */
export function isMemberPath(path: string): boolean {
  return path.length <= MAX_PATH && PATH.test(path);
}

/** Reads a manifest that somebody handed over: nothing in it is taken for granted. */
export function parseManifest(text: string): ParsedManifest {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return fault('It is not JSON.');
  }
  if (!isRecord(written)) return fault('It is not a JSON object.');
  if (written['format'] !== 'postern-month-1') return fault('It is not a manifest that this version knows.');
  const period = typeof written['period'] === 'string' ? parseMonth(written['period']) : null;
  if (period === null) return fault('Its period is no month.');
  const frozenAt = typeof written['frozen_at'] === 'string' ? parseInstant(written['frozen_at']) : null;
  if (frozenAt === null) return fault('Its frozen_at is no date-time.');
  const { tool, commit, previous, files } = written;
  if (!isRecord(tool) || tool['name'] !== 'postern' || typeof tool['version'] !== 'string')
    return fault('It does not name the tool.');
  if (commit !== null && typeof commit !== 'string') return fault('Its commit is no text.');
  const before = previousOf(previous);
  if (before === undefined) return fault('Its previous month is written wrongly.');
  if (before !== null && before.period !== monthBefore(period) && before.period >= period)
    return fault('Its previous month is not before it.');
  if (!Array.isArray(files) || files.length > MAX_FILES) return fault('It lists no files.');
  const listed: ManifestFile[] = [];
  for (const file of files) {
    const read = fileOf(file);
    if (read === null) return fault(`File ${listed.length + 1} of its list is written wrongly.`);
    listed.push(read);
  }
  if (new Set(listed.map(({ path }) => path)).size !== listed.length) return fault('It lists a file twice.');
  return {
    ok: true,
    value: {
      format: 'postern-month-1',
      period,
      frozen_at: frozenAt,
      tool: { name: 'postern', version: tool['version'] },
      commit,
      previous: before,
      files: listed,
    },
  };
}

function previousOf(written: unknown): Manifest['previous'] | undefined {
  if (written === null) return null;
  if (!isRecord(written) || typeof written['period'] !== 'string' || typeof written['sha256'] !== 'string') return;
  const period = parseMonth(written['period']);
  return period === null || !SHA256.test(written['sha256']) ? undefined : { period, sha256: written['sha256'] };
}

function fileOf(written: unknown): ManifestFile | null {
  if (!isRecord(written)) return null;
  const { path, sha256, bytes } = written;
  if (typeof path !== 'string' || !isMemberPath(path)) return null;
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return null;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return null;
  return { path, sha256, bytes };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(message: string): ParsedManifest {
  return { ok: false, message };
}
