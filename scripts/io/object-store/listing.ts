/** One object of a listing. */
export interface StoredObject {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
}

export interface Listing {
  readonly objects: readonly StoredObject[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
}

/** The answer of ListObjectsV2 with `encoding-type=url`: no key in it has a character that XML would write otherwise. */
export function parseListing(xml: string): Listing {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new Error('the answer is no listing');
  const objects = [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map(([, text = '']) => {
    const bytes = Number(element(text, 'Size'));
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error('the listing has an object without a size');
    return {
      key: decodeURIComponent(element(text, 'Key').replaceAll('+', ' ')),
      etag: bareEtag(element(text, 'ETag')),
      bytes,
    };
  });
  const next = element(xml, 'NextContinuationToken');
  return { objects, next: element(xml, 'IsTruncated') === 'true' ? next : null };
}

/** Without quotes, however they are written. */
export function bareEtag(text: string): string {
  return text.replaceAll(/&quot;|&#34;|"/g, '');
}

/** The code of an error's answer, such as `NoSuchBucket`. */
export function errorCode(xml: string): string {
  return /^[A-Za-z]{1,60}$/.test(element(xml, 'Code')) ? element(xml, 'Code') : '';
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}
