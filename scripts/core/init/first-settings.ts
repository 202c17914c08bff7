/** What an owner answers at the beginning. Null: left for later. */
export interface FirstAnswers {
  readonly organisation: string;
  /** The address that senders mail reports to, `tls-reports@example.net`. */
  readonly report_address: string | null;
  /** Where that mailbox is read. */
  readonly imap: { readonly host: string; readonly user: string } | null;
  readonly hosting: HostingKind | null;
  /** The account at GitHub that gets the repositories of `pages-fleet`. */
  readonly owner: string | null;
  readonly dns: DnsKind | null;
  readonly zone: string | null;
}

export const HOSTING_KINDS = ['pages-here', 'pages-fleet', 'caddy', 'nginx', 'worker'] as const;
type HostingKind = (typeof HOSTING_KINDS)[number];
export const DNS_KINDS = ['manual', 'cloudflare', 'desec', 'hetzner', 'route53'] as const;
type DnsKind = (typeof DNS_KINDS)[number];

/** The first `domains/_settings.yaml`, with a word at each key; what is not known yet stands as a comment to uncomment. */
export function firstSettings(answers: FirstAnswers): string {
  const { organisation, report_address, imap, hosting, owner, dns, zone } = answers;
  const place = hosting === null ? null : hostingLine(hosting, owner);
  return [
    '# yaml-language-server: $schema=./settings.schema.json',
    '# What all domains share. Every key is in docs/configuration.md; secrets never stand here.',
    `organisation: ${quoted(organisation)}`,
    '',
    '# Where senders mail their reports: a mailbox outside the protected domains, so that reports about trouble arrive.',
    ...optional(report_address !== null, [
      'reporting:',
      `  rua: [${quoted(`mailto:${report_address ?? 'tls-reports@example.net'}`)}]`,
    ]),
    '',
    '# Where that mailbox is read; the password is the secret POSTERN_IMAP_PASSWORD (docs/mailbox.md).',
    ...optional(imap !== null, [
      'mailbox:',
      '  imap:',
      `    host: ${quoted(imap?.host ?? 'imap.example.net')}`,
      `    user: ${quoted(imap?.user ?? 'tls-reports@example.net')}`,
    ]),
    '',
    '# Where policy hosts stand (docs/hosting.md). A domain names one of these: hosting: main',
    ...optional(place !== null, ['hosting:', `  main: ${place ?? '{ kind: pages-here }'}`]),
    '',
    '# Who writes DNS records (docs/dns-providers.md). A domain names one of these: dns: main',
    ...optional(dns !== null, [
      'dns:',
      `  main: { kind: ${dns ?? 'manual'}${zone === null ? '' : `, zone: ${quoted(zone)}`} }`,
    ]),
    '',
  ].join('\n');
}

function hostingLine(kind: HostingKind, owner: string | null): string {
  if (kind === 'pages-fleet')
    return `{ kind: pages-fleet, owner: ${quoted(owner ?? 'OWNER')}, repository_name: "{host}" }`;
  if (kind === 'caddy' || kind === 'nginx') return `{ kind: bundle, server: ${kind} }`;
  return `{ kind: ${kind} }`;
}

function optional(known: boolean, lines: readonly string[]): readonly string[] {
  return known ? lines : lines.map((line) => `# ${line}`);
}

/** A JSON string is a YAML one, whatever stands in it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
