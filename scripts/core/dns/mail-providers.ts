import type { HostName } from '../../standards/domain-name.ts';

/** A mail provider as its MX hosts show it, and the patterns its policy needs. */
export interface MailProvider {
  readonly name: string;
  /** Whole host names. */
  readonly host: RegExp;
  /** Patterns for these hosts of one domain. Without it, the exact names. */
  readonly patterns?: readonly string[];
}

/**
 * Wildcards only where the provider runs every name below them. `*` is one label (RFC 8461 §4.1): Google’s
 * `alt1.aspmx.l.google.com` needs `*.aspmx.l.google.com`, and `*.google.com` covers none of its mail hosts. Tenants of
 * shared zones get their own host, because the wildcard would let in every other tenant’s.
 */
const PROVIDERS: readonly MailProvider[] = [
  {
    name: 'Microsoft 365',
    host: /^[a-z0-9-]+\.mail\.protection\.outlook\.com$|^[a-z0-9-]+\.[a-z0-9-]+\.mx\.microsoft$/,
  },
  {
    name: 'Google Workspace',
    host: /^(?:(?:alt[1-4]\.)?aspmx\.l\.google\.com)$/,
    patterns: ['aspmx.l.google.com', '*.aspmx.l.google.com'],
  },
  { name: 'Google Workspace', host: /^smtp\.google\.com$|^aspmx[2-5]\.googlemail\.com$/ },
  { name: 'Proofpoint', host: /^mx[0-9]+[a-z]?-[0-9a-f]+\.(?:pphosted|ppe-hosted|gpphosted)\.com$/ },
  { name: 'Mimecast', host: /^[a-z]+-smtp-inbound-[12]\.mimecast\.com$/ },
  { name: 'Cisco Secure Email', host: /^mx[12]\.[a-z0-9-]+(?:\.[a-z]{2})?\.iphmx\.com$/ },
  { name: 'Barracuda', host: /^[a-z0-9]+[ab]\.ess(?:\.[a-z]+)?\.barracudanetworks\.com$/ },
  { name: 'Fastmail', host: /^in[12]-smtp\.messagingengine\.com$/ },
  { name: 'Proton Mail', host: /^mail(?:sec)?\.protonmail\.ch$/ },
  { name: 'iCloud', host: /^mx0[12]\.mail\.icloud\.com$/ },
  { name: 'Zoho', host: /^mx[23]?\.zoho\.(?:com|eu|in|com\.au|jp)$/ },
  { name: 'Amazon SES', host: /^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/ },
  { name: 'mailbox.org', host: /^mxext[123]\.mailbox\.org$/ },
  { name: 'IONOS', host: /^mx0[01]\.(?:ionos|kundenserver|1and1)\.[a-z.]+$/ },
  { name: 'OVHcloud', host: /^mx[0-9]+\.mail\.ovh\.(?:net|ca)$/ },
  { name: 'Infomaniak', host: /^mta-gw\.infomaniak\.ch$/ },
  { name: 'Hornetsecurity', host: /^mx(?:-[a-z]+)?[0-9]*\.(?:hornetsecurity|antispameurope)\.com$/ },
];

/** The provider of an MX host; null for one that is nobody’s we know. */
export function providerOf(host: string): MailProvider | null {
  return PROVIDERS.find((provider) => provider.host.test(host)) ?? null;
}

/** Patterns that cover these MX hosts: the provider’s, the exact name, or for a name with an underscore a wildcard. */
export function patternsFor(hosts: readonly HostName[]): readonly string[] {
  const patterns = hosts.flatMap((host) => providerOf(host)?.patterns ?? [coverable(host)]);
  return [...new Set(patterns)];
}

/** RFC 5321 names hold no underscore, so such a host can only be covered by a wildcard (RFC 8461 §3.2, §4.1). */
function coverable(host: string): string {
  return host.includes('_') ? `*.${host.slice(host.indexOf('.') + 1)}` : host;
}
