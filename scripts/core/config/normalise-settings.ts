import { type DomainName, parseDomainName } from '../../standards/domain-name.ts';
import { type Day, parseInstant } from '../clock.ts';
import { distinct, handles, reportUris } from './normalise.ts';
import type { WrittenSettings } from './schema/settings-schema.ts';
import type {
  AlertSettings,
  DigestSettings,
  DnsSettings,
  HostingSettings,
  ImapSettings,
  NetworkSettings,
  OAuth2Settings,
  Retention,
  Settings,
  Thresholds,
} from './types.ts';

/** A settings file that schema and rules accept, with every default filled in. */
export function normaliseSettings(written: WrittenSettings): Settings {
  const { organisation, site } = written;
  return {
    organisation,
    reporting: {
      rua: reportUris(written.reporting?.rua ?? []),
      authserv_ids: distinct(written.reporting?.authserv_ids?.map((id) => id.toLowerCase())),
      receiver: written.reporting?.receiver?.replace(/\/*$/, '/') ?? null,
    },
    site: {
      title: site?.title ?? organisation,
      url: site?.url ?? null,
      visibility: site?.visibility ?? 'public',
      redact: site?.redact ?? true,
    },
    mailbox: mailboxOf(written.mailbox),
    hosting: mapped(written.hosting, hostingOf),
    dns: mapped(written.dns, dnsOf),
    delegation_zone: nameOf(written.delegation_zone),
    alerts: alertsOf(written.alerts),
    digest: digestOf(written.digest),
    network: networkOf(written.network),
    overrides: (written.overrides ?? []).map((override) => ({ ...override, until: override.until as Day })),
    thresholds: thresholdsOf(written.thresholds),
    retention: retentionOf(written.retention),
    example_clock: written.example_clock === undefined ? null : parseInstant(written.example_clock),
  };
}

function mailboxOf(written: WrittenSettings['mailbox']): Settings['mailbox'] {
  if (written?.folder !== undefined) return { folder: written.folder };
  if (written?.imap === undefined) return null;
  const { host, user, port, tls, auth, inbox, processed, rejected, filing, oauth2 } = written.imap;
  const imap: ImapSettings = {
    host,
    user,
    port: port ?? 993,
    tls: tls ?? true,
    auth: auth ?? 'password',
    inbox: inbox ?? 'INBOX',
    processed: processed ?? 'Postern/Processed',
    rejected: rejected ?? 'Postern/Rejected',
    filing: filing ?? 'move',
    oauth2: oauth2 === undefined ? null : oauth2Of(oauth2),
  };
  return { imap };
}

type WrittenOAuth2 = NonNullable<NonNullable<NonNullable<WrittenSettings['mailbox']>['imap']>['oauth2']>;

function oauth2Of({ provider, client_id, tenant, token_url, scope }: WrittenOAuth2): OAuth2Settings {
  const directory = encodeURIComponent(tenant ?? 'organizations');
  const urls = {
    google: 'https://oauth2.googleapis.com/token',
    microsoft: `https://login.microsoftonline.com/${directory}/oauth2/v2.0/token`,
    other: '',
  };
  return { provider, client_id, token_url: token_url ?? urls[provider], scope: scope ?? null };
}

type Written<K extends 'hosting' | 'dns'> = NonNullable<WrittenSettings[K]>[string];

function hostingOf(written: Written<'hosting'>): HostingSettings {
  switch (written.kind) {
    case 'pages-fleet':
      return { kind: written.kind, owner: written.owner, repository_name: written.repository_name ?? '{host}' };
    case 'bundle':
      return { kind: written.kind, server: written.server };
    case 'pages-here':
    case 'worker':
      return { kind: written.kind };
  }
}

function dnsOf(written: Written<'dns'>): DnsSettings {
  switch (written.kind) {
    case 'manual':
      return { kind: written.kind };
    case 'rfc2136': {
      const { kind, server, port, zone, key_name, algorithm } = written;
      return { kind, server, port: port ?? 53, zone: nameOf(zone), key_name, algorithm: algorithm ?? 'hmac-sha256' };
    }
    case 'cloudflare':
    case 'route53':
    case 'desec':
    case 'hetzner':
      return { kind: written.kind, zone: nameOf(written.zone) };
  }
}

function alertsOf(written: WrittenSettings['alerts']): AlertSettings {
  const hours = written?.business_hours;
  return {
    owners: handles(written?.owners),
    oncall: handles(written?.oncall),
    business_hours: {
      time_zone: hours?.time_zone ?? 'UTC',
      days: hours?.days ?? ['mon', 'tue', 'wed', 'thu', 'fri'],
      from: hours?.from ?? '09:00',
      to: hours?.to ?? '17:00',
      holidays: (hours?.holidays ?? []).map((day) => day as Day),
    },
    labels: distinct(written?.labels),
    max_new_per_run: written?.max_new_per_run ?? 10,
    certificate_thresholds: written?.certificate_thresholds ?? 'relative',
  };
}

function digestOf(written: WrittenSettings['digest']): DigestSettings {
  const smtp = written?.smtp;
  return {
    from: written?.from ?? null,
    to: distinct(written?.to),
    smtp: smtp === undefined ? null : { host: smtp.host, port: smtp.port ?? 587, user: smtp.user ?? null },
  };
}

function networkOf(written: WrittenSettings['network']): NetworkSettings {
  return {
    resolver: written?.resolver ?? null,
    dns_port: written?.dns_port ?? 53,
    smtp_port: written?.smtp_port ?? 25,
    https_port: written?.https_port ?? 443,
    socks: written?.socks ?? null,
    socks_all: written?.socks_all ?? false,
    ca_file: written?.ca_file ?? null,
    allow_private: written?.allow_private ?? false,
    control: written?.control ?? null,
    validation_test: written?.validation_test ?? null,
    dkim_keys: written?.dkim_keys ?? null,
    second_look: written?.second_look ?? 20,
    target_deadline: written?.target_deadline ?? 60,
    vantage: written?.vantage ?? null,
  };
}

/** What playbook §5 says where the settings say nothing. */
export const USUAL_THRESHOLDS: Thresholds = {
  failure_share: 0.05,
  min_failures: 3,
  min_sessions: 20,
  baseline_days: 30,
  silent_reporter_days: 3,
  silent_days: 2,
};

function thresholdsOf(written: WrittenSettings['thresholds']): Thresholds {
  const set = Object.entries(written ?? {}).filter(([, value]) => value !== undefined);
  return { ...USUAL_THRESHOLDS, ...Object.fromEntries(set) };
}

function retentionOf(written: WrittenSettings['retention']): Retention {
  return {
    detail_days: written?.detail_days ?? 400,
    aggregate_days: written?.aggregate_days ?? 1096,
    quarantine_days: written?.quarantine_days ?? 90,
    quarantine_megabytes: written?.quarantine_megabytes ?? 500,
  };
}

function nameOf(written: string | undefined): DomainName | null {
  const parsed = written === undefined ? null : parseDomainName(written);
  return parsed?.ok === true ? parsed.value : null;
}

function mapped<W, S>(
  written: Readonly<Record<string, W>> | undefined,
  of: (one: W) => S,
): Readonly<Record<string, S>> {
  return Object.fromEntries(Object.entries(written ?? {}).map(([name, one]) => [name, of(one)]));
}
