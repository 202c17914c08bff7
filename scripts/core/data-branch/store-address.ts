import { PosternError } from '../failure.ts';

/** Where `data/` lies when it is in an object store. */
export interface StoreAddress {
  /** `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
}

/**
 * `s3://bucket/prefix?endpoint=https://…&region=eu-central-1`. Without an endpoint it is Amazon's of that region.
 * Throws PosternError `data-store-address` (exit 2).
 */
export function parseStoreAddress(text: string): StoreAddress {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(\/[^?#]*)?(?:\?([^#]*))?$/.exec(text);
  if (found === null) throw wrong('it is not s3://bucket/prefix?endpoint=…&region=…');
  const [, bucket = '', path = '', query = ''] = found;
  const given = new Map(query.split('&').filter(Boolean).map(keyValue));
  for (const key of given.keys()) if (key !== 'endpoint' && key !== 'region') throw wrong(`it has a ${key}`);
  const region = given.get('region') ?? 'us-east-1';
  if (!/^[a-z0-9-]{1,40}$/.test(region)) throw wrong('its region is none');
  const endpoint = (given.get('endpoint') ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '');
  // In the clear only to this machine: anybody on the way could change what is judged.
  if (!/^https:\/\/[^/?#@\s]+$|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(endpoint))
    throw wrong('its endpoint is no https:// address without a path');
  const parts = path.split('/').filter(Boolean);
  if (parts.some((part) => !/^[\w.-]+$/.test(part) || part === '..' || part === '.'))
    throw wrong('its prefix has other characters than letters, digits, dots and dashes');
  return { endpoint, region, bucket, prefix: parts.map((part) => `${part}/`).join('') };
}

function keyValue(pair: string): readonly [string, string] {
  const [key = '', ...value] = pair.split('=');
  return [key, value.join('=').replaceAll('%3A', ':').replaceAll('%2F', '/')];
}

function wrong(why: string): PosternError {
  return new PosternError('data-store-address', `POSTERN_DATA_URL cannot be used: ${why}.`, {
    hint: 'such as s3://acme-mail/postern?endpoint=https://s3.example.net&region=eu-central-1',
    exit: 2,
  });
}
