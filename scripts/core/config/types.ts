import type { DomainName } from '../../standards/domain-name.ts';
import type { Mode } from '../../standards/mta-sts-policy.ts';
import type { MxPattern } from '../../standards/mx-pattern.ts';
import type { Day, Instant } from '../clock.ts';
import type { Problem } from '../problem.ts';

/** One validated `domains/<domain>.yaml` merged with `domains/_settings.yaml`: nothing optional is left to guess. */
export interface DomainConfig {
  readonly domain: DomainName;
  /** Path relative to the root, `domains/northwind/example.org.yaml`. */
  readonly file: string;
  /** The folder the file stands in, or null at the top. */
  readonly customer: string | null;
  /** The mode written in the file. With `retire` the published mode is `none`: see core/policy/desired.ts. */
  readonly mode: Mode;
  readonly mx: readonly MxPattern[];
  /** Seconds. */
  readonly max_age: number;
  readonly retire: boolean;
  readonly same_as: DomainName | null;
  /** Name in `settings.hosting`, or null. */
  readonly hosting: string | null;
  /** Name in `settings.dns`, or null. */
  readonly dns: string | null;
  readonly delegation: 'records' | 'cname';
  /** TLSRPT report URIs, `mailto:` or `https:`. */
  readonly rua: readonly string[];
  /** `next_keys`: SHA-256 of the SubjectPublicKeyInfo of keys that MX hosts are to change to, in lower-case hex. */
  readonly dane: { readonly managed: boolean; readonly required: boolean; readonly next_keys: readonly string[] };
  /** GitHub handles or teams, with `@`. */
  readonly owners: readonly string[];
  readonly oncall: readonly string[];
  readonly digest: readonly string[];
  readonly volume: 'normal' | 'low';
  readonly rollout: { readonly hold: boolean; readonly clean_days: number; readonly reason: string | null };
  readonly known_sender_issues: readonly KnownSenderIssue[];
  readonly overrides: readonly Override[];
}

export interface KnownSenderIssue {
  /** An organization-name or a domain. */
  readonly reporter: string;
  readonly result_type: string;
  readonly reason: string;
  readonly until: Day;
}

/** A refusal of `plan` that a person accepts until the end of a day. */
interface Override {
  readonly code: string;
  readonly reason: string;
  readonly until: Day;
}

/** `_settings.yaml` with its defaults filled in. */
export interface Settings {
  readonly organisation: string;
  readonly reporting: {
    readonly rua: readonly string[];
    /** Lower-case names that our own MX writes into Authentication-Results. */
    readonly authserv_ids: readonly string[];
    /** URL of our receiver for `rua=https:`, with a slash at its end. */
    readonly receiver: string | null;
  };
  readonly site: {
    readonly title: string;
    readonly url: string | null;
    readonly visibility: 'public' | 'artifact';
    readonly redact: boolean;
  };
  /** Where reports arrive; `folder` is relative to the root. */
  readonly mailbox: { readonly folder: string } | { readonly imap: ImapSettings } | null;
  readonly hosting: Readonly<Record<string, HostingSettings>>;
  readonly dns: Readonly<Record<string, DnsSettings>>;
  /** The zone of ours that customers point their CNAMEs into. */
  readonly delegation_zone: DomainName | null;
  readonly alerts: AlertSettings;
  readonly digest: DigestSettings;
  readonly network: NetworkSettings;
  /** They count for every domain. */
  readonly overrides: readonly Override[];
  readonly thresholds: Thresholds;
  readonly retention: Retention;
  /** Set only in the template: the moment the example mail was made for. `npm start` shows the example as of then. */
  readonly example_clock: Instant | null;
}

export interface ImapSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly tls: boolean;
  readonly auth: 'password' | 'oauth2';
  readonly inbox: string;
  readonly processed: string;
  readonly rejected: string;
  /** Which mail is moved once it is stored: all, only reports, or none (then it is flagged). */
  readonly filing: 'move' | 'reports' | 'flag';
  readonly oauth2: OAuth2Settings | null;
}

/** Where tokens for the mailbox are got. The client secret and a refresh token come from the environment. */
export interface OAuth2Settings {
  readonly token_url: string;
  readonly client_id: string;
  /** Null: what the provider needs, by the grant. */
  readonly scope: string | null;
  readonly provider: 'google' | 'microsoft' | 'other';
}

/** Where policy hosts stand. */
export type HostingSettings =
  | { readonly kind: 'pages-fleet'; readonly owner: string; readonly repository_name: string }
  | { readonly kind: 'pages-here' }
  | { readonly kind: 'bundle'; readonly server: 'caddy' | 'nginx' }
  | { readonly kind: 'worker' };

/** Who changes DNS records. `zone` null: each domain is its own zone. */
export type DnsSettings =
  | { readonly kind: 'manual' }
  | {
      readonly kind: 'rfc2136';
      readonly server: string;
      readonly port: number;
      readonly zone: DomainName | null;
      readonly key_name: string;
      readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512' | 'hmac-sha1';
    }
  | { readonly kind: 'cloudflare' | 'route53' | 'desec' | 'hetzner'; readonly zone: DomainName | null };

export interface AlertSettings {
  /** GitHub handles or teams, with `@`. */
  readonly owners: readonly string[];
  readonly oncall: readonly string[];
  readonly business_hours: BusinessHours;
  readonly labels: readonly string[];
  readonly max_new_per_run: number;
  readonly certificate_thresholds: 'relative' | 'fixed';
}

export interface BusinessHours {
  /** IANA time zone. */
  readonly time_zone: string;
  readonly days: readonly Weekday[];
  /** `09:00`, local. */
  readonly from: string;
  readonly to: string;
  readonly holidays: readonly Day[];
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export interface DigestSettings {
  readonly from: string | null;
  readonly to: readonly string[];
  readonly smtp: { readonly host: string; readonly port: number; readonly user: string | null } | null;
}

/** How probes and mail verification reach the network. Paths are relative to the root. */
export interface NetworkSettings {
  /** `udp://host:port` or an https URL; null: the system's. */
  readonly resolver: string | null;
  readonly dns_port: number;
  readonly smtp_port: number;
  readonly https_port: number;
  readonly socks: string | null;
  readonly socks_all: boolean;
  /** PEM file, added to the built-in roots. */
  readonly ca_file: string | null;
  readonly allow_private: boolean;
  /** Null: three large providers. */
  readonly control: readonly string[] | null;
  readonly validation_test: { readonly secure: string; readonly bogus: string } | null;
  /** File of DKIM key records used before DNS. */
  readonly dkim_keys: string | null;
  /** Seconds. */
  readonly second_look: number;
  readonly target_deadline: number;
  /** Null: named after where the command runs. */
  readonly vantage: string | null;
}

/** When figures become findings. */
export interface Thresholds {
  readonly failure_share: number;
  readonly min_failures: number;
  readonly min_sessions: number;
  readonly baseline_days: number;
  readonly silent_reporter_days: number;
  readonly silent_days: number;
}

export interface Retention {
  readonly detail_days: number;
  readonly aggregate_days: number;
  readonly quarantine_days: number;
  readonly quarantine_megabytes: number;
}

/** Everything under `domains/`. `domains` holds only the valid ones, sorted by name; `settings` is null when unusable. */
export interface Configuration {
  readonly settings: Settings | null;
  readonly domains: readonly DomainConfig[];
  readonly problems: readonly Problem[];
}
