import type { DomainReports } from '#scripts/core/analysis/reports-by-domain.ts';
import { compare } from '#scripts/core/analysis/reports-by-domain.ts';
import type { Day } from '#scripts/core/clock.ts';
import { plainText } from '#scripts/core/plain-text.ts';
import { policyTypesOf } from '#scripts/core/reports/policy-types.ts';
import type { FailingReporterDay } from '#scripts/core/reports/view.ts';
import type { Redaction } from './redaction.ts';
import { hostNameOf } from './senders.ts';
import { number, shortDay } from './words.ts';

/** Failed sessions of one policy type in the window, three ways. The three do not add up: categories overlap (RFC 8460 §4). */
export interface FailureTables {
  readonly policy_type: string;
  readonly failed: string;
  readonly types: readonly TypeRow[];
  readonly reporters: readonly NamedCount[];
  readonly hosts: readonly NamedCount[];
}

/** One result type at one reporter on one MX host. */
interface TypeRow {
  readonly result_type: string;
  /** Rows of this type, told by its first row; null in the others. */
  readonly rows: number | null;
  readonly reporter: string;
  /** Its name, where the explorer can be asked for it. */
  readonly host: string | null;
  /** Null = the report names none. */
  readonly mx: string | null;
  readonly sessions: string;
  readonly days: string;
  readonly span: string;
  /** As sent, at most three; one that stands in a row above for the same type is not repeated. */
  readonly reasons: readonly string[];
}

interface NamedCount {
  readonly name: string | null;
  readonly sessions: string;
  readonly days: string;
}

interface Sum {
  readonly result_type: string;
  readonly reporter: string;
  readonly mx: string | null;
  sessions: number;
  readonly days: Set<Day>;
  readonly reasons: Set<string>;
}

const MAX_NAME = 120;

export function failureTables(reports: DomainReports, redact: Redaction): readonly FailureTables[] {
  const failing = reports.failing.filter(({ failed }) => failed > 0);
  return policyTypesOf(failing).map((type) =>
    tablesOf(
      type,
      failing.filter(({ policy_type }) => policy_type === type),
      redact,
    ),
  );
}

function tablesOf(policyType: string, rows: readonly FailingReporterDay[], redact: Redaction): FailureTables {
  const sums = new Map<string, Sum>();
  for (const row of rows) {
    const named = row.details.reduce((total, { sessions }) => total + sessions, 0);
    const rest = { result_type: 'unspecified', mx: null, sessions: row.failed - named, reasons: [] };
    for (const detail of rest.sessions > 0 ? [...row.details, rest] : row.details) add(sums, row, detail);
  }
  const sorted = byType([...sums.values()]);
  const name = (text: string) => redact.text(text, MAX_NAME);
  return {
    policy_type: policyType,
    failed: number(rows.reduce((total, { failed }) => total + failed, 0)),
    types: sorted.map((sum, index) => ({
      result_type: plainText(sum.result_type, 60),
      rows:
        sorted[index - 1]?.result_type === sum.result_type
          ? null
          : sorted.filter(({ result_type }) => result_type === sum.result_type).length,
      reporter: name(sum.reporter),
      host: sum.result_type === 'unspecified' ? null : hostNameOf(sum.reporter),
      mx: sum.mx === null ? null : name(sum.mx),
      sessions: number(sum.sessions),
      days: number(sum.days.size),
      span: spanOf(sum.days),
      reasons: redact.on ? [] : newReasons(sum, sorted.slice(0, index)),
    })),
    reporters: named(rows, (row) => [[row.reporter, row.failed]], name),
    hosts: named(rows, (row) => row.details.map(({ mx, sessions }) => [mx, sessions]), name),
  };
}

function add(sums: Map<string, Sum>, row: FailingReporterDay, detail: FailingReporterDay['details'][number]): void {
  const key = JSON.stringify([detail.result_type, row.reporter, detail.mx]);
  let sum = sums.get(key);
  if (sum === undefined) {
    sum = {
      result_type: detail.result_type,
      reporter: row.reporter,
      mx: detail.mx,
      sessions: 0,
      days: new Set(),
      reasons: new Set(),
    };
    sums.set(key, sum);
  }
  sum.sessions += detail.sessions;
  sum.days.add(row.day);
  for (const reason of detail.reasons) sum.reasons.add(reason);
}

/** Types by their sessions, then rows by theirs; the rest by name, so that the order is the same every time. */
function byType(sums: readonly Sum[]): readonly Sum[] {
  const ofType = new Map<string, number>();
  for (const { result_type, sessions } of sums) ofType.set(result_type, (ofType.get(result_type) ?? 0) + sessions);
  return [...sums].sort(
    (a, b) =>
      (ofType.get(b.result_type) ?? 0) - (ofType.get(a.result_type) ?? 0) ||
      compare(a.result_type, b.result_type) ||
      b.sessions - a.sessions ||
      compare(a.reporter, b.reporter) ||
      compare(a.mx ?? '', b.mx ?? ''),
  );
}

function newReasons(sum: Sum, above: readonly Sum[]): readonly string[] {
  const told = new Set(
    above.filter(({ result_type }) => result_type === sum.result_type).flatMap(({ reasons }) => [...reasons]),
  );
  return [...sum.reasons]
    .filter((reason) => !told.has(reason))
    .slice(0, 3)
    .map((reason) => plainText(reason, 300));
}

function named(
  rows: readonly FailingReporterDay[],
  counts: (row: FailingReporterDay) => readonly (readonly [string | null, number])[],
  name: (text: string) => string,
): readonly NamedCount[] {
  const sums = new Map<string | null, { sessions: number; readonly days: Set<Day> }>();
  for (const row of rows) {
    for (const [key, sessions] of counts(row)) {
      const sum = sums.get(key) ?? { sessions: 0, days: new Set() };
      sum.sessions += sessions;
      sum.days.add(row.day);
      sums.set(key, sum);
    }
  }
  return [...sums]
    .sort(([a, m], [b, n]) => n.sessions - m.sessions || compare(a ?? '', b ?? ''))
    .map(([key, { sessions, days }]) => ({
      name: key === null ? null : name(key),
      sessions: number(sessions),
      days: number(days.size),
    }));
}

function spanOf(days: ReadonlySet<Day>): string {
  const sorted = [...days].sort(compare);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return '';
  return first === last ? shortDay(first) : `${shortDay(first)} – ${shortDay(last)}`;
}
