import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { BELIEVED_SQL, isBelieved, WORTH_ANOTHER_LOOK_SQL } from '#scripts/core/reports/acceptance.ts';
import type { DkimVerdict, ReportRow } from '#scripts/core/reports/rows.ts';

const PROVENANCES: readonly ReportRow['provenance'][] = ['mail', 'file', 'https'];
const VERDICTS: readonly DkimVerdict[] = [
  'pass',
  'misaligned',
  'fail',
  'none',
  'temporary',
  'unverifiable',
  'unchecked',
];

test('mail is believed with a valid, aligned signature only; a file is taken at its word; a post proves nothing', () => {
  for (const dkim of VERDICTS) {
    assert.deepEqual(
      PROVENANCES.map((provenance) => isBelieved({ provenance, dkim })),
      [dkim === 'pass', true, false],
      dkim,
    );
  }
});

test('the stored rows are judged by the same rule', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const provenance of PROVENANCES) {
    for (const dkim of VERDICTS) {
      const row = `(SELECT '${provenance}' AS provenance, '${dkim}' AS dkim)`;
      const result = await connection.runAndReadAll(`SELECT ${BELIEVED_SQL} FROM ${row}`);
      assert.equal(result.getRows()[0]?.[0], isBelieved({ provenance, dkim }), `${provenance} ${dkim}`);
    }
  }
  connection.closeSync();
});

test('worth another look: mail whose key could not be asked for, or whose domain became ours', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("CREATE TABLE managed AS SELECT 0 AS domain_index, 'example.com' AS domain");
  const isWorth = async (provenance: string, dkim: string, policyDomain: string, reportDomain: string) => {
    const row = `(SELECT '${provenance}' AS provenance, '${dkim}' AS dkim, '${policyDomain}' AS policy_domain, '${reportDomain}' AS report_domain)`;
    return (await connection.runAndReadAll(`SELECT ${WORTH_ANOTHER_LOOK_SQL} FROM ${row}`)).getRows()[0]?.[0];
  };
  assert.equal(await isWorth('mail', 'temporary', 'example.org', ''), true);
  assert.equal(await isWorth('mail', 'unchecked', 'example.com', ''), true);
  assert.equal(await isWorth('mail', 'unchecked', 'mx.example.net', 'example.com'), true);
  assert.equal(await isWorth('mail', 'unchecked', 'example.org', 'example.org'), false);
  assert.equal(await isWorth('mail', 'fail', 'example.com', ''), false);
  assert.equal(await isWorth('file', 'unchecked', 'example.com', ''), false);
  connection.closeSync();
});
