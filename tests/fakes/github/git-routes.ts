import { type Context, notFound, Refused, type Routes } from './route.ts';
import { commitFiles, type FakeRepository, filesOf, type GitObject, store, storeTree } from './world.ts';

export const GIT_ROUTES: Routes = {
  'POST /repos/{owner}/{repo}/git/blobs': (context) => {
    notEmpty(context);
    const { content, encoding = 'utf-8' } = context.body as Record<string, string>;
    const bytes = Buffer.from(content ?? '', encoding === 'base64' ? 'base64' : 'utf8');
    return { status: 201, body: { sha: store(context.repository, { type: 'blob', bytes }) } };
  },
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': (context) => {
    const sha = context.call.path['file_sha'] ?? '';
    const { bytes } = object(context, sha, 'blob');
    return { status: 200, body: { sha, content: bytes.toString('base64'), encoding: 'base64', size: bytes.length } };
  },
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': (context) => {
    const asked = context.call.path['tree_sha'] ?? '';
    const found = context.repository.objects.get(asked);
    const sha = found?.type === 'commit' ? found.tree : asked;
    object(context, sha, 'tree');
    return { status: 200, body: treeView(context.repository, sha) };
  },
  'POST /repos/{owner}/{repo}/git/trees': (context) => {
    notEmpty(context);
    const { repository, body } = context;
    const base = body['base_tree'] as string | undefined;
    const files = base === undefined ? new Map<string, string>() : filesOf(repository, base);
    for (const entry of body['tree'] as { path: string; content?: string; sha?: string | null }[]) {
      if (entry.sha === null) files.delete(entry.path);
      else if (entry.content !== undefined)
        files.set(entry.path, store(repository, { type: 'blob', bytes: Buffer.from(entry.content) }));
      else files.set(entry.path, entry.sha ?? '');
    }
    return { status: 201, body: treeView(repository, storeTree(repository, files)) };
  },
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': (context) => {
    const sha = context.call.path['commit_sha'] ?? '';
    return { status: 200, body: commitView(sha, object(context, sha, 'commit')) };
  },
  'POST /repos/{owner}/{repo}/git/commits': (context) => {
    const { repository, world, actor, body } = context;
    const { message, tree, parents = [] } = body as { message: string; tree: string; parents?: string[] };
    object(context, tree, 'tree');
    for (const parent of parents) object(context, parent, 'commit');
    const commit: GitObject = { type: 'commit', tree, parents, message, author: actor, date: world.now };
    const sha = store(repository, commit);
    return { status: 201, body: commitView(sha, commit) };
  },
  'GET /repos/{owner}/{repo}/git/ref/{ref}': (context) => {
    notEmpty(context);
    return { status: 200, body: refView(context, `refs/${context.call.path['ref']}`) };
  },
  'POST /repos/{owner}/{repo}/git/refs': (context) => {
    notEmpty(context);
    const { ref, sha } = context.body as { ref: string; sha: string };
    if (context.repository.refs.has(ref)) throw new Refused(422, 'Reference already exists');
    object(context, sha, 'commit');
    context.repository.refs.set(ref, sha);
    return { status: 201, body: refView(context, ref) };
  },
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': (context) => {
    const { repository } = context;
    const ref = `refs/${context.call.path['ref']}`;
    const { sha, force = false } = context.body as { sha: string; force?: boolean };
    const old = repository.refs.get(ref);
    if (old === undefined) throw new Refused(422, 'Reference does not exist');
    if (!force && !isAncestor(repository, old, sha)) throw new Refused(422, 'Update is not a fast forward');
    repository.refs.set(ref, sha);
    built(context, ref);
    return { status: 200, body: refView(context, ref) };
  },
  'DELETE /repos/{owner}/{repo}/git/refs/{ref}': ({ repository, call }) => {
    if (!repository.refs.delete(`refs/${call.path['ref']}`)) throw new Refused(422, 'Reference does not exist');
    return { status: 204 };
  },
  'GET /repos/{owner}/{repo}/contents/{path}': (context) => {
    const { repository, call } = context;
    const named = call.query.get('ref') ?? repository.default_branch;
    const commit = repository.refs.get(`refs/heads/${named}`) ?? (repository.objects.has(named) ? named : undefined);
    const path = call.path['path'] ?? '';
    const sha = commit === undefined ? undefined : filesOf(repository, commit).get(path);
    if (sha === undefined) throw notFound();
    const { bytes } = object(context, sha, 'blob');
    const content = bytes.toString('base64');
    const name = path.split('/').at(-1) ?? path;
    return { status: 200, body: { type: 'file', encoding: 'base64', size: bytes.length, name, path, content, sha } };
  },
  'PUT /repos/{owner}/{repo}/contents/{path}': (context) => {
    const { world, repository, call, body } = context;
    const { content, message, branch = repository.default_branch, sha } = body as Record<string, string>;
    const path = call.path['path'] ?? '';
    const head = repository.refs.get(`refs/heads/${branch}`);
    const old = head === undefined ? undefined : filesOf(repository, head).get(path);
    if (old !== undefined && sha === undefined) throw new Refused(422, `"sha" wasn't supplied.`);
    if (old !== sha) throw new Refused(409, `${path} does not match ${sha}`);
    const commit = commitFiles(
      world,
      repository,
      branch,
      { [path]: Buffer.from(content ?? '', 'base64').toString() },
      message,
    );
    built(context, `refs/heads/${branch}`);
    return { status: old === undefined ? 201 : 200, body: { content: null, commit: { sha: commit } } };
  },
};

/** A push to the branch of a Pages site is built by itself. */
function built({ repository }: Context, ref: string): void {
  const commit = repository.refs.get(ref);
  if (repository.pages !== null && ref === `refs/heads/${repository.pages.branch}` && commit !== undefined)
    repository.pages.builds.push({ commit, status: 'built' });
}

function isAncestor(repository: FakeRepository, old: string, sha: string): boolean {
  if (old === sha) return true;
  const commit = repository.objects.get(sha);
  return commit?.type === 'commit' && commit.parents.some((parent) => isAncestor(repository, old, parent));
}

function notEmpty({ repository }: Context): void {
  if (repository.refs.size === 0) throw new Refused(409, 'Git Repository is empty.');
}

function object<Type extends GitObject['type']>(
  { repository }: Context,
  sha: string,
  type: Type,
): Extract<GitObject, { type: Type }> {
  const found = repository.objects.get(sha);
  if (found?.type !== type) throw notFound();
  return found as Extract<GitObject, { type: Type }>;
}

function treeView(repository: FakeRepository, sha: string): unknown {
  const tree = [...filesOf(repository, sha)].map(([path, blob]) => ({ path, mode: '100644', type: 'blob', sha: blob }));
  return { sha, tree, truncated: false };
}

function commitView(
  sha: string,
  { tree, parents, message, author, date }: Extract<GitObject, { type: 'commit' }>,
): unknown {
  const person = { name: author, email: `${author}@users.noreply.github.com`, date };
  return {
    sha,
    message,
    author: person,
    committer: person,
    tree: { sha: tree },
    parents: parents.map((parent) => ({ sha: parent })),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}

function refView({ repository }: Context, ref: string): unknown {
  const sha = repository.refs.get(ref);
  if (sha === undefined) throw notFound();
  return { ref, object: { type: 'commit', sha } };
}
