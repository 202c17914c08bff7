import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PosternError } from '../core/failure.ts';
import { type ChainLink, chainMismatches, type Mismatch } from '../core/month/chain.ts';
import { differences } from '../core/month/difference.ts';
import { isMemberPath, type Manifest, parseManifest } from '../core/month/manifest.ts';
import { listHashed, sha256Of } from '../io/evidence/month-folders.ts';
import { readZip } from '../io/evidence/zip.ts';
import { type DomainName, parseDomainName } from '../standards/domain-name.ts';
import { deriveMonth } from './derive-month.ts';

export interface VerifyResult {
  readonly ok: boolean;
  readonly period: string | null;
  /** Files hashed, links of the chain followed, and figures derived again. */
  readonly checked: number;
  readonly mismatches: readonly Mismatch[];
}

/** More of them say nothing new. */
const MAX_DIFFERENCES = 50;

/**
 * Checks an evidence bundle offline: the `.zip`, or a folder it was unpacked into, or a frozen month. Every file against the
 * manifest, the manifests of all months before against each other, and the headline figures against the rows. Writes nothing
 * but to a temporary folder. Throws `bundle-unreadable` (exit 2).
 */
export async function verify(bundle: string, progress: (text: string) => void): Promise<VerifyResult> {
  const stat = statSync(bundle, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new PosternError('bundle-unreadable', `there is nothing at ${bundle}`, {
      hint: 'npx postern verify evidence-2026-10.zip',
      exit: 2,
    });
  }
  if (stat.isDirectory()) return verifyFolder(bundle, [], progress);
  const folder = mkdtempSync(join(tmpdir(), 'postern-verify-'));
  try {
    return await verifyFolder(folder, await unpack(bundle, folder), progress);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Unpacks what has a plain name; the rest is named, and never becomes a path. */
async function unpack(bundle: string, folder: string): Promise<readonly Mismatch[]> {
  const refused: Mismatch[] = [];
  for await (const { path, bytes } of readZip(bundle)) {
    const target = join(folder, path);
    if (!isMemberPath(path) || existsSync(target)) {
      refused.push({ file: path, message: 'This name cannot stand in a bundle, or stands in it twice.' });
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  return refused;
}

async function verifyFolder(
  folder: string,
  found: readonly Mismatch[],
  progress: (text: string) => void,
): Promise<VerifyResult> {
  const path = join(folder, 'manifest.json');
  const parsed = existsSync(path)
    ? parseManifest(readFileSync(path, 'utf8'))
    : ({ ok: false, message: 'It is missing.' } as const);
  if (!parsed.ok) {
    const mismatches = [...found, { file: 'manifest.json', message: parsed.message }];
    return { ok: false, period: null, checked: 0, mismatches };
  }
  const manifest = parsed.value;
  progress('hashing the files');
  const files = fileMismatches(folder, manifest);
  const chain = chainMismatches(manifest, linksOf(folder), (period) => `chain/${period}.json`);
  progress('deriving the figures from the rows');
  // Figures from rows that are not those of the manifest would only repeat that.
  const sound = !files.some(({ file }) => file === 'figures.json' || file.startsWith('data/'));
  const figures = sound ? await figureMismatches(folder, manifest) : [];
  const mismatches = [...found, ...files, ...chain.mismatches, ...figures];
  const checked = manifest.files.length + chain.checked + (sound ? 1 : 0);
  return { ok: mismatches.length === 0, period: manifest.period, checked, mismatches };
}

function fileMismatches(folder: string, manifest: Manifest): readonly Mismatch[] {
  const present = new Map(listHashed(folder).map((file) => [file.path, file]));
  const listed = new Set(manifest.files.map(({ path }) => path));
  const wrong = manifest.files.flatMap(({ path, sha256 }): readonly Mismatch[] => {
    const file = present.get(path);
    if (file === undefined) return [{ file: path, message: 'It is missing.' }];
    return file.sha256 === sha256
      ? []
      : [{ file: path, message: `Its SHA-256 is ${file.sha256}; the manifest says ${sha256}.` }];
  });
  const extra = [...present.keys()].filter((path) => !listed.has(path) && !isBesides(path));
  return [...wrong, ...extra.map((file) => ({ file, message: 'The manifest does not list it.' }))];
}

/** What stands beside the month: the manifests before it, and later restatements. */
function isBesides(path: string): boolean {
  return path === 'manifest.json' || path.startsWith('chain/') || path.startsWith('restatements/');
}

/** In a bundle the months before stand under `chain/`; beside a frozen month they are its neighbours. */
function linksOf(folder: string): (period: string) => ChainLink | null {
  return (period) => {
    const places = [join(folder, 'chain', `${period}.json`), join(folder, '..', period, 'manifest.json')];
    const place = places.find((one) => existsSync(one));
    if (place === undefined) return null;
    const bytes = readFileSync(place);
    return { sha256: sha256Of(bytes), text: bytes.toString('utf8') };
  };
}

async function figureMismatches(folder: string, manifest: Manifest): Promise<readonly Mismatch[]> {
  const file = 'figures.json';
  let stated: unknown;
  try {
    stated = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch (error) {
    return [{ file, message: error instanceof Error ? error.message : String(error) }];
  }
  const { figures: derived } = await deriveMonth(join(folder, 'data'), {
    period: manifest.period,
    domains: domainsOf(stated),
    known: manifest.frozen_at,
  });
  return differences(stated, JSON.parse(JSON.stringify(derived)), MAX_DIFFERENCES).map((one) => ({
    file,
    message: `${one.path} is ${one.stated}; from the rows it is ${one.derived}.`,
  }));
}

function domainsOf(figures: unknown): readonly DomainName[] {
  const { domains } = (figures ?? {}) as { readonly domains?: unknown };
  if (!Array.isArray(domains)) return [];
  return domains.flatMap((one: unknown) => {
    const name = (one as { readonly domain?: unknown } | null)?.domain;
    const parsed = typeof name === 'string' ? parseDomainName(name) : null;
    return parsed?.ok === true ? [parsed.value] : [];
  });
}
