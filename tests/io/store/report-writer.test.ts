import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { ReportRow } from '#scripts/core/reports/rows.ts';
import { REPORT_COLUMNS } from '#scripts/io/store/report-columns.ts';
import { dayOf, detailRow, row, storeRows } from './stored-rows.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-writer-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
let stores = 0;
function newStore(): string {
  stores += 1;
  return join(scratch, `data-${stores}`);
}

async function query(data: string, select: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const rows = `read_parquet('${data}/reports/*/*.parquet', hive_partitioning = false)`;
  const result = await connection.runAndReadAll(select.replace('ROWS', rows));
  connection.closeSync();
  return result.getRowObjectsJson();
}

test('one file for each month, whose rows have the documented columns in order', async () => {
  const data = newStore();
  await storeRows(data, [
    row({ id: 'a' }),
    row({ id: 'b', day: dayOf('2026-10-31') }),
    row({ id: 'c', day: dayOf('2026-10-01') }),
  ]);
  const files = globSync('reports/*/*', { cwd: data }).sort();
  assert.deepEqual(
    files.map((file) => file.replace(/part-[0-9a-f]{32}/, 'part-*')),
    ['reports/month=2026-10/part-*.parquet', 'reports/month=2026-11/part-*.parquet'],
  );
  const described = await query(data, 'DESCRIBE FROM ROWS');
  assert.deepEqual(
    described.map(({ column_name, column_type }) => [column_name, column_type]),
    REPORT_COLUMNS.map(({ name, type }) => [name, type.replace(/(\w+) (VARCHAR|BIGINT)(?=[,)])/g, '$1 $2')]),
  );
});

test('the same rows make the same bytes, in whatever order they come', async () => {
  const rows = Array.from({ length: 500 }, (_, index) =>
    row({
      id: `r${index}`,
      day: dayOf(`2026-1${index % 2}-0${1 + (index % 9)}`),
      failure_details: [detailRow('certificate-expired')],
    }),
  );
  const bytesOf = async (ordered: readonly ReportRow[]) => {
    const data = newStore();
    await storeRows(data, ordered);
    return globSync('reports/*/*', { cwd: data })
      .sort()
      .map((file) => [file, readFileSync(join(data, file)).toString('hex')]);
  };
  assert.deepEqual(await bytesOf(rows.toReversed()), await bytesOf(rows));
});

test('every text comes back as it was, but for half surrogate pairs', async () => {
  const hostile = fc.string({
    unit: fc.oneof(
      fc.constantFrom('\u001d', '\u001e', '\u001f', '\u0000', 'e', 's', 'n', "'", '"', '\\', '\ud800', ','),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
    maxLength: 20,
  });
  const texts = fc.record({
    name: fc.option(hostile),
    strings: fc.option(fc.array(hostile, { minLength: 1, maxLength: 4 })),
    reason: fc.option(hostile),
    warnings: fc.array(hostile, { maxLength: 3 }),
    sessions: fc.option(fc.maxSafeNat()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 20 }), async (reports) => {
      const data = newStore();
      await storeRows(
        data,
        reports.map(({ name, strings, reason, warnings, sessions }, index) =>
          row({
            id: `r${String(index).padStart(3, '0')}`,
            organization_name: name,
            policy_string: strings,
            failure_details: [detailRow('other', { failure_reason_code: reason, failed_sessions: sessions })],
            warnings,
            successful_sessions: sessions,
          }),
        ),
      );
      const stored = await query(
        data,
        'SELECT organization_name, policy_string, failure_details[1].failure_reason_code AS reason, warnings, successful_sessions::VARCHAR AS sessions, failure_details[1].failed_sessions::VARCHAR AS failed FROM ROWS ORDER BY report_id',
      );
      const well = (text: string | null): string | null => text?.toWellFormed() ?? null;
      assert.deepEqual(
        stored,
        reports.map(({ name, strings, reason, warnings, sessions }) => ({
          organization_name: well(name),
          policy_string: strings?.map(well) ?? null,
          reason: well(reason),
          warnings: warnings.map(well),
          sessions: sessions === null ? null : String(sessions),
          failed: sessions === null ? null : String(sessions),
        })),
      );
    }),
    { numRuns: 25 },
  );
});
