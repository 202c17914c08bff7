import { limitWait, retryAfterSeconds, type Sleep, sleepSeconds } from './limit-wait.ts';
import { providerRefuses, providerUnavailable, writeUnsure } from './provider.ts';

/** One JSON API over HTTPS: reads are asked again, writes never, and what a limit refused is made again after the wait. */
export interface JsonApi {
  /** Null for 404. */
  readonly get: (path: string) => Promise<unknown>;
  readonly send: (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) => Promise<unknown>;
}

export interface JsonApiOptions {
  readonly kind: string;
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sleep?: Sleep;
}

const MAX_BYTES = 4 * 1024 * 1024;
const DEADLINE_MS = 20_000;
const READ_AGAIN = [1, 3] as const;

export function jsonApi({ kind, base, headers, sleep = sleepSeconds }: JsonApiOptions): JsonApi {
  const limit = limitWait(kind, sleep);
  const request = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const what = `${method} ${path}`;
    const write = method !== 'GET';
    for (let reads = 0; ; ) {
      const answer = await once(method, `${base}${path}`, headers, body);
      if ('failure' in answer || answer.status >= 500) {
        const reason = 'failure' in answer ? answer.failure : `status ${answer.status}`;
        if (write) throw writeUnsure(kind, what, reason);
        const pause = READ_AGAIN[reads++];
        if (pause === undefined) throw providerUnavailable(kind, what, reason);
        await sleep(pause);
        continue;
      }
      if (answer.status === 429) {
        await limit.wait(what, retryAfterSeconds(answer.retryAfter));
        continue;
      }
      if (answer.status === 404 && method === 'GET') return null;
      if (answer.status === 404 && method === 'DELETE') return null;
      if (answer.status >= 300) throw providerRefuses(kind, what, `status ${answer.status}: ${shortened(answer.text)}`);
      return parsed(kind, what, answer.text, write);
    }
  };
  return { get: (path) => request('GET', path), send: request };
}

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}

async function once(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Answered | { readonly failure: string }> {
  try {
    const response = await fetch(url, {
      method,
      // A redirect would carry the credentials to wherever it points.
      redirect: 'error',
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MAX_BYTES) return { failure: `an answer of more than ${MAX_BYTES} bytes` };
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return { status: response.status, text, retryAfter: response.headers.get('retry-after') };
  } catch (error) {
    const { message, cause } = error as Error;
    return { failure: cause instanceof Error ? cause.message : message };
  }
}

function parsed(kind: string, what: string, text: string, write: boolean): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw (write ? writeUnsure : providerUnavailable)(kind, what, 'the answer is no JSON', error);
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
