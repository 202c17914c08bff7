import type { Instant } from '../clock.ts';
import { type CertificateStage, certificateStage } from '../incidents/certificate-escalation.ts';
import type { PresentedChain } from './presented-chain.ts';

/** One thing wrong with what a server presents. Several may hold at once, and each is told. */
export interface CertificateFault {
  readonly kind: 'name' | 'expired' | 'not-yet-valid' | 'chain' | 'expiring';
  /** A phrase: `names only www.example.com`. Hostile text inside. */
  readonly detail: string;
  /** With `expiring`. */
  readonly stage?: CertificateStage;
}

/**
 * Name, dates and each link, judged apart (RFC 8461 §4.2, §3.3): a verifier stops at the first, and an expired certificate
 * would hide a wrong name.
 */
export function certificateFaults(
  chain: PresentedChain,
  now: Instant,
  rule: 'relative' | 'fixed',
): readonly CertificateFault[] {
  const [leaf] = chain.certificates;
  if (leaf === undefined) return [{ kind: 'chain', detail: 'no certificate was presented' }];
  const faults: CertificateFault[] = [];
  if (!chain.names_host) faults.push({ kind: 'name', detail: namesText(leaf.dns_names, leaf.common_name) });
  if (now > leaf.not_after) faults.push({ kind: 'expired', detail: `expired at ${leaf.not_after}` });
  else if (now < leaf.not_before) faults.push({ kind: 'not-yet-valid', detail: `valid only from ${leaf.not_before}` });
  else {
    const stage = certificateStage(leaf, rule, now);
    if (stage !== 'none') faults.push({ kind: 'expiring', detail: `ends at ${leaf.not_after}`, stage });
  }
  faults.push(...pathFaults(chain, now));
  return faults;
}

function pathFaults({ path, objection }: PresentedChain, now: Instant): readonly CertificateFault[] {
  const faults: CertificateFault[] = path.links
    .filter(({ not_before, not_after }) => now > not_after || now < not_before)
    .map(({ subject, not_after }) => ({
      kind: 'chain',
      detail: `the issuer ${subject} is not valid now (until ${not_after})`,
    }));
  const chain = (detail: string) => faults.push({ kind: 'chain', detail });
  switch (path.kind) {
    case 'trusted':
      if (objection !== null) chain(`refused by a strict verifier: ${objection}`);
      break;
    case 'incomplete':
      chain(`the issuer of ${path.at} is not sent and is no trusted root`);
      break;
    case 'untrusted-root':
      chain(`the chain ends at ${path.at}, which is no trusted root`);
      break;
    case 'self-signed':
      chain('the certificate signed itself');
      break;
    case 'bad-link':
      chain(`what was sent as issuer of ${path.at} did not sign it`);
  }
  return faults;
}

function namesText(names: readonly string[], commonName: string | null): string {
  if (names.length > 0) return `names only ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
  return commonName === null ? 'names no host' : `has the name ${commonName} only as common name, which does not count`;
}

/** What is worth keeping of what a server presents, for the facts of an observation. */
export function certificateFacts(chain: PresentedChain | null): Readonly<Record<string, unknown>> | null {
  const leaf = chain?.certificates[0];
  if (chain === null || leaf === undefined) return null;
  const { subject, issuer, serial, sha256, spki_sha256, not_before, not_after, dns_names, key } = leaf;
  return {
    subject,
    issuer,
    serial,
    sha256,
    spki_sha256,
    not_before,
    not_after,
    dns_names: dns_names.slice(0, 50),
    key,
    path: chain.path.kind,
    sent: chain.certificates.length,
  };
}
