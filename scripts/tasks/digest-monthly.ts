import { join, relative } from 'node:path';
import { addDays, dayOf, type Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { differences } from '../core/month/difference.ts';
import { firstDay, freezableFrom, type Month, monthsDue, parseMonth } from '../core/month/period.ts';
import { restatementText } from '../core/month/restatement.ts';
import {
  listFrozenMonths,
  monthFolder,
  monthsWithRows,
  newestStatement,
  readManifestText,
  sha256Of,
} from '../io/evidence/month-folders.ts';
import { writeText } from '../io/files/write-text.ts';
import { headCommit } from '../io/git/repository.ts';
import { lockStore } from '../io/store/run-lock.ts';
import type { DomainName } from '../standards/domain-name.ts';
import { recordTaskRun } from './checkpoint.ts';
import { domainsWithLedger } from './ledger.ts';
import { loadConfiguration } from './load-configuration.ts';
import { deriveMonth } from './month/derive-month.ts';
import { writeEvidence } from './month/evidence-bundle.ts';
import { freezeMonth } from './month/freeze-month.ts';
import { monthChanges } from './month/month-changes.ts';
import { monthIncidents } from './month/month-incidents.ts';

export interface MonthlyResult {
  /** Written in this run, relative to the root where they lie in it. */
  readonly files: readonly string[];
  /** The month is not mailed. */
  readonly sent: readonly string[];
  /** The manifest of the newest month that was asked for; null when none was due. */
  readonly manifest: string | null;
  /** Frozen in this run. */
  readonly frozen: readonly string[];
  /** Frozen before, and stated anew because later reports changed them. */
  readonly restated: readonly string[];
}

/** Months after which late reports no longer restate: senders try for a day, not for a quarter. */
const RESTATED_MONTHS = 3;

/**
 * Freezes the named month, or all that are due, oldest first, and writes their evidence bundles. A frozen month is never
 * written again; where later reports changed its figures, a dated restatement is put beside it.
 * Throws `month-open`, `month-unknown`, `month-order` (exit 2).
 */
export async function digestMonthly(options: {
  readonly root: string;
  readonly data: string;
  readonly out: string;
  readonly period: string | null;
  readonly now: Instant;
  readonly version: string;
  readonly dry_run: boolean;
  /** Also print the report, where there is a Chromium. */
  readonly pdf: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}): Promise<MonthlyResult> {
  const { root, data, out, now, version, dry_run, pdf, environment, progress } = options;
  const { settings, domains: configured } = await loadConfiguration(root);
  if (settings === null) {
    const hint = 'npx postern check tells every problem';
    throw new PosternError('configuration-invalid', 'the settings cannot be used', { hint, exit: 2 });
  }
  const domains = domainsOf(
    data,
    configured.map(({ domain }) => domain),
  );
  const frozenBefore = listFrozenMonths(data) as readonly Month[];
  const months = wanted(options.period, frozenBefore, monthsWithRows(data) as ReadonlySet<Month>, now);
  const due = months.filter((month) => !frozenBefore.includes(month));
  if (dry_run) return { files: [], sent: [], manifest: null, frozen: due, restated: [] };

  const unlock = lockStore(data);
  const files: string[] = [];
  try {
    for (const period of due) {
      progress(`freezing ${period}`);
      await freezeMonth({
        data,
        period,
        domains,
        organisation: settings.organisation,
        now,
        version,
        commit: await headCommit(root),
        changes: await monthChanges({ root, period, environment }),
        incidents: monthIncidents(data, period),
      });
      files.push(join(monthFolder(data, period), 'manifest.json'));
    }
    const restated = await restate({
      data,
      months: restatable(frozenBefore, settings.retention.detail_days, now),
      now,
    });
    files.push(...restated.map(({ file }) => file));
    for (const period of months) files.push(...(await writeEvidence({ data, out, period, pdf, progress })));
    recordTaskRun(data, 'digest-monthly', now, true);
    const newest = months.at(-1);
    return {
      files: files.map((file) => shortName(root, file)),
      sent: [],
      manifest: newest === undefined ? null : shortName(root, join(monthFolder(data, newest), 'manifest.json')),
      frozen: due,
      restated: restated.map(({ period }) => period),
    };
  } finally {
    unlock();
  }
}

/** Those configured now, and those that ever published: a retired domain is part of the month it was retired in. */
function domainsOf(data: string, configured: readonly DomainName[]): readonly DomainName[] {
  return [...new Set([...configured, ...domainsWithLedger(data)])].sort();
}

function wanted(
  period: string | null,
  frozen: readonly Month[],
  withRows: ReadonlySet<Month>,
  now: Instant,
): readonly Month[] {
  const due = monthsDue({ frozen, withRows, now });
  if (period === null) return due;
  const month = parseMonth(period);
  if (month === null) {
    const hint = 'write it like --period 2026-10';
    throw new PosternError('month-unknown', `${JSON.stringify(period)} is no month`, { hint, exit: 2 });
  }
  if (frozen.includes(month)) return [month];
  if (dayOf(now) < freezableFrom(month)) {
    throw new PosternError('month-open', `${month} cannot be frozen before ${freezableFrom(month)}`, {
      hint: 'reports of its last day may still arrive until then (RFC 8460 §5.5)',
      exit: 2,
    });
  }
  const newest = frozen.at(-1);
  if (newest !== undefined && month < newest) {
    throw new PosternError('month-order', `${newest} is frozen already, and ${month} lies before it`, {
      hint: 'each month names the one before, so they are frozen in order; an earlier one cannot be put in between',
      exit: 2,
    });
  }
  // Everything that is due before it comes first: the chain has no gap.
  return [...due.filter((one) => one < month), month];
}

/** The newest frozen months whose rows are all still kept: where retention has begun, the store no longer tells the whole month. */
function restatable(frozen: readonly Month[], detailDays: number, now: Instant): readonly Month[] {
  const kept = addDays(dayOf(now), -detailDays);
  return frozen.slice(-RESTATED_MONTHS).filter((month) => firstDay(month) >= kept);
}

async function restate(options: {
  readonly data: string;
  readonly months: readonly Month[];
  readonly now: Instant;
}): Promise<readonly { readonly period: string; readonly file: string }[]> {
  const { data, months, now } = options;
  const restated: { period: string; file: string }[] = [];
  for (const period of months) {
    const statement = newestStatement(data, period);
    const stated = statement.figures as { readonly domains: readonly { readonly domain: DomainName }[] };
    const domains = stated.domains.map(({ domain }) => domain);
    const { figures, unreadable } = await deriveMonth(data, { period, domains, known: now });
    // A damaged file would look like reports that were taken back.
    if (unreadable > 0) continue;
    const found = differences(stated, JSON.parse(JSON.stringify(figures)), 1000);
    if (found.length === 0) continue;
    const file = join(monthFolder(data, period), 'restatements', `${dayOf(now)}.json`);
    const manifest_sha256 = sha256Of(readManifestText(data, period) ?? '');
    const text = restatementText({
      format: 'postern-restatement-1',
      period,
      restated_at: now,
      manifest_sha256,
      differences: found,
      figures,
    });
    if (writeText(file, text)) restated.push({ period, file });
  }
  return restated;
}

function shortName(root: string, file: string): string {
  const short = relative(root, file);
  return short.startsWith('..') ? file : short;
}
