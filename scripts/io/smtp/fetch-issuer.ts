import { X509Certificate } from 'node:crypto';
import type { SentCertificate } from '../../core/probe/sent-certificate.ts';
import type { FetchedBytes, FetchFailure } from '../net/fetch-url.ts';
import type { Trust } from '../net/trust.ts';
import { describeChain } from './sent-chain.ts';

/** Fetches what a certificate names, through the guard of addresses and within bounds. */
export type FetchNamed = (url: string) => Promise<FetchedBytes | FetchFailure>;

/** Certificates are kilobytes. */
export const ISSUER_BYTES = 65_536;

export interface IssuerFetched {
  readonly url: string;
  readonly detail: string;
  /** What was sent, and behind it what was fetched; null when nothing usable came. */
  readonly chain: readonly SentCertificate[] | null;
}

/** The issuer of `top`, from the first of its addresses that has one (RFC 5280 §4.2.2.1), put behind the chain. */
export async function fetchIssuer(
  chain: readonly SentCertificate[],
  top: SentCertificate,
  fetchNamed: FetchNamed,
  trust: Trust,
): Promise<IssuerFetched | null> {
  let failed: IssuerFetched | null = null;
  for (const url of top.issuers.slice(0, 2)) {
    const fetched = await fetchNamed(url);
    if (fetched.status !== 'ok') {
      failed = { url, detail: fetched.detail, chain: null };
      continue;
    }
    const issuer = certificateOf(fetched.bytes);
    if (issuer !== null)
      return { url, detail: issuer.subject, chain: describeChain([...chain.map(parsed), issuer], trust) };
    failed = { url, detail: 'what stands there is no certificate', chain: null };
  }
  return failed;
}

function parsed({ der }: SentCertificate): X509Certificate {
  return new X509Certificate(der);
}

/** DER as the RFC demands, or PEM as some serve it. */
function certificateOf(bytes: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    return null;
  }
}
