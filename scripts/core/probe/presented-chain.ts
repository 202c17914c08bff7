import type { Instant } from '../clock.ts';

/** What a server presents in the TLS handshake, as data: io/net/presented-chain.ts makes it, fakes do too. */

export interface PresentedCertificate {
  readonly der: Uint8Array;
  /** The SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  /** Lower-case hex, of `der` and of `spki`. */
  readonly sha256: string;
  readonly spki_sha256: string;
  /** One line, `CN=mx1.example.com, O=Example`. Hostile text. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serial: string;
  readonly not_before: Instant;
  readonly not_after: Instant;
  /** The DNS names of the Subject Alternative Name, in lower case. */
  readonly dns_names: readonly string[];
  /** Without any DNS name some readers fall back to it; MTA-STS does not (RFC 8461 §3.3). */
  readonly common_name: string | null;
  readonly is_ca: boolean;
  /** `EC prime256v1`, `RSA 2048`. */
  readonly key: string;
}

export interface PresentedChain {
  /** As sent, strays included; the first is the server's own. At least one. */
  readonly certificates: readonly PresentedCertificate[];
  /** The first names the host that was asked for: by Subject Alternative Name alone, a wildcard only as the whole first label. */
  readonly names_host: boolean;
  readonly path: CertificatePath;
  /** What else a strict verifier objects to, dates aside: the code of OpenSSL; null when nothing. */
  readonly objection: string | null;
}

/**
 * From the server's certificate upwards over what was sent, each link by name and signature, dates aside.
 * `trusted`: it ends at a root of ours; `links` are the certificates between, and the root last.
 * `incomplete`: the issuer of `at` was not sent and is no root of ours; `untrusted-root`: it ends at a root that is not ours;
 * `self-signed`: the server's certificate signed itself; `bad-link`: the one named as issuer did not sign `at`, or is no CA.
 */
export type CertificatePath =
  | { readonly kind: 'trusted'; readonly links: readonly PathLink[] }
  | {
      readonly kind: 'incomplete' | 'untrusted-root' | 'self-signed' | 'bad-link';
      readonly links: readonly PathLink[];
      /** The subject of the certificate where it ends. */
      readonly at: string;
    };

export interface PathLink {
  readonly subject: string;
  readonly not_before: Instant;
  readonly not_after: Instant;
}
