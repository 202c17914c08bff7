/* Parts of mailauth (pinned exactly) whose types it does not declare: what dkim.ts uses of them. */

declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  import type { Writable } from 'node:stream';
  import type { KeyCache } from 'mailauth/lib/tools.js';

  export const DkimVerifier: new (options: {
    readonly curTime: Date;
    readonly rejectRsaSha1: boolean;
  }) => Writable & {
    keyCache: KeyCache;
    readonly results: readonly {
      readonly status: { readonly result: string; readonly comment?: string | false };
      readonly signingDomain?: string;
      readonly selector?: string;
      /** The key record. */
      readonly rr?: string;
      readonly canonBodyLengthLimited?: boolean;
    }[];
  };
}

declare module 'mailauth/lib/tools.js' {
  import type { Writable } from 'node:stream';

  export interface KeyCache {
    readonly resolver: (name: string) => Promise<string[][]>;
    readonly get: (type: string, name: string, minBitLength?: number, options?: object) => Promise<unknown>;
  }
  export function createKeyCache(resolver: KeyCache['resolver']): KeyCache;
  export function writeToStream(stream: Writable, input: Uint8Array): Promise<void>;
}
