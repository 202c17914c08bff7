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
  readonly dane: { readonly managed: boolean; readonly required: boolean };
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

interface Override {
  readonly code: string;
  readonly reason: string;
  readonly until: Day;
}

/** `_settings.yaml` with its defaults filled in. Sections that a later part of Postern reads are kept as written. */
export interface Settings {
  readonly organisation: string;
  readonly reporting: { readonly rua: readonly string[] };
  readonly site: {
    readonly title: string;
    readonly url: string | null;
    readonly visibility: 'public' | 'artifact';
    readonly redact: boolean;
  };
  /** Where reports arrive; `folder` is relative to the root. */
  readonly mailbox: { readonly folder: string } | { readonly imap: ImapSettings } | null;
  readonly hosting: Readonly<Record<string, { readonly kind: string }>>;
  readonly dns: Readonly<Record<string, { readonly kind: string }>>;
  readonly network: {
    /** File of DKIM key records used before DNS, relative to the root. */
    readonly dkim_keys: string | null;
    readonly resolver: string | null;
  };
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
}

/** Everything under `domains/`. `domains` holds only the valid ones, sorted by name; `settings` is null when unusable. */
export interface Configuration {
  readonly settings: Settings | null;
  readonly domains: readonly DomainConfig[];
  readonly problems: readonly Problem[];
}
