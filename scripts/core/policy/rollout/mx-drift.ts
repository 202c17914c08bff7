import { type HostName, parseHostName } from '../../../standards/domain-name.ts';
import { matchesMx } from '../../../standards/mx-pattern.ts';
import { dayOf, type Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';
import { patternsFor } from '../../dns/mail-providers.ts';
import type { DomainFacts } from '../plan/domain-plan.ts';
import { uncoveredHosts } from './promotion.ts';
import type { Proposal } from './proposal.ts';

/** MX hosts in DNS that no pattern covers. A null MX or none at all is no drift: it is told elsewhere. */
export function driftHosts({ config, live }: DomainFacts): readonly HostName[] {
  if (config === null || config.retire || config.mode === 'none' || live === null) return [];
  if (!live.mx.known || live.mx.value.kind !== 'hosts') return [];
  return uncoveredHosts(config.mx, live).flatMap((host) => parseHostName(host) ?? []);
}

export function driftProposal({ live }: DomainFacts, config: DomainConfig, hosts: readonly HostName[]): Proposal {
  const mx = [...new Set([...config.mx, ...patternsFor(hosts)])];
  const inDns = live?.mx.known === true ? live.mx.value.hosts : [];
  const unused = config.mx.filter((pattern) => !inDns.some(({ host }) => matchesMx(pattern, host)));
  const at = live?.at ?? ('' as Instant);
  return {
    kind: 'mx-drift',
    domain: config.domain,
    file: config.file,
    edits: [{ kind: 'list', key: 'mx', values: mx }],
    title: `${config.domain}: cover ${hosts.length === 1 ? hosts[0] : `${hosts.length} new MX hosts`}`,
    summary: `DNS names MX hosts that the policy does not cover${config.mode === 'enforce' ? ': senders that know it do not deliver to them' : ''}. The policy grows by them; nothing is taken out.`,
    evidence: [
      {
        kind: 'observation',
        at,
        text: `MX in DNS: ${inDns.map(({ host, preference }) => `${preference} ${host}`).join(', ')}`,
        ref: null,
      },
      { kind: 'config', at: dayOf(at), text: `mx in the file: ${config.mx.join(', ')}`, ref: config.file },
    ],
    checks: [
      'The new hosts are yours, or your provider’s. If not, look at who changed the MX records.',
      ...(unused.length > 0
        ? [
            `In DNS nothing matches ${unused.join(', ')} any more. Leave them for now: they are proposed to go some days after their MX left DNS.`,
          ]
        : []),
    ],
  };
}
