import { createPrivateKey } from 'node:crypto';
import { PosternError } from '../../core/failure.ts';

/** Who speaks to GitHub: an App (which can make repositories and Pages sites), or the token of the workflow. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'app'; readonly id: string; readonly key: string };

export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_API = 'https://api.github.com';

/**
 * From `POSTERN_APP_ID` and `POSTERN_APP_KEY`, else from `GITHUB_TOKEN`.
 * Throws PosternError `github-not-configured` or `github-app-key` (exit 2). A key is never part of a message.
 */
export function credentialsOf(environment: Environment): Credentials {
  const { POSTERN_APP_ID: id, POSTERN_APP_KEY: key, GITHUB_TOKEN: token } = environment;
  if (id && key) return { kind: 'app', id, key: pemOf(key) };
  if (id || key)
    throw new PosternError('github-not-configured', `Only ${id ? 'POSTERN_APP_ID' : 'POSTERN_APP_KEY'} is set.`, {
      hint: 'set both POSTERN_APP_ID and POSTERN_APP_KEY, or neither',
      exit: 2,
    });
  if (token) return { kind: 'token', token };
  throw new PosternError('github-not-configured', 'There is no access to GitHub.', {
    hint: 'set GITHUB_TOKEN, or POSTERN_APP_ID and POSTERN_APP_KEY of a GitHub App',
    exit: 2,
  });
}

/** Whether there is something to ask GitHub with. An empty variable, as Actions makes of a missing secret, is none. */
export function hasGitHub({ GITHUB_TOKEN, POSTERN_APP_KEY, GITHUB_REPOSITORY }: Environment): boolean {
  return Boolean((GITHUB_TOKEN || POSTERN_APP_KEY) && GITHUB_REPOSITORY);
}

/** `GITHUB_REPOSITORY`, `owner/name`. Throws PosternError `github-not-configured` (exit 2). */
export function repositoryOf(environment: Environment): RepositoryName {
  const name = /^([A-Za-z0-9-]+)\/([A-Za-z0-9._-]+)$/.exec(environment['GITHUB_REPOSITORY'] ?? '');
  if (name !== null) return { owner: name[1] ?? '', repo: name[2] ?? '' };
  throw new PosternError('github-not-configured', 'GITHUB_REPOSITORY is not set to owner/name.', {
    hint: 'set GITHUB_REPOSITORY to the repository that holds domains/, such as acme/mail-security',
    exit: 2,
  });
}

/** `GITHUB_API_URL` without a slash at its end. */
export function apiUrlOf(environment: Environment): string {
  return (environment['GITHUB_API_URL'] || DEFAULT_API).replace(/\/+$/, '');
}

/** A PEM as it is, with `\n` written out, or its base64; as PKCS #8, which is what the signing library reads. */
function pemOf(key: string): string {
  const written = key.replaceAll('\\n', '\n').trim();
  const pem = written.startsWith('-----BEGIN') ? written : Buffer.from(written, 'base64').toString('utf8');
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw new PosternError('github-app-key', 'POSTERN_APP_KEY is no private key.', {
      hint: 'give the .pem file that GitHub made for the App, as it is or as its base64',
      exit: 2,
    });
  }
}
