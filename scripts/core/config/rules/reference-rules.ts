import { type DomainName, parseDomainName } from '../../../standards/domain-name.ts';
import { excerpt } from '../../../standards/excerpt.ts';
import { nearest } from '../../near.ts';
import type { Remark } from '../remark.ts';
import type { DomainRule } from './subject.ts';

/** What a domain takes from the settings by name. A section the schema refused is not held against the domain. */
export const unknownHosting: DomainRule = ({ written, settings }) =>
  settings === null || settings.refused.has('hosting')
    ? []
    : unknownName('hosting', written.hosting, settings.written.hosting);

export const unknownDns: DomainRule = ({ written, settings }) =>
  settings === null || settings.refused.has('dns') ? [] : unknownName('dns', written.dns, settings.written.dns);

function unknownName(key: 'hosting' | 'dns', name: string | undefined, known: object | undefined): readonly Remark[] {
  const names = Object.keys(known ?? {});
  if (name === undefined || names.includes(name)) return [];
  const near = nearest(name, names);
  const message = `domains/_settings.yaml has no \`${key}\` named \`${excerpt(name)}\`.`;
  const listed = names.length === 0 ? `Add it under ${key}: there.` : `Known: ${names.slice(0, 20).join(', ')}.`;
  return [{ rule: `unknown-${key}`, path: [key], message, hint: near === null ? listed : `Did you mean \`${near}\`?` }];
}

/** With `delegation: cname` the records that change stand in our own zone (RFC 8461 §8.2). */
export const dnsZone: DomainRule = ({ domain, written, settings }) => {
  if (settings === null || written.dns === undefined) return [];
  const dns = settings.written.dns?.[written.dns];
  const zone = dns !== undefined && 'zone' in dns ? nameOf(dns.zone) : null;
  const holder = written.delegation === 'cname' ? nameOf(settings.written.delegation_zone) : domain;
  if (zone === null || holder === null || holder === zone || holder.endsWith(`.${zone}`)) return [];
  const message = `The records stand under ${holder}, which is not in the zone ${zone} of \`${written.dns}\`.`;
  return [
    {
      rule: 'dns-zone',
      path: ['dns'],
      message,
      hint: 'Name another dns, or correct its zone in domains/_settings.yaml.',
    },
  ];
};

export const delegationZoneMissing: DomainRule = ({ written, settings }) => {
  const missing =
    settings !== null && settings.written.delegation_zone === undefined && !settings.refused.has('delegation_zone');
  if (written.delegation !== 'cname' || !missing) return [];
  const message = '`delegation: cname` needs a zone of ours that the CNAMEs point into.';
  return [
    {
      rule: 'delegation-zone-missing',
      path: ['delegation'],
      message,
      hint: 'Add delegation_zone to domains/_settings.yaml.',
    },
  ];
};

function nameOf(text: string | undefined): DomainName | null {
  const parsed = text === undefined ? null : parseDomainName(text);
  return parsed?.ok === true ? parsed.value : null;
}
