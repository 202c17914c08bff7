import type { SentCertificate } from './sent-certificate.ts';

/** How far a session came (RFC 5321, RFC 3207). */
export type SmtpPhase = 'connect' | 'greeting' | 'ehlo' | 'starttls' | 'handshake' | 'after-tls';

/**
 * Why it came no further. `temporary` and `refused` are replies of 4xx and 5xx; `not-smtp` and `too-long` are no replies;
 * `injected`: bytes came in clear text after STARTTLS was accepted, which the session would have taken for protected.
 */
export type SmtpReason =
  | 'private-address'
  | 'proxy'
  | 'unreachable'
  | 'no-route'
  | 'refused'
  | 'temporary'
  | 'timeout'
  | 'closed'
  | 'reset'
  | 'not-smtp'
  | 'too-long'
  | 'no-ehlo'
  | 'not-offered'
  | 'injected'
  | 'not-tls'
  | 'version'
  | 'cipher'
  | 'alert'
  | 'client-certificate';

export interface SmtpStop {
  readonly phase: SmtpPhase;
  readonly reason: SmtpReason;
  /** What exactly, in a few words. May hold hostile text. */
  readonly detail: string;
}

export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly chain: readonly SentCertificate[];
  /** What OpenSSL says against the chain by the machine's clock; null when nothing. It tells one fault of several. */
  readonly objection: string | null;
  readonly ocsp_stapled: boolean;
}

/** One connection. With `tls` and a `stop` the handshake went well and the session broke afterwards. */
export interface SmtpLook {
  readonly stop: SmtpStop | null;
  readonly tls: TlsFacts | null;
}

export type RevocationState = 'good' | 'revoked' | 'unavailable';

/** Everything that was seen of one MX host at one address. */
export interface MxLook {
  readonly host: string;
  readonly address: string;
  /** The connection that names the host, the one judged. */
  readonly named: SmtpLook;
  /** Without SNI (RFC 8461 §7.1); null where the first one already failed. */
  readonly unnamed: SmtpLook | null;
  /** Versions of TLS that were agreed on in one of the connections, newest first. */
  readonly versions: readonly string[];
  /** What a second, weak handshake agreed on after the first found nothing in common; null when none was tried. */
  readonly weak: SmtpLook | null;
  /** The issuer that was not sent, fetched from where the last certificate names it; null when nothing was missing. */
  readonly fetched_issuer: FetchedIssuer | null;
  /** By SHA-256 of the certificate, where it names a list. */
  readonly revocation: Readonly<Record<string, { readonly state: RevocationState; readonly detail: string }>>;
}

export interface FetchedIssuer {
  readonly url: string;
  /** Whether the chain with what was fetched leads to a trusted root. */
  readonly completes: boolean;
  /** Why nothing could be fetched, or what came. */
  readonly detail: string;
}
