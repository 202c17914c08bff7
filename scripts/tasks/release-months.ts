import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PosternError } from '../core/failure.ts';
import type { Month } from '../core/month/period.ts';
import { manifestOfRelease, monthTag, releaseText } from '../core/month/release.ts';
import { listFrozenMonths, readManifestText, sha256Of } from '../io/evidence/month-folders.ts';
import type { GitHub } from '../io/github/connect.ts';
import { isCode } from '../io/github/failures.ts';
import {
  createDraftRelease,
  deleteAsset,
  listReleases,
  publishRelease,
  type Release,
  uploadAsset,
} from '../io/github/releases.ts';
import { openGitHub } from './connect-github.ts';
import { writeEvidence } from './month/evidence-bundle.ts';

export interface ReleaseResult {
  /** Months whose release was published in this run. */
  readonly published: readonly string[];
  /** Those that have one. */
  readonly unchanged: readonly string[];
  /** Those whose release is of another manifest than the one in `data/`. */
  readonly differs: readonly string[];
  /** Those of which retention has taken the rows, so that no bundle can be made anymore. */
  readonly incomplete: readonly string[];
}

export interface ReleaseOptions {
  readonly data: string;
  /** Where bundles are written. */
  readonly out: string;
  /** Further files, or folders of them, for the newest month. */
  readonly files: readonly string[];
  readonly dry_run: boolean;
  /** Also print the report, where there is a Chromium. */
  readonly pdf: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}

/**
 * Publishes each frozen month once as a release at GitHub, oldest first: its bundle, its manifest, its report. All files are
 * there before anybody sees the release; what a killed run left as a draft is gone on with. A published one is never changed.
 */
export async function releaseMonths(options: ReleaseOptions): Promise<ReleaseResult> {
  const { data, files, dry_run, environment, progress } = options;
  const months = listFrozenMonths(data) as readonly Month[];
  const result = {
    published: [] as string[],
    unchanged: [] as string[],
    differs: [] as string[],
    incomplete: [] as string[],
  };
  if (months.length === 0) return result;
  const github = await openGitHub(data, environment);
  const releases = await listReleases(github);
  const author = await github.author();
  for (const period of months) {
    const tag = monthTag(period);
    const manifest = sha256Of(readManifestText(data, period) ?? '');
    const seen = releases.find((release) => release.tag === tag && !release.draft);
    if (seen !== undefined) {
      result[manifestOfRelease(seen.body) === manifest ? 'unchanged' : 'differs'].push(period);
      continue;
    }
    if (dry_run) {
      result.published.push(period);
      continue;
    }
    const bundle = await evidenceOf(options, period);
    if (bundle === null) {
      result.incomplete.push(period);
      continue;
    }
    progress(`releasing ${period}`);
    const own = releases.find((release) => release.tag === tag && release.draft && release.author === author);
    await publish(github, own ?? null, {
      period,
      manifest,
      files: period === months.at(-1) ? [...bundle, ...further(files)] : bundle,
    });
    result.published.push(period);
  }
  return result;
}

/** Null: its rows are gone, and a bundle would not be whole. */
async function evidenceOf({ data, out, pdf, progress }: ReleaseOptions, period: Month) {
  try {
    return await writeEvidence({ data, out, period, pdf, progress });
  } catch (error) {
    if (error instanceof PosternError && error.code === 'month-incomplete') return null;
    throw error;
  }
}

/** What was named, and of a folder the files in it that are not of a month of their own. */
function further(named: readonly string[]): readonly string[] {
  return named.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path];
    const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
    const names = entries
      .map(({ name }) => name)
      .filter((name) => !/^(?:evidence|manifest|report)-\d{4}-\d{2}\./.test(name));
    return names.sort().map((name) => join(path, name));
  });
}

async function publish(
  github: GitHub,
  draft: Release | null,
  { period, manifest, files }: { readonly period: Month; readonly manifest: string; readonly files: readonly string[] },
): Promise<void> {
  const hashed = files.map((path) => ({ path, name: basename(path), sha256: fileHash(path) }));
  const body = releaseText({ period, manifest, files: hashed });
  const release = draft ?? (await createDraftRelease(github, { tag: monthTag(period), name: `Month ${period}`, body }));
  // A killed run may have left some of them, whole or not; the PDF differs from run to run.
  const kept = new Set<string>();
  for (const { id, name, whole, digest } of release.assets) {
    if (whole && hashed.some((file) => file.name === name && digest === `sha256:${file.sha256}`)) kept.add(name);
    else await deleteAsset(github, id);
  }
  for (const { path, name } of hashed) if (!kept.has(name)) await uploadAsset(github, release, path);
  try {
    await publishRelease(github, release.id, body);
  } catch (error) {
    if (!isCode(error, 'github-invalid')) throw error;
    throw new PosternError(
      'release-refused',
      `GitHub does not publish ${monthTag(period)}: ${error instanceof Error ? error.message : ''}`,
      {
        hint: 'look whether the tag is taken, or a ruleset for tags forbids it; the draft is kept, and the next run goes on',
        exit: 3,
        cause: error,
      },
    );
  }
}

function fileHash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
