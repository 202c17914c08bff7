import { createHash } from 'node:crypto';

/** What the fake remembers. Tests may look into it, and change it as a person at GitHub would. */
export interface World {
  /** RFC 3339: GitHub's own clock, which stamps what is made. Tests move it. */
  now: string;
  readonly repositories: Map<string, FakeRepository>;
  readonly accounts: Map<
    string,
    { readonly login: string; readonly type: 'User' | 'Organization' | 'Bot'; readonly id: number }
  >;
  readonly tokens: Map<string, Identity>;
  readonly app: { readonly id: string; readonly slug: string; readonly publicKey: string } | null;
  /** Owners where the App is installed, with what it may do. */
  readonly installations: Map<string, { readonly id: number; readonly permissions: Record<string, string> }>;
  nextId: number;
}

export type Identity =
  | { readonly kind: 'person'; readonly login: string }
  /** The workflow's own token: one repository, no Pages sites, no repositories, no `GET /user`. */
  | { readonly kind: 'actions'; readonly repository: string; readonly permissions: Record<string, string> }
  | { readonly kind: 'installation'; readonly owner: string; readonly permissions: Record<string, string> }
  | { readonly kind: 'app' };

export interface FakeRepository {
  readonly owner: string;
  readonly name: string;
  readonly id: number;
  description: string;
  homepage: string;
  default_branch: string;
  private: boolean;
  archived: boolean;
  /** Whether a rule protects the default branch. */
  isProtected: boolean;
  readonly issues: Map<number, FakeIssue>;
  readonly labels: Map<string, { readonly name: string; readonly color: string; readonly description: string }>;
  readonly assignable: Set<string>;
  readonly pulls: Map<number, FakePull>;
  readonly checks: FakeCheck[];
  readonly objects: Map<string, GitObject>;
  readonly refs: Map<string, string>;
  pages: FakePages | null;
  readonly releases: FakeRelease[];
  readonly workflows: {
    readonly name: string;
    readonly path: string;
    state: string;
    runs: { created_at: string; conclusion: string }[];
  }[];
  nextNumber: number;
}

export interface FakeIssue {
  readonly number: number;
  readonly id: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  state_reason: string | null;
  labels: string[];
  assignees: string[];
  readonly author: string;
  readonly created_at: string;
  updated_at: string;
  closed_at: string | null;
  closed_by: string | null;
  readonly comments: {
    readonly id: number;
    readonly author: string;
    body: string;
    readonly created_at: string;
    updated_at: string;
  }[];
  readonly reactions: {
    readonly id: number;
    readonly author: string;
    readonly content: string;
    readonly created_at: string;
  }[];
  readonly events: FakeEvent[];
}

export interface FakeEvent {
  readonly id: number;
  readonly event: string;
  readonly actor: string;
  readonly created_at: string;
  readonly label?: string;
  readonly assignee?: string;
  readonly state_reason?: string | null;
}

export interface FakePull {
  readonly number: number;
  readonly id: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly head: string;
  readonly base: string;
  readonly author: string;
  merged_at: string | null;
  merge_commit_sha: string | null;
  readonly created_at: string;
  updated_at: string;
  head_sha: string;
  /** In the order they were given. */
  /** A pull request is an issue, too: GitHub keeps its comments there. */
  readonly comments: FakeIssue['comments'];
  readonly reviews: { readonly author: string; readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' }[];
}

/** A check of one commit. */
export interface FakeCheck {
  readonly sha: string;
  readonly name: string;
  /** Null: still running. */
  readonly conclusion: 'success' | 'failure' | 'neutral' | null;
}

export type GitObject =
  | { readonly type: 'blob'; readonly bytes: Buffer }
  | {
      readonly type: 'tree';
      readonly entries: ReadonlyMap<
        string,
        { readonly mode: string; readonly type: 'blob' | 'tree'; readonly sha: string }
      >;
    }
  | {
      readonly type: 'commit';
      readonly tree: string;
      readonly parents: readonly string[];
      readonly message: string;
      readonly author: string;
      readonly date: string;
    };

export interface FakePages {
  cname: string | null;
  https_enforced: boolean;
  build_type: string;
  branch: string;
  certificate: string | null;
  builds: { readonly commit: string; readonly status: string }[];
  healthAsked: boolean;
  health: { dns_resolves: boolean; is_valid: boolean; caa_error: string | null; https_error: string | null };
}

export interface FakeRelease {
  readonly id: number;
  readonly tag: string;
  name: string;
  body: string;
  draft: boolean;
  readonly author: string;
  readonly assets: { readonly id: number; readonly name: string; readonly bytes: Buffer; state: 'uploaded' | 'open' }[];
}

export function emptyWorld(now: string, app: World['app']): World {
  return {
    now,
    repositories: new Map(),
    accounts: new Map(),
    tokens: new Map(),
    app,
    installations: new Map(),
    nextId: 1000,
  };
}

export function addAccount(world: World, login: string, type: 'User' | 'Organization' | 'Bot'): void {
  if (!world.accounts.has(login)) world.accounts.set(login, { login, type, id: world.nextId++ });
}

export function addRepository(world: World, owner: string, name: string): FakeRepository {
  addAccount(world, owner, 'Organization');
  const repository: FakeRepository = {
    owner,
    name,
    id: world.nextId++,
    description: '',
    homepage: '',
    default_branch: 'main',
    private: false,
    archived: false,
    isProtected: false,
    issues: new Map(),
    labels: new Map(),
    assignable: new Set(),
    pulls: new Map(),
    checks: [],
    objects: new Map(),
    refs: new Map(),
    pages: null,
    releases: [],
    workflows: [],
    nextNumber: 1,
  };
  world.repositories.set(`${owner}/${name}`, repository);
  return repository;
}

/** One commit on a branch, as a push makes it: the files of the branch with these changed. Returns its id. */
export function commitFiles(
  world: World,
  repository: FakeRepository,
  branch: string,
  files: Readonly<Record<string, string | null>>,
  message = 'commit',
): string {
  const parent = repository.refs.get(`refs/heads/${branch}`);
  const before = parent === undefined ? new Map<string, string>() : filesOf(repository, parent);
  for (const [path, text] of Object.entries(files)) {
    if (text === null) before.delete(path);
    else before.set(path, store(repository, { type: 'blob', bytes: Buffer.from(text) }));
  }
  const tree = storeTree(repository, before);
  const parents = parent === undefined ? [] : [parent];
  const sha = store(repository, { type: 'commit', tree, parents, message, author: 'someone', date: world.now });
  repository.refs.set(`refs/heads/${branch}`, sha);
  return sha;
}

/** The files of a commit or tree: path → blob. */
export function filesOf(repository: FakeRepository, sha: string, prefix = ''): Map<string, string> {
  const object = repository.objects.get(sha);
  if (object?.type === 'commit') return filesOf(repository, object.tree);
  if (object?.type !== 'tree') throw new Error(`${sha} is no tree`);
  const files = new Map<string, string>();
  for (const [name, entry] of object.entries) {
    if (entry.type === 'blob') files.set(prefix + name, entry.sha);
    else for (const [path, blob] of filesOf(repository, entry.sha, `${prefix}${name}/`)) files.set(path, blob);
  }
  return files;
}

/** The text of one file on a branch; null when there is none. */
export function fileText(repository: FakeRepository, branch: string, path: string): string | null {
  const commit = repository.refs.get(`refs/heads/${branch}`);
  const blob = commit === undefined ? undefined : filesOf(repository, commit).get(path);
  const object = blob === undefined ? undefined : repository.objects.get(blob);
  return object?.type === 'blob' ? object.bytes.toString('utf8') : null;
}

export function storeTree(repository: FakeRepository, files: ReadonlyMap<string, string>): string {
  const entries = new Map<string, { mode: string; type: 'blob' | 'tree'; sha: string }>();
  const folders = new Map<string, Map<string, string>>();
  for (const [path, sha] of files) {
    const slash = path.indexOf('/');
    if (slash < 0) entries.set(path, { mode: '100644', type: 'blob', sha });
    else {
      const name = path.slice(0, slash);
      const inner = folders.get(name) ?? new Map<string, string>();
      folders.set(name, inner.set(path.slice(slash + 1), sha));
    }
  }
  for (const [name, inner] of folders)
    entries.set(name, { mode: '040000', type: 'tree', sha: storeTree(repository, inner) });
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  return store(repository, { type: 'tree', entries: sorted });
}

/** By the id Git gives it, so that the same content is the same object. */
export function store(repository: FakeRepository, object: GitObject): string {
  const body =
    object.type === 'blob' ? object.bytes : object.type === 'tree' ? treeBytes(object.entries) : commitBytes(object);
  const sha = createHash('sha1').update(`${object.type} ${body.length}\0`).update(body).digest('hex');
  repository.objects.set(sha, object);
  return sha;
}

function treeBytes(entries: Extract<GitObject, { type: 'tree' }>['entries']): Buffer {
  const lines = [...entries].map(([name, { mode, sha }]) =>
    Buffer.concat([Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(sha, 'hex')]),
  );
  return Buffer.concat(lines);
}

function commitBytes({ tree, parents, message, author, date }: Extract<GitObject, { type: 'commit' }>): Buffer {
  const stamp = `${author} <${author}@users.noreply.github.com> ${Math.floor(Date.parse(date) / 1000)} +0000`;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${stamp}`,
    `committer ${stamp}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${message}`);
}
