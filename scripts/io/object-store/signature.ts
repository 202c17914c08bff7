import { createHash, createHmac } from 'node:crypto';

export interface StoreKey {
  readonly id: string;
  readonly secret: string;
  /** Of temporary keys. */
  readonly session: string | null;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case; `host` is added. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hex. */
  readonly payload: string;
}

export interface SigningScope {
  readonly key: StoreKey;
  readonly region: string;
  /** `20130524T000000Z`, by the real clock: a server refuses what is quarters of an hour off. */
  readonly at: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The headers of a request, signed: AWS Signature Version 4 for S3, with the whole payload in the signature. */
export function signedHeaders(request: SignedRequest, { key, region, at }: SigningScope): Record<string, string> {
  const { method, url, payload } = request;
  const headers: Record<string, string> = {
    ...request.headers,
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': at,
    ...(key.session === null ? {} : { 'x-amz-security-token': key.session }),
  };
  const names = Object.keys(headers).sort();
  const signed = names.join(';');
  const canonical = [
    method,
    url.pathname.split('/').map(encoded).join('/'),
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    signed,
    payload,
  ].join('\n');
  const day = at.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = [ALGORITHM, at, scope, hash(canonical)].join('\n');
  const derived = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${key.secret}`);
  const signature = hmac(derived, toSign).toString('hex');
  headers['authorization'] =
    `${ALGORITHM} Credential=${key.id}/${scope},SignedHeaders=${signed},Signature=${signature}`;
  return headers;
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

/** Everything but the unreserved characters (RFC 3986 §2.3), from the decoded text. */
function encoded(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
