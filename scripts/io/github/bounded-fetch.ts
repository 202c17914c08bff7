const MAX_BYTES = 32 * 1024 * 1024;
const DEADLINE_MS = 30_000;
/** What a file that is sent may take longer: half a megabyte a second is slow. */
const MS_PER_SENT_BYTE = 1000 / 2 ** 19;

/**
 * `fetch` that ends within half a minute (and the time of the file it sends) and a bounded size, and hands on only whole answers: the client library takes a
 * JSON answer that was cut for an empty one, and an empty list of issues would open every issue again.
 */
export async function boundedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const sent = init.body instanceof Uint8Array ? init.body.length : 0;
  const deadline = Math.ceil(DEADLINE_MS + sent * MS_PER_SENT_BYTE);
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(deadline) });
  const body = await wholeBody(response);
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  if (isJson && body.length > 0) JSON.parse(new TextDecoder().decode(body));
  const empty = response.status === 204 || response.status === 304 || response.status === 205;
  return Object.defineProperty(
    new Response(empty ? null : new Uint8Array(body), { status: response.status, headers: response.headers }),
    'url',
    { value: response.url },
  );
}

async function wholeBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
