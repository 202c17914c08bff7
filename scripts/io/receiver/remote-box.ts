import { PosternError } from '../../core/failure.ts';
import { SUBMISSION_BYTES, SUBMISSION_NAME, type SubmissionBox, WAITING_SUBMISSIONS } from './submission-box.ts';

const DEADLINE_MS = 30_000;
const LIST_BYTES = WAITING_SUBMISSIONS * 80;

/** What waits at a receiver elsewhere. Throws PosternError `receiver` (exit 3), and `receiver-token` (exit 2). */
export function remoteBox(url: string, token: string): Omit<SubmissionBox, 'put'> {
  const ask = async (method: string, path: string, limit: number): Promise<Uint8Array | null> => {
    try {
      const headers = { authorization: `Bearer ${token}` };
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const response = await fetch(new URL(path, url), { method, headers, signal, redirect: 'error' });
      if (response.status === 404) return null;
      if (response.status === 401 || response.status === 405) throw refused(url);
      if (!response.ok) throw new Error(`it answers ${response.status}`);
      return await bounded(response, limit);
    } catch (cause) {
      if (cause instanceof PosternError) throw cause;
      throw new PosternError('receiver', `the receiver ${url} cannot be asked: ${(cause as Error).message}`, {
        hint: 'check reporting.receiver in domains/_settings.yaml; what waits there is fetched by the next run',
        exit: 3,
        cause,
      });
    }
  };
  return {
    list: async (limit) => {
      const bytes = await ask('GET', 'pending', LIST_BYTES);
      const names: unknown = bytes === null ? [] : JSON.parse(new TextDecoder().decode(bytes));
      if (!Array.isArray(names)) return [];
      return names.filter((name) => typeof name === 'string' && SUBMISSION_NAME.test(name)).slice(0, limit);
    },
    get: (sha256) => ask('GET', `pending/${sha256}`, SUBMISSION_BYTES),
    remove: async (sha256) => {
      await ask('DELETE', `pending/${sha256}`, 0);
    },
  };
}

function refused(url: string): PosternError {
  return new PosternError('receiver-token', `the receiver ${url} does not accept the token`, {
    hint: 'POSTERN_RECEIVER_TOKEN must be the one the receiver was started with',
    exit: 2,
  });
}

async function bounded(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limit) throw new Error(`it sends more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
