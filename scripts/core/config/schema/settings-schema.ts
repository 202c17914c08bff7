import * as Type from 'typebox/type';
import { Dns, Hosting, Mailbox, Network } from './connection-schema.ts';
import {
  day,
  flag,
  Handle,
  list,
  MailAddress,
  map,
  oneOf,
  overrides,
  port,
  share,
  text,
  whole,
  written,
} from './schema-parts.ts';

const DAYS_OF_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clockTime = (description: string, value: string) =>
  Type.String({
    description,
    pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
    default: value,
    errorMessage: 'must be a time of day in quotes, such as "09:00"',
  });

const BusinessHours = map(
  {
    time_zone: Type.Optional(
      Type.String({
        description: 'IANA time zone, such as Europe/Berlin.',
        pattern: '^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$',
        maxLength: 64,
        default: 'UTC',
        errorMessage: 'must be an IANA time zone such as Europe/Berlin or UTC',
      }),
    ),
    days: Type.Optional(
      list('Working days.', Type.Enum([...DAYS_OF_WEEK]), {
        minItems: 1,
        maxItems: 7,
        default: DAYS_OF_WEEK.slice(0, 5),
      }),
    ),
    from: Type.Optional(clockTime('Start of the working day.', '09:00')),
    to: Type.Optional(clockTime('End of the working day.', '17:00')),
    holidays: Type.Optional(list('Days without work.', day('A holiday.'), { maxItems: 1000 })),
  },
  { description: 'When people work: response times are counted in these hours.' },
);

const Alerts = map(
  {
    owners: Type.Optional(list('Who gets findings of domains that name no owners.', Handle)),
    oncall: Type.Optional(list('Who is called for domains that name no oncall.', Handle)),
    business_hours: Type.Optional(BusinessHours),
    labels: Type.Optional(list('Labels added to every issue.', text('A label.', 50), { maxItems: 20 })),
    max_new_per_run: Type.Optional(whole('New issues in one run; the rest share one overflow issue.', 1, 100, 10)),
    certificate_thresholds: Type.Optional(
      oneOf(
        'relative = fractions of a certificate’s lifetime; fixed = 30, 14 and 7 days for every certificate.',
        ['relative', 'fixed'],
        'relative',
      ),
    ),
  },
  { description: 'GitHub Issues that Postern opens and closes.' },
);

const Digest = map(
  {
    from: Type.Optional({ ...MailAddress, description: 'The sender of the summary.' }),
    to: Type.Optional(list('Who gets the weekly summary of all domains.', MailAddress)),
    smtp: Type.Optional(
      map(
        {
          host: text('Host name of the submission server.', 253),
          port: Type.Optional(port('Port.', 587)),
          user: Type.Optional(text('User name. The password comes from POSTERN_SMTP_PASSWORD.')),
        },
        { description: 'The server that takes the mail.' },
      ),
    ),
  },
  { description: 'The weekly summary by mail.' },
);

const Site = map(
  {
    title: Type.Optional(text('Title of the reports site. Default: the organisation’s name.')),
    url: Type.Optional(
      Type.String({
        description: 'Where the reports site will stand; a path in it becomes the base of all links.',
        pattern: '^https://[^\\s/?#@]+(?:/[^\\s?#]*)?$',
        format: 'uri',
        maxLength: 500,
        errorMessage: 'must be an https URL without query, such as https://reports.example.com/',
      }),
    ),
    visibility: Type.Optional(
      oneOf(
        'public = may be deployed; artifact = only kept as a build artifact, never deployed.',
        ['public', 'artifact'],
        'public',
      ),
    ),
    redact: Type.Optional(flag('Leaves sender IPs, contact addresses and free text out of the site.', true)),
  },
  { description: 'The reports site.' },
);

const Thresholds = map(
  {
    failure_share: Type.Optional(
      share('Share of failed sessions of one reporter and day above which it is an anomaly.', 0.05),
    ),
    min_failures: Type.Optional(whole('Failures below which a share says nothing.', 1, 1_000_000, 3)),
    min_sessions: Type.Optional(whole('Sessions below which a share says nothing.', 1, 1_000_000, 20)),
    baseline_days: Type.Optional(whole('Days of history a day is compared with.', 7, 365, 30)),
    silent_reporter_days: Type.Optional(
      whole('Days after which a known reporter counts as silent while others report.', 1, 60, 3),
    ),
    silent_days: Type.Optional(whole('Days after which no report at all is a finding.', 1, 60, 2)),
  },
  { description: 'When figures become findings.' },
);

const Retention = map(
  {
    detail_days: Type.Optional(whole('Days that single report rows and observations are kept.', 31, 3660, 400)),
    aggregate_days: Type.Optional(whole('Days that daily figures are kept.', 366, 7320, 1096)),
    quarantine_days: Type.Optional(whole('Days that unreadable mail is kept.', 1, 3660, 90)),
    quarantine_megabytes: Type.Optional(whole('Size of the quarantine; the oldest goes first.', 1, 100_000, 500)),
  },
  { description: 'How long data is kept.' },
);

/** `domains/_settings.yaml` as a person writes it. Secrets have no key here: they come from the environment. */
export const SettingsSchema = map(
  {
    organisation: text('Who runs the domains; shown on both sites and in mail.'),
    reporting: Type.Optional(
      map(
        {
          rua: Type.Optional(
            list(
              'Where senders send TLS reports, for domains that name no rua: mailto: or https: URIs (RFC 8460 §3).',
              written('report-uri'),
              {
                minItems: 1,
                maxItems: 10,
              },
            ),
          ),
          authserv_ids: Type.Optional(
            list(
              'Names that your own MX writes into Authentication-Results (RFC 8601 §2.5). Its verdict is believed where a signature can no longer be verified here. The MX must remove such fields of others.',
              Type.String({
                pattern: '^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$',
                errorMessage: 'must be the name the MX writes, such as mx.example.com',
              }),
              { maxItems: 20 },
            ),
          ),
          receiver: Type.Optional(
            Type.String({
              description:
                'URL of your receiver for rua=https: (docs/receiver.md): ingest fetches from it what was submitted. Its token comes from POSTERN_RECEIVER_TOKEN.',
              pattern: '^(?:https://|http://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])[:/])[^\\s?#@]+$',
              maxLength: 500,
              errorMessage: 'must be an https URL without query, such as https://tls-rpt.example.com/',
            }),
          ),
        },
        { description: 'TLS reporting (RFC 8460).' },
      ),
    ),
    site: Type.Optional(Site),
    mailbox: Type.Optional(Mailbox),
    hosting: Type.Optional(Hosting),
    dns: Type.Optional(Dns),
    delegation_zone: Type.Optional(
      written('domain-name', 'The zone of ours that customers point their CNAMEs into, for delegation: cname.'),
    ),
    alerts: Type.Optional(Alerts),
    digest: Type.Optional(Digest),
    network: Type.Optional(Network),
    overrides: Type.Optional(
      overrides('Refusals of plan that are accepted for every domain until a date, such as mass-change.'),
    ),
    thresholds: Type.Optional(Thresholds),
    retention: Type.Optional(Retention),
    example_clock: Type.Optional(
      Type.String({
        description:
          'Only in the template: the moment its example mail was made for. Remove it with the example domains.',
        format: 'date-time',
        errorMessage: 'must be an RFC 3339 date-time such as 2026-11-21T06:00:00Z',
      }),
    ),
  },
  {
    title: 'Postern: settings',
    description: 'domains/_settings.yaml: what all domains share. Only organisation is required.',
  },
);

export type WrittenSettings = Type.Static<typeof SettingsSchema>;
