import { createHash } from 'node:crypto';
import { PosternError } from '../../core/failure.ts';
import type { GitHub } from '../github/connect.ts';
import { createFile, readContents } from '../github/contents.ts';
import { isCode } from '../github/failures.ts';
import { createCommit, moveBranch, readBranch, readCommit, readTree } from '../github/git-data.ts';
import {
  createPages,
  deletePages,
  getPages,
  latestPagesBuild,
  pagesHealth,
  requestPagesBuild,
  updatePages,
} from '../github/pages.ts';
import { createRepository, deleteRepository, getRepository, type Repository } from '../github/repositories.ts';
import type { HostedSite, Hosting } from './hosting.ts';

/** `{host}` of `repository_name` becomes the policy host. */
const PLACEHOLDER = '{host}';

/**
 * One repository for each policy host, because a Pages site has one custom domain. In this order: repository, one commit
 * with the whole document root, Pages, custom domain, and once DNS points there certificate and HTTPS.
 */
export function pagesFleet(
  github: GitHub,
  { owner, repository_name }: { owner: string; repository_name: string },
): Hosting {
  const at = (host: string): GitHub => github.at({ owner, repo: repository_name.replaceAll(PLACEHOLDER, host) });
  return {
    kind: 'pages-fleet',
    serve: (site) => serve(at(site.host), site),
    prepare: (site) => prepare(at(site.host), site),
    settle: (host) => settle(at(host), host),
    release: (host) => release(at(host), host),
  };
}

async function serve(place: GitHub, site: HostedSite): Promise<string | null> {
  const { head, commit, pages } = await fill(place, site);
  if (pages?.cname !== site.host) await updatePages(place, { cname: site.host });
  if (pages !== null && commit === head) await buildWhenLeftOut(place, head);
  return null;
}

/** Without the file CNAME: where another site has the name, GitHub builds no site that asks for it. */
async function prepare(place: GitHub, site: HostedSite): Promise<string | null> {
  const files = site.files.filter(({ path }) => path !== 'CNAME');
  const { commit, head, pages } = await fill(place, { ...site, files });
  if (pages !== null && commit === head) await buildWhenLeftOut(place, head);
  const build = await latestPagesBuild(place);
  return build?.commit === commit && build.status === 'built' ? null : `the Pages site of ${site.host} to be built`;
}

/** Repository, files and Pages. */
async function fill(place: GitHub, site: HostedSite) {
  const repository = (await getRepository(place)) ?? (await makeRepository(place, site));
  if (repository.archived || repository.private) throw unusable(place, repository);
  const branch = repository.default_branch;
  const head = (await readBranch(place, branch)) ?? (await firstCommit(place, branch));
  const commit = await commitFiles(place, site, branch, head);
  const pages = await getPages(place);
  if (pages === null) await createPages(place, { branch });
  return { head, commit, pages };
}

async function makeRepository(place: GitHub, { domain, host }: HostedSite): Promise<Repository> {
  try {
    return await createRepository(place, {
      description: `MTA-STS policy host of ${domain}, kept by Postern`,
      homepage: `https://${host}/`,
    });
  } catch (error) {
    // Two runs at once: the other one was quicker.
    const there = isCode(error, 'github-invalid') ? await getRepository(place) : null;
    if (there === null) throw error;
    return there;
  }
}

async function firstCommit(place: GitHub, branch: string): Promise<string> {
  await createFile(place, { path: '.nojekyll', text: '', message: 'Serve folders that begin with a dot' });
  const head = await readBranch(place, branch);
  if (head !== null) return head;
  throw new PosternError('github-conflict', `${nameOf(place)} has no branch ${branch}.`, {
    hint: 'delete the empty repository, and run the command again',
    exit: 3,
  });
}

/** All files in one commit, none when they are so already. Returns the commit that has them. */
async function commitFiles(place: GitHub, { host, files }: HostedSite, branch: string, head: string): Promise<string> {
  const { tree } = await readCommit(place, head);
  const there = await readTree(place, tree);
  const differs = files.filter(({ path, text }) => there.get(path) !== blobId(text));
  const isClaimed = there.has('CNAME') && differs.some(({ path }) => path === 'CNAME');
  if (isClaimed) await refuseAnothersHost(place, host);
  // GitHub itself writes the file without a line end when the domain is set by hand.
  const changed = isClaimed ? differs.filter(({ path }) => path !== 'CNAME') : differs;
  if (changed.length === 0) return head;
  const message = `Policy of ${host}`;
  const commit = await createCommit(place, { files: changed, base: tree, parents: [head], message });
  await moveBranch(place, branch, commit);
  return commit;
}

/** A `repository_name` without `{host}` would have one policy host write over another. */
async function refuseAnothersHost(place: GitHub, host: string): Promise<void> {
  const claimed = (await readContents(place, 'CNAME'))?.text.trim() ?? '';
  if (claimed.toLowerCase() === host) return;
  throw anothersHost(place, claimed, host);
}

function anothersHost(place: GitHub, claimed: string, host: string): PosternError {
  return new PosternError('host-repository-taken', `${nameOf(place)} is the site of ${claimed}, not of ${host}.`, {
    hint: 'write repository_name with {host} under hosting in domains/_settings.yaml, or remove the file CNAME there',
    exit: 2,
  });
}

/** A build that never started, or failed, is asked for once more; one that is on its way is left alone. */
async function buildWhenLeftOut(place: GitHub, head: string): Promise<void> {
  const build = await latestPagesBuild(place);
  const isUnderway = build !== null && (build.status === 'queued' || build.status === 'building');
  if (!isUnderway && (build?.commit !== head || build.status === 'errored')) await requestPagesBuild(place);
}

async function settle(place: GitHub, host: string): Promise<string | null> {
  const pages = await getPages(place);
  if (pages === null) return `the Pages site of ${host}`;
  if (pages.https_enforced) return null;
  if (pages.certificate === 'approved') {
    await updatePages(place, { https_enforced: true });
    return null;
  }
  const health = await pagesHealth(place);
  const certificate = `the certificate of ${host} at GitHub (${pages.certificate ?? 'not begun'})`;
  if (health.caa_allows === false) return `${certificate}: CAA records must allow letsencrypt.org`;
  if (health.dns_resolves === false) return `${certificate}: GitHub does not see ${host} in DNS yet`;
  return certificate;
}

/** The repository is deleted only when it is plainly the site of this host. */
async function release(place: GitHub, host: string): Promise<boolean> {
  if ((await getRepository(place)) === null) return false;
  const pages = await getPages(place);
  const claimed = pages?.cname ?? (await readContents(place, 'CNAME'))?.text.trim();
  if (claimed !== undefined && claimed !== host) throw anothersHost(place, claimed, host);
  if (pages !== null) await deletePages(place);
  if (claimed === host) await deleteRepository(place);
  return pages !== null || claimed === host;
}

/** Git's id of a file's content. */
function blobId(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function unusable(place: GitHub, { archived }: Repository): PosternError {
  const what = archived ? 'archived' : 'private';
  return new PosternError('host-repository-unusable', `${nameOf(place)} is ${what}: its Pages would not be seen.`, {
    hint: archived ? 'unarchive it' : 'make it public: it holds only what the policy host shows to everybody',
    exit: 2,
  });
}

function nameOf({ repository }: GitHub): string {
  return `${repository.owner}/${repository.repo}`;
}
