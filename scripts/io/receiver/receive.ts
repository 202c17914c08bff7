import { SUBMISSION_BYTES, SUBMISSION_NAME, type SubmissionBox, WAITING_SUBMISSIONS } from './submission-box.ts';

/**
 * Answers one request to the receiver for `rua=https:` (RFC 8460 §5.4), with what every Web platform has. A POST anywhere is
 * a submission: only its size is judged, the bytes are kept as they are, and what they mean is for `ingest` to find out.
 * With the token, `GET pending`, `GET pending/<sha256>` and `DELETE pending/<sha256>` are how ingest fetches them.
 */
export async function receive(request: Request, box: SubmissionBox, token: string | null): Promise<Response> {
  if (request.method === 'POST') return submit(request, box);
  const [, path] = /\/pending(\/[^/]*)?\/?$/.exec(new URL(request.url).pathname) ?? [];
  const isPending = /\/pending(\/|$)/.test(new URL(request.url).pathname);
  if (!isPending || token === null)
    return text(405, 'This address takes TLS reports by POST (RFC 8460).', { allow: 'POST' });
  if (!(await isAuthorised(request, token))) return text(401, 'The token is wrong.', { 'www-authenticate': 'Bearer' });
  const sha256 = path?.slice(1) ?? '';
  if (sha256 === '' && request.method === 'GET') return Response.json(await box.list(WAITING_SUBMISSIONS));
  if (!SUBMISSION_NAME.test(sha256)) return text(404, 'There is no such submission.');
  if (request.method === 'DELETE') {
    await box.remove(sha256);
    return new Response(null, { status: 204 });
  }
  const bytes = request.method === 'GET' ? await box.get(sha256) : null;
  if (bytes === null) return text(404, 'There is no such submission.');
  return new Response(new Uint8Array(bytes), { headers: { 'content-type': 'application/octet-stream', ...PLAIN } });
}

async function submit(request: Request, box: SubmissionBox): Promise<Response> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > SUBMISSION_BYTES) return tooLarge();
  if ((await box.list(WAITING_SUBMISSIONS)).length >= WAITING_SUBMISSIONS) {
    return text(503, 'Too much is waiting to be read.', { 'retry-after': '3600' });
  }
  const bytes = await bodyOf(request);
  if (bytes === null) return tooLarge();
  if (bytes.length === 0) return text(400, 'There is no report in it.');
  await box.put(hex(await crypto.subtle.digest('SHA-256', bytes)), bytes);
  return text(201, 'Taken.');
}

/** Null when it is longer than SUBMISSION_BYTES, whatever was announced. */
async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    length += part.value.length;
    if (length > SUBMISSION_BYTES) {
      // Whoever runs the server ends the connection once this is answered.
      reader?.releaseLock();
      return null;
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Compared by their hashes: how long it takes says nothing of the token. */
async function isAuthorised(request: Request, token: string): Promise<boolean> {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
  const digest = (value: string) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(value));
  const [a, b] = [hex(await digest(given)), hex(await digest(token))];
  return a === b;
}

const PLAIN = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

function tooLarge(): Response {
  return text(413, `A report may have ${SUBMISSION_BYTES} bytes.`);
}

function text(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${message}\n`, { status, headers: { 'content-type': 'text/plain', ...PLAIN, ...headers } });
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
