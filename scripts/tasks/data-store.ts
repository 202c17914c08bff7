import { isKept, isPathInside, sendingOrder } from '../core/data-branch/kept.ts';
import { mergeFile } from '../core/data-branch/merge-file.ts';
import { parseStoreAddress } from '../core/data-branch/store-address.ts';
import { PosternError } from '../core/failure.ts';
import { isCode } from '../io/github/failures.ts';
import { type Bucket, openBucket } from '../io/object-store/bucket.ts';
import {
  contentHash,
  hashFolder,
  readContent,
  readMounted,
  removeContent,
  writeContent,
  writeMounted,
} from '../io/object-store/mounted.ts';
import type { StoreKey } from '../io/object-store/signature.ts';
import type { DataOptions, DataResult } from './data-branch.ts';

export interface StoreOptions extends DataOptions {
  /** `POSTERN_DATA_URL`. */
  readonly url: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Objects that are on their way at once. */
const AT_ONCE = 8;
/** Runs that write the same file at the same moment take turns. */
const ATTEMPTS = 8;

type Known = { files: Record<string, { etag: string; sha256: string }>; texts: Record<string, string> };

/**
 * Puts what the bucket holds into the folder: what changed since it was last mounted here, everything on a new machine. A
 * public pull request has no key: when the bucket does not let anybody read, the folder stays as it is.
 */
export async function mountStore(options: StoreOptions): Promise<DataResult> {
  const { root, data, url, environment } = options;
  const key = keyOf(environment);
  const bucket = openBucket(parseStoreAddress(url), key);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await fetchAll(bucket, data, readMounted(root, url));
      if (found === null) continue;
      writeMounted(root, url, found);
      return { done: Object.keys(found.files).length === 0 ? 'created' : 'mounted', commit: null };
    }
  } catch (error) {
    if (key === null && isCode(error, 'data-store-forbidden')) return { done: 'unreadable', commit: null };
    throw error;
  }
  throw busy();
}

/** Null: an object was gone before it was read, because somebody tidies up at this moment. */
async function fetchAll(bucket: Bucket, data: string, before: Known): Promise<Known | null> {
  const objects = (await bucket.list()).filter(({ key }) => key !== '' && isKept(key));
  const strange = objects.find(({ key }) => !isPathInside(key));
  if (strange !== undefined)
    throw new PosternError('data-store-strange', `the bucket holds ${JSON.stringify(strange.key.slice(0, 100))}`, {
      hint: 'give Postern a prefix of its own in POSTERN_DATA_URL',
      exit: 3,
    });
  const here = hashFolder(data, isKept);
  const after: Known = { files: {}, texts: {} };
  let isWhole = true;
  await inTurns(objects, async ({ key, etag }) => {
    const known = before.files[key];
    if (known?.etag === etag && here.get(key) === known.sha256) {
      remember(after, key, etag, readContent(data, key));
      return;
    }
    const got = await bucket.get(key);
    if (got === null) isWhole = false;
    else {
      writeContent(data, key, got.content);
      remember(after, key, got.etag || etag, got.content);
    }
  });
  if (!isWhole) return null;
  for (const path of Object.keys(before.files)) if (after.files[path] === undefined) removeContent(data, path);
  return after;
}

/** Whether the folder differs from what was mounted. */
export function lookAtStore({ root, data, url }: StoreOptions): DataResult {
  const { changed, deleted } = differences(hashFolder(data, isKept), readMounted(root, url));
  return { done: changed.length + deleted.length === 0 ? 'unchanged' : 'differs', commit: null };
}

/**
 * Sends what changed in the folder, rows first and the checkpoint last, so that it never speaks of rows that are not there.
 * Each write names what it replaces; what somebody else changed meanwhile is joined as on the data branch.
 */
export async function saveStore(options: StoreOptions): Promise<DataResult> {
  const { root, data, url, environment } = options;
  const bucket = openBucket(parseStoreAddress(url), keyOf(environment));
  const known = structuredClone(readMounted(root, url)) as Known;
  const { changed, deleted } = differences(hashFolder(data, isKept), known);
  if (changed.length + deleted.length === 0) return { done: 'unchanged', commit: null };
  for (const order of [0, 1, 2]) {
    const paths = changed.filter((path) => sendingOrder(path) === order);
    await inTurns(paths, (path) => send(bucket, data, path, known));
    // What was joined into other files goes when those are there.
    if (order === 0)
      await inTurns(
        deleted.filter((path) => sendingOrder(path) === 0),
        async (path) => {
          await bucket.remove(path);
          delete known.files[path];
        },
      );
  }
  writeMounted(root, url, known);
  return { done: 'saved', commit: null };
}

async function send(bucket: Bucket, data: string, path: string, known: Known): Promise<void> {
  let content = readContent(data, path);
  let expected = known.files[path]?.etag ?? null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const etag = await bucket.put(path, content, expected === null ? { absent: true } : { etag: expected });
    if (etag !== null) {
      remember(known, path, etag, content);
      return;
    }
    const theirs = await bucket.get(path);
    expected = theirs?.etag ?? null;
    if (theirs === null) continue;
    content = joined(path, known.texts[path] ?? null, content, theirs.content);
    writeContent(data, path, content);
    if (contentHash(content) === contentHash(theirs.content)) {
      remember(known, path, theirs.etag, content);
      return;
    }
  }
  throw busy();
}

function joined(path: string, base: string | null, ours: Uint8Array, theirs: Uint8Array): Uint8Array {
  if (!isText(path)) return theirs;
  const text = mergeFile(path, { base, ours: textOf(ours), theirs: textOf(theirs) });
  return text === null ? theirs : Buffer.from(text, 'utf8');
}

function differences(here: ReadonlyMap<string, string>, known: Known) {
  return {
    changed: [...here].filter(([path, sha256]) => known.files[path]?.sha256 !== sha256).map(([path]) => path),
    deleted: Object.keys(known.files).filter((path) => !here.has(path)),
  };
}

function remember(known: Known, path: string, etag: string, content: Uint8Array): void {
  known.files[path] = { etag, sha256: contentHash(content) };
  if (isText(path)) known.texts[path] = textOf(content);
}

/** What several runs may change at once: mergeFile joins it. */
function isText(path: string): boolean {
  return path.endsWith('.jsonl') || path === 'checkpoint.json';
}

function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString('utf8');
}

async function inTurns<T>(all: readonly T[], one: (each: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const worker = async (): Promise<void> => {
    for (const each of left) await one(each);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, all.length) }, worker));
}

/** `POSTERN_DATA_KEY` as `id:secret`, else Amazon's own variables; null: as anybody. */
function keyOf(environment: StoreOptions['environment']): StoreKey | null {
  const own = environment['POSTERN_DATA_KEY'];
  if (own) {
    const [id = '', ...rest] = own.split(':');
    const secret = rest.join(':');
    if (id !== '' && secret !== '') return { id, secret, session: null };
    throw new PosternError('data-store-key', 'POSTERN_DATA_KEY is not written as id:secret.', {
      hint: 'the id of the access key, a colon, its secret',
      exit: 2,
    });
  }
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  return id && secret ? { id, secret, session: session || null } : null;
}

function busy(): PosternError {
  return new PosternError('data-store-busy', `the bucket changed ${ATTEMPTS} times while this run used it`, {
    hint: 'run again; workflows that write data should share the concurrency group postern-data',
    exit: 3,
  });
}
