import type { PieceFigures } from '#scripts/core/reports/piece-figures.ts';
import type { ReportsView } from '#scripts/core/reports/view.ts';

type Figures = Pick<ReportsView, 'daily' | 'failing' | 'reporters' | 'apart' | 'subdomains' | 'warnings'>;

/** What a view of days of one month says, as the columns it would have been joined from. */
export function pieceOf(month: string, domains: readonly string[], view: Partial<Figures>): PieceFigures {
  const { daily = [], failing = [], reporters = [], apart = [], subdomains = [], warnings = [] } = view;
  const policyTypes = ['no-policy-found', 'other', 'sts', 'tlsa'];
  const type = (name: string): number => policyTypes.indexOf(name);
  const domain = (name: string): number => domains.indexOf(name);
  const day = (text: string | null): number => (text === null ? 0 : Number(text.slice(8)));
  const policies = reporters.flatMap((one) => [
    one.policy_string ?? [],
    ...(one.policies ?? []).map((p) => p.policy_string),
  ]);
  const policy = (lines: readonly string[] | null): number =>
    lines === null ? -1 : policies.findIndex((one) => one.join('\n') === lines.join('\n'));
  const totals = reporters.flatMap((one, row) => one.totals.map((total) => ({ row, ...total })));
  const applied = reporters.flatMap((one, row) => (one.policies ?? []).map((each) => ({ row, ...each })));
  return {
    month,
    policyTypes,
    daily: {
      domain: Int32Array.from(daily, (row) => domain(row.domain)),
      day: Uint8Array.from(daily, (row) => day(row.day)),
      type: Uint8Array.from(daily, (row) => type(row.policy_type)),
      successful: Float64Array.from(daily, (row) => row.successful),
      failed: Float64Array.from(daily, (row) => row.failed),
      unknown: Int32Array.from(daily, (row) => row.unknown_entries),
      reporters: Int32Array.from(daily, (row) => row.reporters),
    },
    failing,
    reporters: {
      texts: {
        reporters: reporters.map((one) => one.reporter),
        organizations: reporters.map((one) => one.organization_name ?? ''),
        policies,
      },
      domain: Int32Array.from(reporters, (one) => domain(one.domain)),
      reporter: Int32Array.from(reporters, (_, row) => row),
      organization: Int32Array.from(reporters, (one, row) => (one.organization_name === null ? -1 : row)),
      policy: Int32Array.from(reporters, (one) => policy(one.policy_string)),
      policyDay: Uint8Array.from(reporters, (one) => day(one.policy_string_day)),
      lastReceived: Float64Array.from(reporters, (one) => Date.parse(one.last_received_at) / 1000),
      days: Uint32Array.from(reporters, (one) => one.days.reduce((bits, text) => bits | (1 << (day(text) - 1)), 0)),
      volumes: Float64Array.from(reporters.flatMap((one) => [...one.volumes])),
      totals: {
        row: Int32Array.from(totals, ({ row }) => row),
        type: Uint8Array.from(totals, (total) => type(total.policy_type)),
        successful: Float64Array.from(totals, (total) => total.successful),
        failed: Float64Array.from(totals, (total) => total.failed),
      },
      applied: {
        row: Int32Array.from(applied, ({ row }) => row),
        policy: Int32Array.from(applied, (one) => policy(one.policy_string)),
        first: Uint8Array.from(applied, (one) => day(one.first_day)),
        last: Uint8Array.from(applied, (one) => day(one.last_day)),
        successful: Float64Array.from(applied, (one) => one.successful),
        failed: Float64Array.from(applied, (one) => one.failed),
      },
    },
    apart,
    subdomains,
    warnings,
  };
}

/** Volumes as plain lists, to be compared: a view has them as parts of a longer one. */
export function plainVolumes(reporters: ReportsView['reporters']): ReportsView['reporters'] {
  return reporters.map((one) => ({ ...one, volumes: [...one.volumes] }));
}
