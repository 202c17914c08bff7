import { createHash } from 'node:crypto';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays, type Day, dayOf, daysFrom, type Instant } from '#scripts/core/clock.ts';
import { normaliseSettings } from '#scripts/core/config/normalise-settings.ts';
import type { Configuration, DomainConfig, Settings } from '#scripts/core/config/types.ts';
import type { Alerts } from '#scripts/core/incidents/incident.ts';
import type { DailySessions, FailingReporterDay, ReporterRecord, ReportsView } from '#scripts/core/reports/view.ts';
import type { Review } from '#scripts/core/review.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import type { MxPattern } from '#scripts/standards/mx-pattern.ts';

/** A made-up fleet for the tests of the site: same options, same world. */
export interface World {
  readonly configuration: Configuration;
  readonly settings: Settings;
  readonly reports: ReportsView;
  readonly review: Review;
  readonly unreadable: readonly unknown[];
  readonly version: string;
  readonly commit: string | null;
  readonly tasks: Readonly<Record<string, Instant | null>>;
  readonly alerts: Alerts | null;
}

export interface WorldOptions {
  readonly domains: number;
  readonly settings?: Partial<Settings>;
  readonly texts?: WorldTexts;
  readonly alerts?: Alerts;
}

/** Text put where a report carries text of its sender. */
export interface WorldTexts {
  /** As reporter, organization, MX host and policy line. */
  readonly name?: string;
  /** As the reason of a failure. */
  readonly reason?: string;
}

export const WORLD_NOW = '2026-11-21T06:00:00Z' as Instant;
const WINDOW_DAYS = 90;

/** One policy entry of one reporter's day. */
export interface WorldEntry {
  readonly day: Day;
  readonly policy_type: 'sts' | 'tlsa';
  readonly reporter: string;
  readonly organization: string;
  readonly successful: number;
  readonly failed: number;
  readonly result_type: string;
  readonly mx: string;
  readonly reason: string;
  readonly policy_string: readonly string[] | null;
  readonly report_sha256: string;
}

export function world(options: WorldOptions): World {
  const settings = { ...SETTINGS, ...options.settings };
  const domains = Array.from({ length: options.domains }, (_, index) => domainConfig(index));
  const parts = domains.map((config, index) => viewOf(config, worldEntries(config, index, options.texts)));
  const reports: ReportsView = {
    from: addDays(dayOf(WORLD_NOW), 1 - WINDOW_DAYS),
    to: dayOf(WORLD_NOW),
    daily: parts.flatMap(({ daily }) => [...daily]),
    failing: parts.flatMap(({ failing }) => failing),
    reporters: parts.flatMap(({ reporters }) => reporters),
    apart: [{ domain: null, reason: 'foreign', reports: 3, last_received_at: WORLD_NOW }],
    subdomains: [],
    warnings: [],
  };
  const review = reviewDomains({ domains, reports, now: WORLD_NOW });
  return {
    configuration: { settings, domains, problems: [] },
    settings,
    reports,
    review,
    unreadable: [],
    version: '1.2.3',
    commit: null,
    tasks: {},
    alerts: options.alerts ?? null,
  };
}

export const SETTINGS: Settings = {
  ...normaliseSettings({ organisation: 'Example Organisation' }),
  reporting: { rua: ['mailto:tls-reports@organisation.example'], authserv_ids: [], receiver: null },
  site: { title: 'Mail transport of Example Organisation', url: null, visibility: 'public', redact: false },
};

export function domainConfig(index: number, changes: Partial<DomainConfig> = {}): DomainConfig {
  const domain = `d${String(index).padStart(5, '0')}.example` as DomainName;
  const customer = index % 5 === 4 ? 'northwind' : null;
  const mode = index % 7 === 3 ? 'testing' : 'enforce';
  return {
    domain,
    file: `domains/${customer === null ? '' : `${customer}/`}${domain}.yaml`,
    customer,
    mode,
    mx: [`mx1.${domain}` as MxPattern, `mx2.${domain}` as MxPattern],
    max_age: mode === 'testing' ? 86_400 : 604_800,
    retire: index % 23 === 9,
    same_as: null,
    hosting: null,
    dns: null,
    delegation: 'records',
    rua: SETTINGS.reporting.rua,
    dane: { managed: false, required: false, next_keys: [] },
    owners: [],
    oncall: [],
    digest: [],
    volume: 'normal',
    rollout: { hold: false, clean_days: 14, reason: null },
    known_sender_issues: [],
    overrides: [],
    ...changes,
  };
}

const REPORTERS = [
  { reporter: 'google.com', organization: 'Google Inc.', weekday: 900, weekend: 0.6 },
  { reporter: 'microsoft.com', organization: 'Microsoft Corporation', weekday: 640, weekend: 0.4 },
  { reporter: 'mail.ru', organization: 'Mail.ru', weekday: 60, weekend: 0.9 },
  { reporter: 'relay-co.example', organization: 'Relay Co', weekday: 18, weekend: 0 },
];
const FAULTS = ['certificate-expired', 'starttls-not-supported', 'validation-failure', 'sts-policy-fetch-error'];

/**
 * Ninety days of one domain: every 11th has a fault going on, every 13th had one, every 17th never had a report, every
 * 19th has nine days without; every third is also seen under DANE.
 */
export function worldEntries(config: DomainConfig, index: number, texts: WorldTexts = {}): readonly WorldEntry[] {
  if (index % 17 === 16) return [];
  const random = mulberry32(index);
  const days = daysFrom(addDays(dayOf(WORLD_NOW), 1 - WINDOW_DAYS), addDays(dayOf(WORLD_NOW), -1));
  const size = 0.2 + random() * 3;
  const gapAt = Math.floor(random() * (days.length - 20));
  const policy = [
    'version: STSv1',
    `mode: ${config.mode}`,
    ...config.mx.map((mx) => `mx: ${mx}`),
    `max_age: ${config.max_age}`,
  ];
  const fault = FAULTS[index % FAULTS.length] ?? 'other';
  return days.flatMap((day, position) => {
    if (index % 19 === 18 && position >= gapAt && position < gapAt + 9) return [];
    const weekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
    const broken =
      (index % 11 === 0 && position >= days.length - 5) || (index % 13 === 5 && position > 40 && position < 44);
    return REPORTERS.flatMap(({ reporter, organization, weekday, weekend: share }): WorldEntry[] => {
      const sessions = Math.round(weekday * size * (weekend ? share : 1) * (0.85 + random() * 0.3));
      const failed = broken ? Math.ceil(sessions * (0.1 + random() * 0.3)) : random() < 0.01 ? 1 : 0;
      if (sessions === 0) return [];
      const entry: WorldEntry = {
        day,
        policy_type: 'sts',
        reporter: texts.name ?? reporter,
        organization: texts.name ?? organization,
        successful: sessions - failed,
        failed,
        result_type: broken ? fault : 'validation-failure',
        mx: texts.name ?? `mx2.${config.domain}`,
        reason: texts.reason ?? (broken ? 'certificate has expired (error 10)' : 'connection reset during handshake'),
        policy_string: texts.name === undefined ? policy : [texts.name],
        report_sha256: sha256(`${config.domain} ${day} ${reporter}`),
      };
      if (index % 3 !== 0 || reporter !== 'microsoft.com') return [entry];
      return [entry, { ...entry, policy_type: 'tlsa', successful: sessions, failed: 0, policy_string: null }];
    });
  });
}

/** The view that the store would give of these entries. */
function viewOf(
  config: DomainConfig,
  entries: readonly WorldEntry[],
): Pick<ReportsView, 'daily' | 'failing' | 'reporters'> {
  const { domain } = config;
  const daily = [...groups(entries, ({ day, policy_type }) => `${day} ${policy_type}`)].map(
    ([first, same]): DailySessions => {
      const { day, policy_type } = first;
      const reporters = new Set(same.map(({ reporter }) => reporter)).size;
      return {
        domain,
        day,
        policy_type,
        successful: sum(same, 'successful'),
        failed: sum(same, 'failed'),
        unknown_entries: 0,
        reporters,
      };
    },
  );
  const failing = entries
    .filter(({ failed }) => failed > 0)
    .map(
      ({
        day,
        policy_type,
        reporter,
        organization,
        successful,
        failed,
        result_type,
        mx,
        reason,
        report_sha256,
      }): FailingReporterDay => {
        const details = [{ result_type, mx, sessions: failed, reasons: [reason] }];
        return {
          domain,
          day,
          policy_type,
          reporter,
          organization_name: organization,
          successful,
          failed,
          details,
          report_sha256: [report_sha256],
        };
      },
    );
  const reporters = [...groups(entries, ({ reporter }) => reporter)].map(([first, same]): ReporterRecord => {
    const days = [...new Set(same.map(({ day }) => day))];
    const last = days.at(-1) ?? first.day;
    return {
      domain,
      reporter: first.reporter,
      organization_name: first.organization,
      days,
      volumes: days.map((on) =>
        sum(
          same.filter(({ day, policy_type }) => day === on && policy_type === 'sts'),
          'successful',
        ),
      ),
      last_received_at: `${addDays(last, 1)}T04:12:00Z` as Instant,
      totals: [...groups(same, ({ policy_type }) => policy_type)].map(([{ policy_type }, rows]) => ({
        policy_type,
        successful: sum(rows, 'successful'),
        failed: sum(rows, 'failed'),
      })),
      policy_string: first.policy_string,
      policy_string_day: last,
    };
  });
  return { daily, failing, reporters };
}

function* groups<T>(rows: readonly T[], key: (row: T) => string): Iterable<readonly [T, readonly T[]]> {
  for (const same of Map.groupBy(rows, key).values()) if (same[0] !== undefined) yield [same[0], same];
}

function sum(rows: readonly WorldEntry[], count: 'successful' | 'failed'): number {
  return rows.reduce((total, row) => total + row[count], 0);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A small generator with a seed: a test must be able to repeat what it saw. */
function mulberry32(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
