import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PosternError } from '../core/failure.ts';
import { type ChainLink, chainMismatches, type Mismatch } from '../core/month/chain.ts';
import { differences } from '../core/month/difference.ts';
import { listDifference } from '../core/month/list-difference.ts';
import { derivedLists } from '../core/month/lists.ts';
import { isMemberPath, type Manifest, parseManifest } from '../core/month/manifest.ts';
import { listHashed, sha256Of } from '../io/evidence/month-folders.ts';
import { unpackZip, type ZipMember } from '../io/evidence/zip.ts';
import { type DomainName, parseDomainName } from '../standards/domain-name.ts';
import { deriveMonth } from './month/derive-month.ts';
import { monthPopulations } from './month/month-populations.ts';

export interface VerifyResult {
  readonly ok: boolean;
  readonly period: string | null;
  /** Files hashed, links of the chain followed, and figures derived again. */
  readonly checked: number;
  readonly mismatches: readonly Mismatch[];
}

const NOT_LISTED = 'The manifest does not list it.';
/** A manifest of 100,000 files is smaller. */
const MAX_MANIFEST_BYTES = 32 * 2 ** 20;
/** More of them say nothing new. */
const MAX_DIFFERENCES = 50;

/**
 * Checks an evidence bundle offline: the `.zip`, or a folder it was unpacked into, or a frozen month. Every file against the
 * manifest, the manifests of all months before against each other, and figures and lists against the rows. Writes nothing but
 * to a temporary folder. Throws `bundle-missing` (exit 2).
 */
export async function verify(bundle: string, progress: (text: string) => void): Promise<VerifyResult> {
  const stat = statSync(bundle, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new PosternError('bundle-missing', `there is nothing at ${bundle}`, {
      hint: 'npx postern verify evidence-2026-10.zip',
      exit: 2,
    });
  }
  if (stat.isDirectory()) return verifyFolder(bundle, [], progress);
  const folder = mkdtempSync(join(tmpdir(), 'postern-verify-'));
  try {
    const unpacked = await unpackZip(bundle, folder, { first: 'manifest.json', refusal: refusalIn(folder) });
    if (unpacked.ok) return await verifyFolder(folder, unpacked.refused, progress);
    const message = `It cannot be read as a zip archive: ${unpacked.why.replace(/\.$/, '')}.`;
    return { ok: false, period: null, checked: 0, mismatches: [{ file: basename(bundle), message }] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing is unpacked but what the manifest lists, at the size it says, and what may stand beside that. */
function refusalIn(folder: string): (member: ZipMember) => string | null {
  let listed: ReadonlyMap<string, number> | null = null;
  return ({ path, bytes }) => {
    if (!isMemberPath(path)) return 'This name cannot stand in a bundle.';
    if (isBesides(path)) return bytes > MAX_MANIFEST_BYTES ? `It has more than ${MAX_MANIFEST_BYTES} bytes.` : null;
    listed ??= new Map(filesListed(folder).map((file) => [file.path, file.bytes]));
    const stated = listed.get(path);
    if (stated === undefined) return NOT_LISTED;
    return stated === bytes ? null : `It has ${bytes} bytes; the manifest says ${stated}.`;
  };
}

function filesListed(folder: string): Manifest['files'] {
  const parsed = readManifest(folder);
  return parsed.ok ? parsed.value.files : [];
}

function readManifest(folder: string): ReturnType<typeof parseManifest> {
  const path = join(folder, 'manifest.json');
  return existsSync(path) ? parseManifest(readFileSync(path, 'utf8')) : { ok: false, message: 'It is missing.' };
}

async function verifyFolder(
  folder: string,
  refused: readonly { readonly path: string; readonly why: string }[],
  progress: (text: string) => void,
): Promise<VerifyResult> {
  const parsed = readManifest(folder);
  if (!parsed.ok) {
    return {
      ok: false,
      period: null,
      checked: 0,
      mismatches: [{ file: 'manifest.json', message: parsed.message }],
    };
  }
  const manifest = parsed.value;
  progress('hashing the files');
  const left = new Set(refused.map(({ path }) => path));
  const files = [
    ...refused.map(({ path, why }) => ({ file: path, message: why })),
    ...fileMismatches(folder, manifest).filter(({ file }) => !left.has(file)),
  ];
  const chain = chainMismatches(manifest, linksOf(folder), (period) => `chain/${period}.json`);
  progress('deriving the figures from the rows');
  // Figures from rows that are not those of the manifest would only repeat that.
  const sound = !files.some(({ file }) => file === 'figures.json' || file.startsWith('data/'));
  const derived = sound ? await derivedMismatches(folder, manifest) : { checked: 0, mismatches: [] };
  const mismatches = [...files, ...chain.mismatches, ...derived.mismatches];
  const checked = manifest.files.length + chain.checked + derived.checked;
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
  return [...wrong, ...extra.map((file) => ({ file, message: NOT_LISTED }))];
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

/** The headline figures, and every list that follows from the rows alone, made again. */
async function derivedMismatches(
  folder: string,
  manifest: Manifest,
): Promise<{ readonly checked: number; readonly mismatches: readonly Mismatch[] }> {
  const file = 'figures.json';
  let stated: unknown;
  try {
    stated = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch (error) {
    return { checked: 0, mismatches: [{ file, message: error instanceof Error ? error.message : String(error) }] };
  }
  const month = { period: manifest.period, domains: domainsOf(stated), known: manifest.frozen_at };
  const rows = join(folder, 'data');
  const { figures } = await deriveMonth(rows, month);
  const wrong = differences(stated, JSON.parse(JSON.stringify(figures)), MAX_DIFFERENCES).map((one) => ({
    file,
    message: `${one.path} is ${one.stated}; from the rows it is ${one.derived}.`,
  }));
  const listed = new Set(manifest.files.map(({ path }) => path));
  const lists = Object.entries(derivedLists(await monthPopulations(rows, month))).filter(([path]) => listed.has(path));
  const wrongLists = lists.flatMap(([path, text]): readonly Mismatch[] => {
    const place = join(folder, path);
    const message = existsSync(place) ? listDifference(readFileSync(place, 'utf8'), text) : null;
    return message === null ? [] : [{ file: path, message }];
  });
  return { checked: 1 + lists.length, mismatches: [...wrong, ...wrongLists] };
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
