import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays, type Day, dayOf, type Instant, parseDay, parseInstant } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import type { Finding } from '#scripts/core/finding.ts';
import type { FailingReporterDay, FailureCount, ReporterRecord, ReportsView } from '#scripts/core/reports/view.ts';
import type { Review } from '#scripts/core/review.ts';
import { type DomainName, parseDomainName } from '#scripts/standards/domain-name.ts';
import { type MxPattern, parseMxPattern } from '#scripts/standards/mx-pattern.ts';

/** Small worlds: a configuration, what reporters said on which day, and the moment of the review. */

export const DOMAIN = domainName('example.com');
/** Saturday; reports up to 2026-11-19 are complete. */
export const NOW = instant('2026-11-21T06:00:00Z');

export function instant(text: string): Instant {
  return present(parseInstant(text), text);
}

export function day(text: string): Day {
  return present(parseDay(text), text);
}

export function domainName(text: string): DomainName {
  const parsed = parseDomainName(text);
  return present(parsed.ok ? parsed.value : null, text);
}

export function pattern(text: string): MxPattern {
  const parsed = parseMxPattern(text);
  return present(parsed.ok ? parsed.value : null, text);
}

function present<T>(value: T | null, text: string): T {
  if (value === null) throw new Error(`the test's own ${text} is not valid`);
  return value;
}

/** A domain in testing with two MX hosts of its own. */
export function config(changes: Partial<DomainConfig> = {}): DomainConfig {
  return {
    domain: DOMAIN,
    file: `domains/${changes.domain ?? DOMAIN}.yaml`,
    customer: null,
    mode: 'testing',
    mx: [pattern('mx1.example.com'), pattern('mx2.example.com')],
    max_age: 86_400,
    retire: false,
    same_as: null,
    hosting: null,
    dns: null,
    delegation: 'records',
    rua: ['mailto:tls-reports@example.com'],
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

/** What one reporter says of one day under one policy type. */
export interface Said {
  readonly domain?: string;
  readonly reporter: string;
  readonly organization_name?: string | null;
  readonly day: string;
  readonly policy_type?: string;
  /** Null = not said. */
  readonly successful: number | null;
  readonly failed?: number;
  readonly details?: readonly (readonly [
    result_type: string,
    mx: string | null,
    sessions: number,
    ...reasons: string[],
  ])[];
  readonly policy_string?: readonly string[];
}

/** The day, MX host and result type that examples are about when nothing else is said. */
export const DAY = '2026-11-18';
export const MX = 'mx1.example.com';

/** What one reporter says of `DAY` under `sts`: sessions that succeeded, then `[result type, MX host, failed sessions]`. */
export function says(reporter: string, successful: number | null, ...details: NonNullable<Said['details']>): Said {
  return { reporter, day: DAY, successful, details };
}

/** 30 of 100 sessions fail with one result type. */
export function fails(reporter: string, type: string, mx: string | null = MX): Said {
  return says(reporter, 70, [type, mx, 30]);
}

/** The same on another day, under another policy type, … */
export function but(changes: Partial<Said>, ...said: readonly Said[]): readonly Said[] {
  return said.map((one) => ({ ...one, ...changes }));
}

/** The same said of several days. */
export function onDays(days: readonly string[], said: Omit<Said, 'day'>): readonly Said[] {
  return days.map((one) => ({ ...said, day: one }));
}

/** Days from `from` to `to`, both included, as text. */
export function span(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let one = day(from); one <= day(to); one = addDays(one, 1)) days.push(one);
  return days;
}

interface Building extends Omit<ReporterRecord, 'days' | 'volumes' | 'totals'> {
  readonly days: Day[];
  readonly volumes: number[];
  readonly totals: { policy_type: string; successful: number; failed: number }[];
}

/** What the store would say of all this: counted by the same rules, in miniature. */
export function view(said: readonly Said[], now: Instant = NOW): ReportsView {
  const daily = new Map<
    string,
    {
      domain: string;
      day: Day;
      policy_type: string;
      successful: number;
      failed: number;
      unknown_entries: number;
      reporters: number;
    }
  >();
  const failing: FailingReporterDay[] = [];
  const reporters = new Map<string, Building>();
  for (const one of said) {
    const domain = one.domain ?? DOMAIN;
    const policy_type = one.policy_type ?? 'sts';
    const on = day(one.day);
    const details: FailureCount[] = (one.details ?? []).map(([result_type, mx, sessions, ...reasons]) => ({
      result_type,
      mx,
      sessions,
      reasons,
    }));
    const failed = one.failed ?? details.reduce((sum, { sessions }) => sum + sessions, 0);

    const key = `${domain} ${on} ${policy_type}`;
    const row = daily.get(key) ?? {
      domain,
      day: on,
      policy_type,
      successful: 0,
      failed: 0,
      unknown_entries: 0,
      reporters: 0,
    };
    daily.set(key, row);
    row.successful += one.successful ?? 0;
    row.failed += failed;
    row.unknown_entries += one.successful === null ? 1 : 0;
    row.reporters += 1;

    const organization_name = one.organization_name ?? null;
    const name = { domain, reporter: one.reporter, organization_name };
    if (failed > 0)
      failing.push({
        ...name,
        day: on,
        policy_type,
        successful: one.successful,
        failed,
        details,
        report_sha256: [`sha-${one.reporter}-${on}`],
      });

    const id = `${domain} ${one.reporter}`;
    const last_received_at = instant(`${addDays(on, 1)}T04:00:00Z`);
    const record: Building = reporters.get(id) ?? {
      ...name,
      days: [],
      volumes: [],
      last_received_at,
      totals: [],
      policy_string: null,
      policy_string_day: null,
    };
    const sessions = (one.successful ?? 0) + failed;
    const place = record.days.findIndex((known) => known >= on);
    const at = place === -1 ? record.days.length : place;
    if (record.days[at] === on) record.volumes[at] = Math.max(record.volumes[at] ?? 0, sessions);
    else {
      record.days.splice(at, 0, on);
      record.volumes.splice(at, 0, sessions);
    }
    const total = record.totals.find((each) => each.policy_type === policy_type);
    if (total === undefined) record.totals.push({ policy_type, successful: one.successful ?? 0, failed });
    else {
      total.successful += one.successful ?? 0;
      total.failed += failed;
    }
    const newer =
      one.policy_string !== undefined && (record.policy_string_day === null || on >= record.policy_string_day);
    const received = last_received_at > record.last_received_at ? last_received_at : record.last_received_at;
    reporters.set(id, {
      ...record,
      last_received_at: received,
      ...(newer ? { policy_string: one.policy_string ?? null, policy_string_day: on } : {}),
    });
  }
  return {
    from: addDays(dayOf(now), -89),
    to: dayOf(now),
    daily: [...daily.values()],
    failing,
    reporters: [...reporters.values()],
    apart: [],
    subdomains: [],
    warnings: [],
  };
}

export function reviewOf(said: readonly Said[], changes: Partial<DomainConfig> = {}, now: Instant = NOW): Review {
  return reviewDomains({ domains: [config(changes)], reports: view(said, now), now });
}

/** The findings about failures, without those about silence. */
export function failuresIn(
  said: readonly Said[],
  changes: Partial<DomainConfig> = {},
  now: Instant = NOW,
): readonly Finding[] {
  return reviewOf(said, changes, now).findings.filter(({ rule }) => rule !== 'reports-silent');
}

export function only<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined || values.length !== 1) throw new Error(`expected one value, got ${values.length}`);
  return value;
}
