import { receive } from './receive.ts';
import type { SubmissionBox } from './submission-box.ts';

/* The receiver as a Cloudflare Worker with an R2 bucket: see docs/receiver.md. */

/** What of R2 is used. */
interface Bucket {
  readonly put: (key: string, value: Uint8Array) => Promise<unknown>;
  readonly get: (key: string) => Promise<{ readonly arrayBuffer: () => Promise<ArrayBuffer> } | null>;
  readonly delete: (key: string) => Promise<void>;
  readonly list: (options: { readonly limit: number; readonly cursor?: string }) => Promise<{
    readonly objects: readonly { readonly key: string }[];
    readonly truncated: boolean;
    readonly cursor?: string;
  }>;
}

interface Bindings {
  readonly SUBMISSIONS: Bucket;
  readonly POSTERN_RECEIVER_TOKEN?: string;
}

/** R2 lists at most so many keys at once. */
const PAGE = 1000;

export function bucketBox(bucket: Bucket): SubmissionBox {
  return {
    put: async (sha256, bytes) => {
      await bucket.put(sha256, bytes);
    },
    get: async (sha256) => {
      const object = await bucket.get(sha256);
      return object === null ? null : new Uint8Array(await object.arrayBuffer());
    },
    remove: (sha256) => bucket.delete(sha256),
    list: async (limit) => {
      const keys: string[] = [];
      for (let cursor: string | undefined; keys.length < limit; ) {
        const page = await bucket.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
        keys.push(...page.objects.map(({ key }) => key));
        if (!page.truncated || page.cursor === undefined) break;
        cursor = page.cursor;
      }
      return keys.slice(0, limit);
    },
  };
}

// biome-ignore lint/style/noDefaultExport: a Worker is its default export.
export default {
  fetch: (request: Request, { SUBMISSIONS, POSTERN_RECEIVER_TOKEN }: Bindings): Promise<Response> =>
    receive(request, bucketBox(SUBMISSIONS), POSTERN_RECEIVER_TOKEN ?? null),
};
