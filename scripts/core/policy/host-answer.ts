import { parseMtaStsPolicy } from '../../standards/mta-sts-policy.ts';
import type { Instant } from '../clock.ts';
import type { FetchedPolicy } from '../probe/policy-fetch.ts';
import type { PresentedChain } from '../probe/presented-chain.ts';

/** What the policy host answered on one address. */
export interface HostAnswer {
  readonly address: string;
  /** `ok`, or the fault id of the playbook. */
  readonly code: string;
  /** Exactly the bytes as text; null when a sender could not use them. */
  readonly body: string | null;
}

/** RFC 8461 §3.3: senders stop at about 64 KB. */
const MOST_BYTES = 65_536;

/** The first reason why a sender could not use this answer (RFC 8461 §3.3), else the body. */
export function hostAnswer(fetched: FetchedPolicy, now: Instant): HostAnswer {
  const { address, failure, chain, response } = fetched;
  const of = (code: string): HostAnswer => ({ address, code, body: null });
  if (failure !== null || response === null) return of(failureCode(failure));
  const certificate = chain === null ? 'policy-cert-chain' : certificateCode(chain, now);
  if (certificate !== null) return of(certificate);
  if (response.status >= 300 && response.status < 400) return of('policy-redirect');
  if (response.status !== 200) return of('policy-http-status');
  const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'text/plain') return of('policy-media-type');
  if (response.body.length > MOST_BYTES) return of('policy-size');
  if (!parseMtaStsPolicy(response.body).ok) return of('policy-syntax');
  return { address, code: 'ok', body: new TextDecoder('utf-8', { ignoreBOM: true }).decode(response.body) };
}

function failureCode(failure: FetchedPolicy['failure']): string {
  if (failure === 'private-address') return 'private-address';
  return failure === 'timeout' ? 'policy-timeout' : 'policy-refused';
}

function certificateCode({ certificates, names_host, path }: PresentedChain, now: Instant): string | null {
  const [leaf] = certificates;
  if (leaf === undefined || path.kind !== 'trusted') return 'policy-cert-chain';
  if (leaf.not_after < now || leaf.not_before > now) return 'policy-cert-expired';
  return names_host ? null : 'policy-cert-name';
}
