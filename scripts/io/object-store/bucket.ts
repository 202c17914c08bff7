import { createHash } from 'node:crypto';
import type { StoreAddress } from '../../core/data-branch/store-address.ts';
import { PosternError } from '../../core/failure.ts';
import { bareEtag, errorCode, parseListing, type StoredObject } from './listing.ts';
import { type StoreKey, signedHeaders } from './signature.ts';

/** What a write waits for: that nothing is there, or that what is there is still this. */
type WriteCondition = { readonly absent: true } | { readonly etag: string };

/** A folder of objects. Keys are below the prefix of the address. */
export interface Bucket {
  readonly list: () => Promise<readonly StoredObject[]>;
  /** Null: it is not there anymore. */
  readonly get: (key: string) => Promise<{ readonly content: Uint8Array; readonly etag: string } | null>;
  /** The new ETag; null when the condition did not hold, and nothing was written. */
  readonly put: (key: string, content: Uint8Array, condition: WriteCondition) => Promise<string | null>;
  readonly remove: (key: string) => Promise<void>;
}

const MAX_OBJECTS = 1_000_000;
/** One file of `data/` is far smaller; it is held in memory while it is on its way. */
const MAX_BYTES = 2 ** 30;
const MAX_XML = 16 * 2 ** 20;
const DEADLINE_MS = 30_000;
const READING_MS = 10 * 60_000;
const MS_PER_BYTE = 1000 / 2 ** 19;
/** Seconds before a request is made again: each of ours may be repeated, since writes name what they replace. */
const AGAIN = [1, 2, 4] as const;
const NOTHING = createHash('sha256').update('').digest('hex');

interface Call {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The most that is read of the answer. */
  readonly most: number;
}

interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: Uint8Array;
}

/** By path, which every server of the S3 API takes. Without a key it asks as anybody. Every throw is a PosternError. */
export function openBucket(address: StoreAddress, key: StoreKey | null): Bucket {
  const call = (asked: Call) => patiently(address, key, asked);
  return {
    list: async () => {
      const found: StoredObject[] = [];
      let next: string | null = null;
      do {
        const query: Record<string, string> = {
          'list-type': '2',
          'encoding-type': 'url',
          ...(address.prefix === '' ? {} : { prefix: address.prefix }),
          ...(next === null ? {} : { 'continuation-token': next }),
        };
        const { body } = await call({ method: 'GET', key: '', query, most: MAX_XML });
        const page = parseListing(new TextDecoder().decode(body));
        found.push(...page.objects.map((one) => ({ ...one, key: one.key.slice(address.prefix.length) })));
        next = page.next;
      } while (next !== null && next !== '' && found.length <= MAX_OBJECTS);
      if (found.length > MAX_OBJECTS) throw tooMuch(`more than ${MAX_OBJECTS} objects`);
      return found;
    },
    get: async (name) => {
      const { status, body, etag } = await call({ method: 'GET', key: address.prefix + name, most: MAX_BYTES });
      return status === 404 ? null : { content: body, etag };
    },
    put: async (name, content, condition) => {
      const headers: Record<string, string> =
        'absent' in condition ? { 'if-none-match': '*' } : { 'if-match': `"${condition.etag}"` };
      const { status, etag } = await call({
        method: 'PUT',
        key: address.prefix + name,
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        body: content,
        most: MAX_XML,
      });
      // 409: somebody else writes it this very moment; 404: what If-Match names is gone.
      return status === 412 || status === 409 || status === 404 ? null : etag;
    },
    remove: async (name) => void (await call({ method: 'DELETE', key: address.prefix + name, most: MAX_XML })),
  };
}

async function patiently(address: StoreAddress, key: StoreKey | null, asked: Call): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    let why: string;
    try {
      const answer = await once(address, key, asked);
      const isExpected = answer.status < 300 || (asked.key !== '' && [404, 409, 412].includes(answer.status));
      if (isExpected) return answer;
      if ((answer.status < 500 && answer.status !== 429) || answer.status === 501)
        throw refusal(address, asked, answer);
      why = `it answers ${answer.status}`;
    } catch (error) {
      if (error instanceof PosternError) throw error;
      const { name, cause, message } = error as { name?: string; message?: string; cause?: { code?: string } };
      why = cause?.code ?? (name === 'Error' ? message : name) ?? 'no reason given';
    }
    const pause = AGAIN[attempt];
    if (pause === undefined)
      throw new PosternError('data-store-unavailable', `${asked.method} at ${address.endpoint}: ${why}`, {
        hint: 'run again: what was sent is kept, and the rest follows',
        exit: 3,
      });
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

async function once(address: StoreAddress, key: StoreKey | null, asked: Call): Promise<Answer> {
  const { method, body, most } = asked;
  const url = new URL(
    `${address.endpoint}/${address.bucket}/${asked.key.split('/').map(encodeURIComponent).join('/')}`,
  );
  for (const [name, value] of Object.entries(asked.query ?? {})) url.searchParams.set(name, value);
  const payload = body === undefined ? NOTHING : createHash('sha256').update(body).digest('hex');
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const request = { method, url, headers: asked.headers ?? {}, payload };
  const headers = key === null ? { ...request.headers } : signedHeaders(request, { key, region: address.region, at });
  delete headers['host'];
  // As stored, so that its length is the one announced.
  headers['accept-encoding'] = 'identity';
  const deadline = method === 'GET' ? READING_MS : Math.ceil(DEADLINE_MS + (body?.length ?? 0) * MS_PER_BYTE);
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(deadline),
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  // An error says so in a few words, whatever was to be read.
  const bound = response.status < 300 ? most : MAX_XML;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > bound) throw tooMuch(`an answer of more than ${bound} bytes`);
    chunks.push(chunk);
  }
  const announced = response.headers.get('content-length');
  if (announced !== null && method === 'GET' && Number(announced) !== size) throw new Error('the answer was cut');
  return { status: response.status, etag: bareEtag(response.headers.get('etag') ?? ''), body: Buffer.concat(chunks) };
}

function refusal({ endpoint, bucket }: StoreAddress, { method }: Call, { status, body }: Answer): PosternError {
  const code = errorCode(new TextDecoder().decode(body.subarray(0, 10_000)));
  const hints: Readonly<Record<number, string>> = {
    301: 'the bucket is in another region: region=… in POSTERN_DATA_URL',
    403: 'POSTERN_DATA_KEY (id:secret) needs list, read, write and delete on the bucket',
    404: 'make the bucket, or mend its name in POSTERN_DATA_URL',
    501: 'this store has no conditional writes (If-Match), without which two runs could overwrite each other',
  };
  const kind = status === 403 || status === 401 ? 'data-store-forbidden' : 'data-store-refused';
  return new PosternError(kind, `${method} ${bucket} at ${endpoint}: ${status} ${code}`.trimEnd(), {
    hint: hints[status] ?? 'its documentation tells what this means',
    exit: 3,
  });
}

function tooMuch(what: string): PosternError {
  return new PosternError('data-store-too-large', `the bucket has ${what}`, {
    hint: 'is it the right one? data/ has less',
    exit: 3,
  });
}
