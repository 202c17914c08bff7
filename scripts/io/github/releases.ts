import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

export interface Release {
  readonly id: number;
  readonly tag: string;
  readonly body: string;
  /** Not to be seen by others yet. */
  readonly draft: boolean;
  readonly author: string;
  readonly assets: readonly ReleaseAsset[];
  readonly upload_url: string;
  readonly url: string;
}

interface ReleaseAsset {
  readonly id: number;
  readonly name: string;
  /** False: its upload stopped half-way. */
  readonly whole: boolean;
  /** `sha256:…`; null for old ones. */
  readonly digest: string | null;
}

/** GitHub takes files up to 2 GiB; one is held in memory while it is sent. */
const MAX_ASSET = 2 ** 30;

/** All releases, drafts too, newest first. */
export async function listReleases({ octokit, repository }: GitHub): Promise<readonly Release[]> {
  return (await octokit.paginate(octokit.rest.repos.listReleases, { ...repository, per_page: 100 })).map(releaseOf);
}

/** A draft: its tag is made when it is published. Never the one that is shown as the latest. */
export async function createDraftRelease(
  { octokit, repository }: GitHub,
  { tag, name, body }: { readonly tag: string; readonly name: string; readonly body: string },
): Promise<Release> {
  const asked = { ...repository, tag_name: tag, name, body, draft: true, make_latest: 'false' as const };
  return releaseOf((await octokit.rest.repos.createRelease(asked)).data);
}

export async function publishRelease({ octokit, repository }: GitHub, id: number, body: string): Promise<Release> {
  const asked = { ...repository, release_id: id, body, draft: false, make_latest: 'false' as const };
  return releaseOf((await octokit.rest.repos.updateRelease(asked)).data);
}

/** Throws PosternError `release-asset` (exit 2) for a file that GitHub would not take. */
export async function uploadAsset({ octokit, repository }: GitHub, release: Release, file: string): Promise<void> {
  const bytes = readFileSync(file);
  if (bytes.length > MAX_ASSET)
    throw new PosternError('release-asset', `${file} has more than ${MAX_ASSET} bytes.`, {
      hint: 'keep it elsewhere: docs/scale.md',
      exit: 2,
    });
  await octokit.rest.repos.uploadReleaseAsset({
    ...repository,
    url: release.upload_url,
    release_id: release.id,
    name: basename(file),
    headers: { 'content-type': 'application/octet-stream', 'content-length': bytes.length },
    data: bytes as never,
  } as never);
}

/** It is fine when it was gone already. */
export async function deleteAsset({ octokit, repository }: GitHub, id: number): Promise<void> {
  try {
    await octokit.rest.repos.deleteReleaseAsset({ ...repository, asset_id: id });
  } catch (error) {
    if (!isCode(error, 'github-not-found')) throw error;
  }
}

interface RawRelease {
  readonly id: number;
  readonly tag_name: string;
  readonly body?: string | null;
  readonly draft: boolean;
  readonly author: { readonly login: string } | null;
  readonly assets: readonly {
    readonly id: number;
    readonly name: string;
    readonly state: string;
    readonly digest?: string | null;
  }[];
  readonly upload_url: string;
  readonly html_url: string;
}

function releaseOf(raw: RawRelease): Release {
  return {
    id: raw.id,
    tag: raw.tag_name,
    body: raw.body ?? '',
    draft: raw.draft,
    author: raw.author?.login ?? '',
    assets: raw.assets.map(({ id, name, state, digest }) => ({
      id,
      name,
      whole: state === 'uploaded',
      digest: digest ?? null,
    })),
    upload_url: raw.upload_url,
    url: raw.html_url,
  };
}
