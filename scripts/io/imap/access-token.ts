import type { OAuth2Settings } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';

const DEADLINE_MS = 20_000;
const ANSWER_BYTES = 64 * 2 ** 10;

/** What each provider wants to be asked for, by grant (RFC 6749 §4.4, §6). */
const SCOPES: Readonly<
  Record<OAuth2Settings['provider'], { readonly refresh: string | null; readonly own: string | null }>
> = {
  google: { refresh: null, own: null },
  microsoft: {
    refresh: 'https://outlook.office.com/IMAP.AccessAsUser.All offline_access',
    own: 'https://outlook.office365.com/.default',
  },
  other: { refresh: null, own: null },
};

/**
 * A new access token: by the refresh token where there is one, else with the application's own credentials. Throws
 * PosternError `oauth-refused` (exit 2) and `oauth-unreachable` (exit 3).
 */
export async function fetchAccessToken(
  settings: OAuth2Settings,
  secrets: { readonly clientSecret: string | null; readonly refreshToken: string | null },
): Promise<string> {
  const { token_url, client_id, provider } = settings;
  const { clientSecret, refreshToken } = secrets;
  const scope = settings.scope ?? SCOPES[provider][refreshToken === null ? 'own' : 'refresh'];
  const body = new URLSearchParams({
    client_id,
    ...(clientSecret === null ? {} : { client_secret: clientSecret }),
    ...(refreshToken === null
      ? { grant_type: 'client_credentials' }
      : { grant_type: 'refresh_token', refresh_token: refreshToken }),
    ...(scope === null ? {} : { scope }),
  });
  const { status, answer } = await post(token_url, body);
  const token = answer['access_token'];
  if (status === 200 && typeof token === 'string' && token !== '') return token;
  if (status >= 500 || status === 429) {
    throw new PosternError('oauth-unreachable', `${hostOf(token_url)} gives out no token now (HTTP ${status})`, {
      hint: 'try again later',
      exit: 3,
    });
  }
  const said = [answer['error'], answer['error_description']].filter((one) => typeof one === 'string').join(': ');
  throw new PosternError(
    'oauth-refused',
    `${hostOf(token_url)} gives no token: ${said.slice(0, 300) || `HTTP ${status}`}`,
    {
      hint:
        refreshToken === null
          ? 'check mailbox.imap.oauth2 (client_id, tenant), POSTERN_IMAP_CLIENT_SECRET, and that the application may use IMAP'
          : 'the refresh token (POSTERN_IMAP_REFRESH_TOKEN) may have expired or been withdrawn: get a new one; check mailbox.imap.oauth2 and POSTERN_IMAP_CLIENT_SECRET',
      exit: 2,
    },
  );
}

async function post(url: string, body: URLSearchParams): Promise<{ status: number; answer: Record<string, unknown> }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES) throw new Error(`its answer is longer than ${ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    return { status: response.status, answer: objectOf(Buffer.concat(chunks).toString('utf8')) };
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    const reason = inner instanceof Error ? inner.message : message;
    throw new PosternError('oauth-unreachable', `${hostOf(url)} cannot be asked for a token: ${reason}`, {
      hint: 'check the network, and mailbox.imap.oauth2.token_url if you set one',
      exit: 3,
      cause,
    });
  }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}
