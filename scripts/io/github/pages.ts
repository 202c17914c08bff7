import { PosternError } from '../../core/failure.ts';
import type { GitHub } from './connect.ts';
import { isCode } from './failures.ts';

export interface PagesSite {
  readonly cname: string | null;
  readonly build_type: string | null;
  /** `built`, `building`, `errored`, or null before the first build. */
  readonly status: string | null;
  readonly https_enforced: boolean;
  /** `new` … `approved`, `errored`, …; null while GitHub has not begun. */
  readonly certificate: string | null;
  readonly branch: string | null;
}

export interface PagesHealth {
  /** Whether GitHub has finished looking: it answers 202 first. */
  readonly known: boolean;
  readonly dns_resolves: boolean | null;
  readonly valid: boolean | null;
  readonly https_error: string | null;
  /** False: the CAA records forbid Let's Encrypt. */
  readonly caa_allows: boolean | null;
}

export async function getPages({ octokit, repository }: GitHub): Promise<PagesSite | null> {
  try {
    const { data } = await octokit.rest.repos.getPages({ ...repository });
    return {
      cname: data.cname,
      build_type: data.build_type ?? null,
      status: data.status,
      https_enforced: data.https_enforced ?? false,
      certificate: data.https_certificate?.state ?? null,
      branch: data.source?.branch ?? null,
    };
  } catch (error) {
    if (isCode(error, 'github-not-found')) return null;
    throw error;
  }
}

/**
 * A site built from a branch, or deployed by a workflow of the same repository. It is fine when there is one already.
 * Throws PosternError `github-forbidden` for the workflow's own token.
 */
export async function createPages(
  { octokit, repository }: GitHub,
  from: { readonly branch: string } | 'workflow',
): Promise<void> {
  const source = from === 'workflow' ? {} : { source: { branch: from.branch, path: '/' as const } };
  try {
    await octokit.rest.repos.createPagesSite({
      ...repository,
      build_type: from === 'workflow' ? 'workflow' : 'legacy',
      ...source,
    } as never);
  } catch (error) {
    if (!isCode(error, 'github-conflict')) throw error;
  }
}

/**
 * `cname` and `https_enforced` exist only here, not when the site is made. Throws PosternError `host-name-taken` when another
 * site has claimed the domain, perhaps somebody else's.
 */
export async function updatePages(
  { octokit, repository }: GitHub,
  change: { readonly cname?: string | null; readonly https_enforced?: boolean },
): Promise<void> {
  try {
    await octokit.rest.repos.updateInformationAboutPagesSite({ ...repository, ...change } as never);
  } catch (error) {
    if (!(error instanceof PosternError) || !/already taken/.test(error.message)) throw error;
    throw new PosternError('host-name-taken', `${change.cname} is claimed by another Pages site.`, {
      hint: 'verify the domain for your organisation at GitHub (Settings → Pages), remove it from the other site, and see who made that',
      exit: 3,
      cause: error,
    });
  }
}

/** It is fine when it was gone already. */
export async function deletePages({ octokit, repository }: GitHub): Promise<void> {
  try {
    await octokit.rest.repos.deletePagesSite({ ...repository });
  } catch (error) {
    if (!isCode(error, 'github-not-found')) throw error;
  }
}

/** The first call starts GitHub's own look at the domain (202), later ones give what it saw. */
export async function pagesHealth({ octokit, repository }: GitHub): Promise<PagesHealth> {
  const { status, data } = await octokit.rest.repos.getPagesHealthCheck({ ...repository });
  const domain = (status as number) === 202 ? undefined : data.domain;
  return {
    known: domain !== undefined,
    dns_resolves: domain?.dns_resolves ?? null,
    valid: domain?.is_valid ?? null,
    https_error: domain?.https_error ?? null,
    caa_allows: domain?.caa_error === undefined || domain.caa_error === null ? null : false,
  };
}

/** Starts a build when GitHub did not by itself. */
export async function requestPagesBuild({ octokit, repository }: GitHub): Promise<void> {
  await octokit.rest.repos.requestPagesBuild({ ...repository });
}

/** The newest build: its state and the commit it built; null when there was none yet. */
export async function latestPagesBuild({
  octokit,
  repository,
}: GitHub): Promise<{ readonly status: string; readonly commit: string; readonly error: string | null } | null> {
  try {
    const { data } = await octokit.rest.repos.getLatestPagesBuild({ ...repository });
    return { status: data.status, commit: data.commit, error: data.error.message };
  } catch (error) {
    if (isCode(error, 'github-not-found')) return null;
    throw error;
  }
}
