import { App, Octokit } from 'octokit';
import { PosternError } from '../../core/failure.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { apiUrlOf, type Credentials, credentialsOf, type RepositoryName, repositoryOf } from './credentials.ts';
import { isCode } from './failures.ts';
import { REAL_CLOCK, type RealClock, requestRules } from './request-rules.ts';
import type { WriteBudget } from './write-budget.ts';

/** A way to one repository of GitHub. The narrow functions beside this file take it; nothing else uses `octokit`. */
export interface GitHub {
  readonly octokit: Octokit;
  readonly repository: RepositoryName;
  /** Under which name we write, `postern-acme[bot]`. */
  readonly author: () => Promise<string>;
  /** The same access to another repository of the same owner. */
  readonly at: (repository: RepositoryName) => GitHub;
  /** What the App may do, `{issues: 'write'}`; null for a token, of which GitHub does not tell. */
  readonly permissions: Readonly<Record<string, string>> | null;
}

export interface ConnectOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly budget: WriteBudget;
  /** Another account than the one of `GITHUB_REPOSITORY`, where the App is installed too. */
  readonly owner?: string;
  readonly clock?: RealClock;
}

/**
 * One connection for a run: its waits and its writes are counted together.
 * Throws PosternError `github-not-configured`, `github-app-key` (exit 2), `github-app-not-installed` (exit 2), or an outage.
 */
export async function connectGitHub(options: ConnectOptions): Promise<GitHub> {
  const credentials = credentialsOf(options.environment);
  const here = repositoryOf(options.environment);
  const rules = requestRules(options.budget, options.clock ?? REAL_CLOCK);
  const ours = Octokit.defaults({
    baseUrl: apiUrlOf(options.environment),
    request: { fetch: boundedFetch },
    // Ours replace both: they repeat writes, and wait for as long as GitHub says.
    retry: { enabled: false },
    throttle: { enabled: false },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const ruled = <T extends Octokit>(octokit: T): T => {
    octokit.hook.wrap('request', rules as never);
    return octokit;
  };
  if (credentials.kind === 'token') {
    const octokit = ruled(new ours({ auth: credentials.token }));
    return access(octokit, here, () => tokenAuthor(octokit), null);
  }
  return connectApp(credentials, { here, owner: options.owner ?? here.owner, ours, ruled });
}

interface AppSetting {
  readonly here: RepositoryName;
  readonly owner: string;
  readonly ours: typeof Octokit;
  readonly ruled: <T extends Octokit>(octokit: T) => T;
}

async function connectApp(
  { id, key }: Extract<Credentials, { kind: 'app' }>,
  { here, owner, ours, ruled }: AppSetting,
): Promise<GitHub> {
  const app = new App({ appId: id, privateKey: key, Octokit: ours });
  const asApp = ruled(app.octokit);
  const installation = await findInstallation(asApp, owner === here.owner ? here : null, owner);
  const octokit = ruled((await app.getInstallationOctokit(installation.id)) as Octokit);
  const author = async (): Promise<string> => {
    const { data } = await asApp.request('GET /app');
    return `${(data as { slug?: string } | null)?.slug ?? `app-${id}`}[bot]`;
  };
  return access(octokit, here, author, installation.permissions);
}

interface Installation {
  readonly id: number;
  readonly permissions: Readonly<Record<string, string>>;
}

async function findInstallation(octokit: Octokit, here: RepositoryName | null, owner: string): Promise<Installation> {
  const ways = [
    ...(here === null ? [] : [() => octokit.rest.apps.getRepoInstallation({ ...here })]),
    () => octokit.rest.apps.getOrgInstallation({ org: owner }),
    () => octokit.rest.apps.getUserInstallation({ username: owner }),
  ];
  for (const way of ways) {
    try {
      const { data } = await way();
      return { id: data.id, permissions: data.permissions as Record<string, string> };
    } catch (error) {
      if (!isCode(error, 'github-not-found')) throw error;
    }
  }
  throw new PosternError('github-app-not-installed', `The GitHub App is not installed at ${owner}.`, {
    hint: `open the App's page, Install, and choose ${owner}`,
    exit: 2,
  });
}

function access(
  octokit: Octokit,
  repository: RepositoryName,
  findAuthor: () => Promise<string>,
  permissions: GitHub['permissions'],
): GitHub {
  let known: Promise<string> | null = null;
  const author = (): Promise<string> => {
    known ??= findAuthor();
    return known;
  };
  const at = (other: RepositoryName): GitHub => ({ octokit, repository: other, author, at, permissions });
  return at(repository);
}

/** The workflow's own token may not ask who it is: then it is the bot of GitHub Actions. */
async function tokenAuthor(octokit: Octokit): Promise<string> {
  try {
    return (await octokit.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    if (isCode(error, 'github-forbidden')) return 'github-actions[bot]';
    throw error;
  }
}

function silent(): void {
  // Failures are thrown with their own words; octokit's log would say them twice.
}
