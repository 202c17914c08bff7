import type { PresentedChain } from './presented-chain.ts';

/** One fetch of the policy from one address (RFC 8461 §3.3), as data: io/net/policy-fetch.ts makes it. */
export interface FetchedPolicy {
  /** Bare. */
  readonly address: string;
  /** How far it came; `answered` when a whole HTTP answer was read. */
  readonly phase: 'connect' | 'tls' | 'http' | 'answered';
  /** Null when it was answered. */
  readonly failure:
    | 'private-address'
    | 'refused'
    | 'unreachable'
    | 'no-route'
    | 'timeout'
    | 'handshake'
    | 'reset'
    | 'http'
    | null;
  readonly detail: string;
  /** What was presented, over the same connection; null before TLS stood. */
  readonly chain: PresentedChain | null;
  /** `TLSv1.3`. */
  readonly protocol: string | null;
  readonly response: PolicyResponse | null;
  /** How long it took. Milliseconds. */
  readonly ms: number;
}

export interface PolicyResponse {
  readonly status: number;
  /** Names in lower case. Hostile text. */
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, nothing decoded; at most 64 KB and one byte, which tells that there is more. */
  readonly body: Uint8Array;
  /** Of `body`, lower-case hex. */
  readonly sha256: string;
}
