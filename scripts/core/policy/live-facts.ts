import type { Instant } from '../clock.ts';

/** Something asked of the world: what it said, or why that is not known. */
export type Seen<T> =
  | { readonly known: true; readonly value: T }
  /** `why` is a phrase such as `no network was asked`. May hold hostile text. */
  | { readonly known: false; readonly why: string };

/** What a domain looks like from outside at one moment, as far as somebody looked. */
export interface LiveFacts {
  readonly at: Instant;
  readonly mx: Seen<LiveMx>;
  /** TXT at `_mta-sts` and `_smtp._tls`. */
  readonly mta_sts: Seen<LiveRecords>;
  readonly tls_rpt: Seen<LiveRecords>;
  /** Where the policy host points; `values` are its addresses. */
  readonly policy_host: Seen<LiveRecords>;
  /** What the policy host serves. */
  readonly served: Seen<LivePolicy>;
  /** CAA records that hold for the policy host (RFC 8659 §3). */
  readonly caa: Seen<readonly LiveCaa[]>;
  /** Is the domain's zone signed, and validated? */
  readonly secure: Seen<boolean>;
}

export interface LiveMx {
  /** `implicit`: no MX record but an address, so the domain itself is the host (RFC 5321 §5.1). `null`: RFC 7505. */
  readonly kind: 'hosts' | 'implicit' | 'null' | 'absent';
  /** By preference. Host names as the DNS shows them. */
  readonly hosts: readonly { readonly host: string; readonly preference: number }[];
}

export interface LiveRecords {
  /** Record data at the end of all aliases. Hostile text. */
  readonly values: readonly string[];
  /** Targets of the aliases followed, in order. */
  readonly aliases: readonly string[];
  /** Seconds. */
  readonly ttl: number | null;
}

export interface LivePolicy {
  /** Exactly the bytes as text, when every address serves the same; else null. Hostile text. */
  readonly body: string | null;
  readonly addresses: readonly {
    readonly address: string;
    /** `ok`, or the fault id of the playbook. */
    readonly code: string;
  }[];
}

export interface LiveCaa {
  readonly critical: boolean;
  readonly tag: string;
  readonly value: string;
}

export function unseen<T>(why: string): Seen<T> {
  return { known: false, why };
}

export function seen<T>(value: T): Seen<T> {
  return { known: true, value };
}

/** Nobody looked. */
export function nothingSeen(at: Instant, why: string): LiveFacts {
  const no = { known: false, why } as const;
  return { at, mx: no, mta_sts: no, tls_rpt: no, policy_host: no, served: no, caa: no, secure: no };
}
