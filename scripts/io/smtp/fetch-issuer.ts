import { X509Certificate } from 'node:crypto';
import type { SentCertificate } from '../../core/probe/sent-certificate.ts';
import { certificateBundle } from '../../standards/certificate-bundle.ts';
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
    const issuer = issuerAmong(certificatesOf(fetched.bytes), parsed(top));
    if (issuer !== undefined)
      return { url, detail: issuer.subject, chain: describeChain([...chain.map(parsed), issuer], trust) };
    failed = { url, detail: 'what stands there is no certificate', chain: null };
  }
  return failed;
}

function parsed({ der }: SentCertificate): X509Certificate {
  return new X509Certificate(der);
}

/** Of several the one that signed it; a single one is judged with the chain, and may turn out to be the wrong one. */
function issuerAmong(found: readonly X509Certificate[], below: X509Certificate): X509Certificate | undefined {
  return found.find((one) => below.checkIssued(one)) ?? found[0];
}

/** DER or a certs-only CMS message as RFC 5280 §4.2.2.1 allows, or PEM as some serve it. */
function certificatesOf(bytes: Uint8Array): readonly X509Certificate[] {
  const several = certificateBundle(bytes);
  return (several.length > 0 ? several : [bytes]).flatMap((one) => {
    try {
      return [new X509Certificate(one)];
    } catch {
      return [];
    }
  });
}
