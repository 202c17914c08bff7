import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with a request: an answer instead of the right one, or a connection that ends, before or after it took effect. */
type StoreFault = { readonly status: number; readonly code?: string } | { readonly cut: 'before' | 'after' | 'half' };

export interface FakeStore {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** `PUT bucket/key`, in order, with the answer's status. */
  readonly requests: readonly string[];
  /** The next request whose line begins so fares so. */
  readonly fail: (begin: string, fault: StoreFault) => void;
  /** Called before a request is handled: what somebody else does at this moment. */
  onRequest: ((line: string) => void) | null;
  readonly close: () => Promise<void>;
}

const PAGE = 3;

/**
 * An object store with the part of the S3 API that Postern uses: signatures of version 4 checked, listings by pages of three,
 * conditional writes.
 */
export async function startFakeStore(
  bucket: string,
  key: { readonly id: string; readonly secret: string } | null,
): Promise<FakeStore> {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  const faults: { begin: string; fault: StoreFault }[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', 'http://store');
    const path = decodeURIComponent(url.pathname.slice(1));
    const line = `${request.method} ${path}`;
    store.onRequest?.(line);
    const planned = faults.findIndex(({ begin }) => line.startsWith(begin));
    const fault = planned < 0 ? null : faults.splice(planned, 1)[0]?.fault;
    const say = (status: number, text: string | Buffer = '', headers: Record<string, string> = {}): void => {
      requests.push(`${line} ${status}`);
      if (fault && 'cut' in fault) {
        if (fault.cut !== 'half') return void request.socket.destroy();
        response.writeHead(status, { ...headers, 'content-length': String(text.length) });
        response.write(text.slice(0, text.length / 2), () => response.destroy());
        return;
      }
      response.writeHead(status, headers);
      response.end(text);
    };
    const error = (status: number, code: string): void => say(status, `<Error><Code>${code}</Code></Error>`);
    if (fault && 'status' in fault) return error(fault.status, fault.code ?? 'SlowDown');
    if (fault && 'cut' in fault && fault.cut === 'before') return void request.socket.destroy();
    if (key !== null && !isSigned(request, url, body, key)) return error(403, 'SignatureDoesNotMatch');
    if (path !== bucket && !path.startsWith(`${bucket}/`)) return error(404, 'NoSuchBucket');
    const name = path.slice(bucket.length + 1);
    const here = objects.get(name);
    if (name === '') return say(200, listing(objects, url.searchParams), { 'content-type': 'application/xml' });
    if (request.method === 'GET') {
      if (here === undefined) return error(404, 'NoSuchKey');
      return say(200, here, { etag: etagOf(here) });
    }
    if (request.method === 'DELETE') {
      objects.delete(name);
      return say(204);
    }
    const { 'if-none-match': absent, 'if-match': expected } = request.headers;
    if (absent === '*' && here !== undefined) return error(412, 'PreconditionFailed');
    if (expected !== undefined && here === undefined) return error(404, 'NoSuchKey');
    if (expected !== undefined && here !== undefined && expected !== etagOf(here))
      return error(412, 'PreconditionFailed');
    objects.set(name, body);
    return say(200, '', { etag: etagOf(body) });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500);
      response.end(String(error));
    });
  });
  server.on('connection', (socket) => socket.unref());
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store: FakeStore = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    requests,
    fail: (begin, fault) => void faults.push({ begin, fault }),
    onRequest: null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return store;
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function listing(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  if (query.get('list-type') !== '2' || query.get('encoding-type') !== 'url')
    throw new Error('not the listing we know');
  const after = query.get('continuation-token') ?? '';
  const names = [...objects.keys()].filter((name) => name.startsWith(query.get('prefix') ?? '') && name > after).sort();
  const page = names.slice(0, PAGE);
  const contents = page.map((name) => {
    const bytes = objects.get(name) ?? Buffer.alloc(0);
    const key = encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+');
    return `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><ETag>${etagOf(bytes).replaceAll('"', '&quot;')}</ETag></Contents>`;
  });
  const more = names.length > PAGE;
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

/** From what came over the wire, not from what the client says that it signed. */
function isSigned(
  { method, headers, url: raw = '/' }: IncomingMessage,
  url: URL,
  body: Buffer,
  key: { readonly id: string; readonly secret: string },
): boolean {
  const said =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request,SignedHeaders=([\w;-]+),Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (said === null) return false;
  const [, id, day = '', region = '', names = '', signature = ''] = said;
  const at = String(headers['x-amz-date'] ?? '');
  const sent = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const payload = createHash('sha256').update(body).digest('hex');
  if (id !== key.id || !at.startsWith(day) || Math.abs(Date.now() - sent) > 15 * 60_000) return false;
  if (headers['x-amz-content-sha256'] !== payload || !names.split(';').includes('host')) return false;
  for (const name of Object.keys(headers))
    if (/^x-amz-|^if-/.test(name) && !names.split(';').includes(name)) return false;
  const query = (url.search === '' ? [] : url.search.slice(1).replaceAll('+', '%20').split('&')).sort().join('&');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`);
  const canonical = [method, raw.replace(/\?.*$/, ''), query, ...lines, '', names, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const hash = createHash('sha256').update(canonical).digest('hex');
  const sign = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest();
  const derived = sign(sign(sign(sign(`AWS4${key.secret}`, day), region), 's3'), 'aws4_request');
  const wanted = sign(derived, `AWS4-HMAC-SHA256\n${at}\n${scope}\n${hash}`);
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex'));
}
