import type { PresentedCertificate } from './presented-chain.ts';

/** One certificate of a chain as sent, and how it hangs together with the others: facts, no judgement. */
export interface SentCertificate extends PresentedCertificate {
  /** Bits of the modulus or of the field; null for a kind of key we do not know. */
  readonly key_bits: number | null;
  /** As OpenSSL names it: `ecdsa-with-SHA256`. */
  readonly signature: string;
  /** OIDs of extendedKeyUsage; null where it is left out, which allows any. */
  readonly usages: readonly string[] | null;
  /** Where its issuer can be fetched, and lists of what the issuer revoked. Hostile text. */
  readonly issuers: readonly string[];
  readonly revocation_lists: readonly string[];
  /** Places in the chain of certificates that name and key say signed this one; its own when it signed itself. */
  readonly signed_by: readonly number[];
  /** SHA-256 of trusted roots that it is, or that signed it. */
  readonly anchors: readonly string[];
}
