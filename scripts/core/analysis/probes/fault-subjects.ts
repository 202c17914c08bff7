import type { DomainConfig } from '../../config/types.ts';
import type { FindingSubject } from '../../finding.ts';
import type { Standing } from '../../probe/standing.ts';

export type FaultSubject = Omit<FindingSubject, 'policy_type'>;

/** What a fault belongs to: of a set of hosts each that has it. */
export function subjectsOf(standing: Standing, { domain }: DomainConfig): readonly FaultSubject[] {
  const { kind, subject, code, facts } = standing;
  const rest = { reporter: null, result_type: null };
  switch (kind) {
    case 'mx':
    case 'dane':
      return [{ kind: 'mx', name: subject, mx: subject, ...rest }];
    case 'mx-set': {
      const hosts = code === 'mx-not-covered' || code === 'mx-changed' ? namesIn(facts['mx']) : [];
      if (hosts.length > 0) return hosts.map((host) => ({ kind: 'mx', name: host, mx: host, ...rest }));
      return [{ kind: 'domain', name: domain, mx: null, ...rest }];
    }
    case 'policy':
    case 'caa':
      return [{ kind: 'policy-host', name: subject, mx: null, ...rest }];
    case 'cname':
      return [{ kind: subject.startsWith('mta-sts.') ? 'policy-host' : 'domain', name: subject, mx: null, ...rest }];
    default:
      return [{ kind: 'domain', name: domain, mx: null, ...rest }];
  }
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string').slice(0, 20) : [];
}

/** Faults of one host, or of one certificate wherever it is presented, have one cause. */
export function incidentOf(rule: string, subject: FaultSubject, { facts }: Standing, { domain }: DomainConfig): string {
  const certificate = facts['certificate'];
  if (
    /-cert-(?:expired|expiring|not-yet-valid|revoked|weak-key)$/.test(rule) &&
    typeof certificate === 'object' &&
    certificate !== null
  ) {
    const { sha256, serial } = certificate as Record<string, unknown>;
    const identity = typeof sha256 === 'string' ? sha256 : serial;
    if (typeof identity === 'string' && /^[0-9A-Za-z:]{4,128}$/.test(identity))
      return `certificate:${identity.toLowerCase()}`;
  }
  if (subject.mx !== null) return `mx:${encodeURIComponent(subject.mx)}`;
  return subject.kind === 'policy-host' ? `policy-host:${encodeURIComponent(subject.name)}` : `dns:${domain}`;
}
