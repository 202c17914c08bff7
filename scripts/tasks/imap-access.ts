import type { ImapSettings, NetworkSettings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { fetchAccessToken } from '../io/imap/access-token.ts';
import type { ImapAccess } from '../io/imap/imap-access.ts';
import { loadTrust } from '../io/net/trust.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How to get into the mailbox: settings, secrets from the environment, and for OAuth2 a new token where none is given.
 * Throws PosternError `imap-password-missing`, `imap-token-missing`, `ca-file` (exit 2) and those of fetchAccessToken.
 */
export async function imapAccess(
  imap: ImapSettings,
  network: NetworkSettings,
  root: string,
  environment: Environment,
): Promise<ImapAccess> {
  const { host, port, user, tls } = imap;
  const credential =
    imap.auth === 'password' ? { password: passwordFrom(environment) } : { token: await tokenFrom(imap, environment) };
  return { host, port, user, tls, credential, ca: loadTrust(root, network).ca };
}

function passwordFrom(environment: Environment): string {
  const password = environment['POSTERN_IMAP_PASSWORD'] ?? '';
  if (password !== '') return password;
  throw new PosternError('imap-password-missing', 'the mailbox has a password, and POSTERN_IMAP_PASSWORD is not set', {
    hint: 'set POSTERN_IMAP_PASSWORD (in Actions: a secret of that name), or mailbox.imap.auth: oauth2',
    exit: 2,
  });
}

async function tokenFrom({ oauth2 }: ImapSettings, environment: Environment): Promise<string> {
  const token = environment['POSTERN_IMAP_TOKEN'] ?? '';
  if (token !== '') return token;
  const clientSecret = environment['POSTERN_IMAP_CLIENT_SECRET'] || null;
  const refreshToken = environment['POSTERN_IMAP_REFRESH_TOKEN'] || null;
  if (oauth2 !== null && (clientSecret !== null || refreshToken !== null)) {
    return fetchAccessToken(oauth2, { clientSecret, refreshToken });
  }
  throw new PosternError('imap-token-missing', 'the mailbox wants OAuth2, and there is no token', {
    hint:
      oauth2 === null
        ? 'set POSTERN_IMAP_TOKEN, or describe mailbox.imap.oauth2 in domains/_settings.yaml'
        : 'set POSTERN_IMAP_CLIENT_SECRET, POSTERN_IMAP_REFRESH_TOKEN or both (or POSTERN_IMAP_TOKEN)',
    exit: 2,
  });
}
