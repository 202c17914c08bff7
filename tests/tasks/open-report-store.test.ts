import assert from 'node:assert/strict';
import {
  appendFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Day, Instant } from '#scripts/core/clock.ts';
import { PieceJoin } from '#scripts/core/reports/join-pieces.ts';
import type { ReportRow } from '#scripts/core/reports/rows.ts';
import type { ReportsView } from '#scripts/core/reports/view.ts';
import { openDatabase } from '#scripts/io/store/duckdb.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { openReportStore } from '#scripts/tasks/open-report-store.ts';
import { pieceOf, plainVolumes } from '../core/reports/piece-of-view.ts';
import { dayOf, detailRow, instantOf, row, storeRows } from '../io/store/stored-rows.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-view-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const OURS = ['example.com', 'example.net'] as DomainName[];
const NOW = instantOf('2026-11-21T06:00:00Z');
let stores = 0;

function newStore(): string {
  stores += 1;
  return join(scratch, `data-${stores}`);
}

async function viewOf(data: string, now: Instant = NOW, from: Day = dayOf('2026-10-01')): Promise<ReportsView> {
  const store = await openReportStore(data);
  try {
    assert.deepEqual(store.unreadable, []);
    const view = await store.view({ domains: OURS, from, now });
    // As a list: two tables are equal to deepEqual, whatever they hold.
    return { ...view, daily: [...view.daily] };
  } finally {
    await store.close();
  }
}

async function countedOf(...rows: readonly ReportRow[]): Promise<ReportsView> {
  const data = newStore();
  await storeRows(data, rows);
  return viewOf(data);
}

const sessions = (view: ReportsView) =>
  [...view.daily].map(({ domain, day, policy_type, successful, failed }) => [
    domain,
    day,
    policy_type,
    successful,
    failed,
  ]);

test('a store that does not exist yet is an empty view', async () => {
  const view = await viewOf(newStore());
  assert.deepEqual(view, {
    from: '2026-10-01',
    to: '2026-11-21',
    daily: [],
    failing: [],
    reporters: [],
    apart: [],
    subdomains: [],
    warnings: [],
  });
});

test('what had to be repaired: by reporter and warning, each report once, over the months', async () => {
  const warned = (id: string, changes: Partial<ReportRow>) =>
    row({ report_sha256: id, report_key: `key ${id}`, source_sha256: `source ${id}`, report_id: id, ...changes });
  const both = ['alias:failure_details', 'missing:contact-info', 'missing:report-id'];
  const view = await countedOf(
    warned('a', { policy_index: 0, warnings: both }),
    warned('a', { policy_index: 1, warnings: both }),
    warned('b', {
      warnings: ['alias:mx-host-pattern'],
      day: dayOf('2026-10-30'),
      start_at: instantOf('2026-10-30T00:00:00Z'),
    }),
    warned('c', { warnings: ['bom'], reporter: 'other.example' }),
    warned('d', { warnings: ['utf-8'], provenance: 'mail', dkim: 'none' }),
    warned('g', { warnings: ["policy-type:'<b>'"] }),
    warned('e', { warnings: ['utf-8'], policy_domain: 'foreign.example', report_domain: null }),
    warned('f', {}),
  );
  const { reporter } = row({});
  assert.deepEqual(
    view.warnings.map((one) => [one.reporter, one.warning, one.reports]),
    [
      ['other.example', 'bom', 1],
      [reporter, 'alias:failure_details', 1],
      [reporter, 'alias:mx-host-pattern', 1],
      [reporter, 'missing:contact-info', 1],
      [reporter, 'missing:report-id', 1],
      // What the reporter wrote is not repeated.
      [reporter, 'policy-type', 1],
    ],
  );
});

test('one report: sessions of a domain and day under one policy type', async () => {
  const view = await countedOf(row({ failed_sessions: 2 }));
  assert.deepEqual(
    [...view.daily],
    [
      {
        domain: 'example.com',
        day: '2026-11-18',
        policy_type: 'sts',
        successful: 10,
        failed: 2,
        unknown_entries: 0,
        reporters: 1,
      },
    ],
  );
});

test('only believed reports count; the others stand apart', async () => {
  const verdicts = ['misaligned', 'fail', 'none', 'temporary', 'unverifiable', 'unchecked'] as const;
  const view = await countedOf(
    row({ id: 'good' }),
    row({ id: 'handed-over', provenance: 'file', dkim: 'unchecked', successful_sessions: 5 }),
    row({ id: 'posted', provenance: 'https', dkim: 'unchecked' }),
    ...verdicts.map((dkim) => row({ id: dkim, dkim, failed_sessions: 99 })),
  );
  assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'sts', 15, 0]]);
  assert.deepEqual(view.failing, []);
  assert.deepEqual(view.apart, [
    { domain: 'example.com', reason: 'unauthenticated', reports: 7, last_received_at: '2026-11-19T03:00:00Z' },
  ]);
});

test('names below ours that believed reports speak of, with their days and whether a policy was there', async () => {
  const below = (id: string, policy_domain: string, changes: Partial<ReportRow> = {}) =>
    row({ id, policy_domain, policy_type: 'no-policy-found', ...changes });
  const view = await countedOf(
    row({ id: 'ours' }),
    below('a', 'mail.example.com'),
    below('b', 'mail.example.com', { day: '2026-11-16' as Day, failed_sessions: 3 }),
    below('c', 'own.example.com', { policy_type: 'sts' }),
    below('d', 'notexample.com'),
    below('e', 'forged.example.com', { dkim: 'none' }),
  );
  assert.deepEqual(view.subdomains, [
    {
      name: 'mail.example.com',
      reports: 2,
      first_day: '2026-11-16',
      last_day: '2026-11-18',
      sessions: 23,
      has_policy: false,
    },
    {
      name: 'own.example.com',
      reports: 1,
      first_day: '2026-11-18',
      last_day: '2026-11-18',
      sessions: 10,
      has_policy: true,
    },
  ]);
});

test('an unsigned copy of a believed report is not taken for a forgery', async () => {
  const view = await countedOf(
    row({ id: 'r', source_sha256: 'unsigned', dkim: 'none', received_at: instantOf('2026-11-19T02:00:00Z') }),
    row({ id: 'r', source_sha256: 'signed' }),
  );
  assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'sts', 10, 0]]);
  assert.deepEqual(view.apart, []);
});

test('what was received after now is not there yet', async () => {
  const data = newStore();
  await storeRows(data, [row({ received_at: instantOf('2026-11-19T03:00:00Z') })]);
  assert.deepEqual([...(await viewOf(data, instantOf('2026-11-19T02:59:59Z'))).daily], []);
  assert.equal([...(await viewOf(data, instantOf('2026-11-19T03:00:00Z'))).daily].length, 1);
});

test('days outside the window are left out, its first and last day are in', async () => {
  const days = ['2026-09-30', '2026-10-01', '2026-10-31', '2026-11-01', '2026-11-21', '2026-11-22'];
  const view = await countedOf(...days.map((day) => row({ id: day, day: dayOf(day) })));
  assert.deepEqual(
    [...view.daily].map(({ day }) => day),
    days.slice(1, 5),
  );
  assert.deepEqual(view.reporters[0]?.days, days.slice(1, 5));
});

test('policy types are never added together (RFC 8460 §4)', async () => {
  const twice = { id: 'r', report_key: 'k' };
  const view = await countedOf(
    row({ ...twice, policy_index: 0, policy_type: 'sts', successful_sessions: 7 }),
    row({ ...twice, policy_index: 1, policy_type: 'tlsa', successful_sessions: 7 }),
  );
  assert.deepEqual(sessions(view), [
    ['example.com', '2026-11-18', 'sts', 7, 0],
    ['example.com', '2026-11-18', 'tlsa', 7, 0],
  ]);
});

test('a missing count is unknown, not zero', async () => {
  const view = await countedOf(
    row({ id: 'a', successful_sessions: null, failed_sessions: 3, failed_derived: true }),
    row({ id: 'b', failed_sessions: null }),
    row({ id: 'c' }),
  );
  assert.deepEqual(
    [...view.daily],
    [
      {
        domain: 'example.com',
        day: '2026-11-18',
        policy_type: 'sts',
        successful: 20,
        failed: 3,
        unknown_entries: 2,
        reporters: 1,
      },
    ],
  );
  assert.equal(view.failing[0]?.successful, null);
  assert.equal(view.failing[0]?.failed, 3);
});

test('of one identity the report received last counts; the other is a conflict', async () => {
  const early = row({ id: 'early', report_key: 'k', successful_sessions: 1 });
  const late = row({
    id: 'late',
    report_key: 'k',
    successful_sessions: 2,
    received_at: instantOf('2026-11-20T03:00:00Z'),
  });
  for (const order of [
    [early, late],
    [late, early],
  ]) {
    const view = await countedOf(...order);
    assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'sts', 2, 0]]);
    assert.deepEqual(view.apart, [
      { domain: 'example.com', reason: 'conflict', reports: 1, last_received_at: '2026-11-19T03:00:00Z' },
    ]);
  }
});

test('copies are found whatever the order of their entries, also beside many days of other reports', async () => {
  const entries = (id: string, domains: readonly [string, string], successful: number, received: string) =>
    domains.map((policy_domain, policy_index) =>
      row({
        id,
        report_key: 'k',
        policy_domain,
        policy_index,
        successful_sessions: successful,
        received_at: instantOf(received),
      }),
    );
  const others = ['2026-11-15', '2026-11-16', '2026-11-17'].map((day) =>
    row({ id: day, report_key: day, day: dayOf(day), successful_sessions: 7 }),
  );
  const view = await countedOf(
    ...others,
    ...entries('early', ['example.com', 'example.net'], 1, '2026-11-19T03:00:00Z'),
    ...entries('late', ['example.net', 'example.com'], 2, '2026-11-20T03:00:00Z'),
  );
  assert.deepEqual(
    sessions(view).filter(([, day]) => day === '2026-11-18'),
    [
      ['example.com', '2026-11-18', 'sts', 2, 0],
      ['example.net', '2026-11-18', 'sts', 2, 0],
    ],
  );
  assert.deepEqual(
    view.apart.map(({ domain, reason, reports }) => [domain, reason, reports]),
    [
      ['example.com', 'conflict', 1],
      ['example.net', 'conflict', 1],
    ],
  );
});

test('of several received at once the one read last counts, and before that the hash decides', async () => {
  const first = row({ id: 'z', report_key: 'k', received_order: 1, successful_sessions: 1 });
  const second = row({ id: 'a', report_key: 'k', received_order: 2, successful_sessions: 2 });
  assert.deepEqual(sessions(await countedOf(second, first)), [['example.com', '2026-11-18', 'sts', 2, 0]]);
  const same = { ...second, received_order: 1 };
  assert.deepEqual(sessions(await countedOf(same, first)), [['example.com', '2026-11-18', 'sts', 1, 0]]);
});

test('an unbelieved report never displaces a believed one, however late', async () => {
  const view = await countedOf(
    row({ id: 'signed', report_key: 'k' }),
    row({ id: 'forged', report_key: 'k', dkim: 'none', successful_sessions: 0, received_at: NOW }),
  );
  assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'sts', 10, 0]]);
  assert.deepEqual(
    view.apart.map(({ reason, reports }) => [reason, reports]),
    [['unauthenticated', 1]],
  );
});

test('a copied file doubles nothing', async () => {
  const data = newStore();
  await storeRows(data, [row({ policy_index: 0 }), row({ policy_index: 1, policy_type: 'tlsa' })]);
  const [part] = globSync('reports/*/*.parquet', { cwd: data });
  assert.ok(part);
  writeFileSync(join(data, 'reports/month=2026-11/copy.parquet'), readFileSync(join(data, part)));
  const view = await viewOf(data);
  assert.deepEqual(sessions(view), [
    ['example.com', '2026-11-18', 'sts', 10, 0],
    ['example.com', '2026-11-18', 'tlsa', 10, 0],
  ]);
  assert.deepEqual(view.apart, []);
});

test('failure details: categories may overlap, what they leave out is unspecified', async () => {
  const details = [
    detailRow('certificate-expired', { failed_sessions: 2, failure_reason_code: 'b' }),
    detailRow('certificate-expired', {
      failed_sessions: 1,
      failure_reason_code: 'a',
      receiving_mx_hostname: 'MX1.example.com',
    }),
    detailRow('validation-failure', { failed_sessions: 1, receiving_mx_hostname: null }),
  ];
  const view = await countedOf(row({ failed_sessions: 9, failure_details: details }));
  assert.deepEqual(view.failing, [
    {
      domain: 'example.com',
      day: '2026-11-18',
      policy_type: 'sts',
      reporter: 'r.example',
      organization_name: 'R Example',
      successful: 10,
      failed: 9,
      details: [
        { result_type: 'unspecified', mx: null, sessions: 5, reasons: [] },
        { result_type: 'certificate-expired', mx: 'mx1.example.com', sessions: 3, reasons: ['a', 'b'] },
        { result_type: 'validation-failure', mx: null, sessions: 1, reasons: [] },
      ],
      report_sha256: ['r1-report'],
    },
  ]);
});

test('details that add up to more than the total leave no remainder, and do not change the total (RFC 8460 §4)', async () => {
  const details = [detailRow('certificate-expired'), detailRow('certificate-not-trusted')];
  const view = await countedOf(row({ failed_sessions: 1, failure_details: details }));
  assert.equal([...view.daily][0]?.failed, 1);
  assert.deepEqual(
    view.failing[0]?.details.map(({ result_type, sessions: count }) => [result_type, count]),
    [
      ['certificate-expired', 1],
      ['certificate-not-trusted', 1],
    ],
  );
});

test('a summary without failures beside details that count some is not a success', async () => {
  const details = [
    detailRow('certificate-expired', { failed_sessions: 4 }),
    detailRow('tlsa-invalid', { failed_sessions: 2 }),
  ];
  const view = await countedOf(row({ failed_sessions: 0, failure_details: details }));
  assert.equal([...view.daily][0]?.failed, 4);
  assert.equal(view.failing[0]?.failed, 4);
});

test('a detail without a count is shown, and explains nothing', async () => {
  const details = [detailRow('certificate-expired', { failed_sessions: null })];
  const view = await countedOf(row({ failed_sessions: 3, failure_details: details }));
  assert.deepEqual(
    view.failing[0]?.details.map(({ result_type, sessions: count }) => [result_type, count]),
    [
      ['unspecified', 3],
      ['certificate-expired', 0],
    ],
  );
});

test('at most three distinct reasons, as sent', async () => {
  const details = ['d', 'c', 'b', 'a', 'a', '<b>\u001b[31m'].map((reason) =>
    detailRow('validation-failure', { failure_reason_code: reason }),
  );
  const view = await countedOf(row({ failed_sessions: 6, failure_details: details }));
  assert.deepEqual(view.failing[0]?.details[0]?.reasons, ['<b>\u001b[31m', 'a', 'b']);
});

test('several reports of a reporter on one day are one failing day, traced to the reports that fail', async () => {
  const view = await countedOf(
    row({ id: 'a', failed_sessions: 1 }),
    row({ id: 'b', failed_sessions: 2 }),
    row({ id: 'c', successful_sessions: 5 }),
  );
  const [failing] = view.failing;
  assert.deepEqual([failing?.successful, failing?.failed, failing?.report_sha256], [25, 3, ['a-report', 'b-report']]);
});

test('a tlsa entry that names the MX host counts for the domain its envelope names (RFC 8460 §1.1)', async () => {
  const mx = { policy_domain: 'mx1.example.com', report_domain: 'example.com' };
  const view = await countedOf(
    row({ id: 'tlsa', ...mx, policy_type: 'tlsa' }),
    row({ id: 'sts', ...mx, policy_type: 'sts' }),
    row({ id: 'foreign', ...mx, policy_type: 'tlsa', report_domain: 'example.org' }),
  );
  assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'tlsa', 10, 0]]);
  assert.deepEqual(
    view.apart.map(({ domain, reason, reports }) => [domain, reason, reports]),
    [[null, 'foreign', 2]],
  );
});

test('a report on ours and on a foreign domain is ours; reports on foreign ones only are foreign', async () => {
  const both = { id: 'both', report_key: 'both' };
  const view = await countedOf(
    row({ ...both, policy_index: 0 }),
    row({ ...both, policy_index: 1, policy_domain: 'example.org' }),
    row({ id: 'foreign', policy_domain: 'example.org', report_domain: 'example.org', dkim: 'unchecked' }),
  );
  assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'sts', 10, 0]]);
  assert.deepEqual(
    view.apart.map(({ domain, reason, reports }) => [domain, reason, reports]),
    [[null, 'foreign', 1]],
  );
});

test('a report without policy entries counts as received', async () => {
  const empty = {
    policy_index: null,
    policy_type: null,
    policy_domain: null,
    successful_sessions: null,
    failed_sessions: null,
  };
  const view = await countedOf(row(empty));
  assert.deepEqual([...view.daily], []);
  assert.deepEqual(view.reporters[0]?.days, ['2026-11-18']);
  assert.deepEqual(view.reporters[0]?.totals, []);
});

test('reporters: days, totals by policy type, newest name and sts policy, over months', async () => {
  const policy = (mx: string) => ['version: STSv1', `mx: ${mx}`];
  const october = dayOf('2026-10-30');
  const view = await countedOf(
    row({ id: 'a', day: october, policy_string: policy('old'), organization_name: 'Old Name', failed_sessions: 1 }),
    row({ id: 'b', day: dayOf('2026-11-02'), policy_string: policy('new') }),
    row({ id: 'c', day: dayOf('2026-11-03'), policy_string: null, organization_name: null }),
    row({
      id: 'd',
      day: dayOf('2026-11-03'),
      policy_type: 'tlsa',
      policy_string: ['3 1 1 ab'],
      successful_sessions: 3,
    }),
    row({
      id: 'e',
      reporter: 'a.example',
      policy_domain: 'example.net',
      received_at: instantOf('2026-11-20T01:02:03Z'),
    }),
  );
  assert.deepEqual(plainVolumes(view.reporters), [
    {
      domain: 'example.com',
      reporter: 'r.example',
      organization_name: 'R Example',
      days: ['2026-10-30', '2026-11-02', '2026-11-03'],
      volumes: [11, 10, 10],
      last_received_at: '2026-11-19T03:00:00Z',
      totals: [
        { policy_type: 'sts', successful: 30, failed: 1 },
        { policy_type: 'tlsa', successful: 3, failed: 0 },
      ],
      policy_string: policy('new'),
      policy_string_day: '2026-11-02',
      policies: [
        {
          policy_string: policy('new'),
          first_day: '2026-11-02',
          last_day: '2026-11-02',
          successful: 10,
          failed: 0,
        },
        { policy_string: policy('old'), first_day: '2026-10-30', last_day: '2026-10-30', successful: 10, failed: 1 },
      ],
    },
    {
      domain: 'example.net',
      reporter: 'a.example',
      organization_name: 'R Example',
      days: ['2026-11-18'],
      volumes: [10],
      last_received_at: '2026-11-20T01:02:03Z',
      totals: [{ policy_type: 'sts', successful: 10, failed: 0 }],
      policy_string: null,
      policy_string_day: null,
      policies: [],
    },
  ]);
});

test('texts of strangers come through whole: quotes, separators of ours, NUL, half a surrogate pair', async () => {
  const name = `O'Brien "quoted" \u001c\u001d\u001e\u001f\u001es \u0000 \ud800 Ünïcode 🙂`;
  const view = await countedOf(row({ organization_name: name, policy_string: [name] }));
  assert.equal(view.reporters[0]?.organization_name, name.toWellFormed());
  assert.deepEqual(view.reporters[0]?.policy_string, [name.toWellFormed()]);
});

test('a damaged file is named, and everything else still counts', async () => {
  const data = newStore();
  await storeRows(data, [row({ id: 'a', day: dayOf('2026-10-05') })]);
  await storeRows(data, [row({ id: 'b' })]);
  await storeRows(data, [row({ id: 'c', day: dayOf('2026-11-19') })]);
  const [october, november] = globSync('reports/*/*.parquet', { cwd: data }).sort();
  assert.ok(october && november);
  appendFileSync(join(data, october), 'x');
  const bytes = readFileSync(join(data, november));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(data, november), bytes);
  mkdirSync(join(data, 'reports/month=2026-12'));
  writeFileSync(join(data, 'reports/month=2026-12/notes.parquet'), 'PAR1');

  const store = await openReportStore(data);
  assert.deepEqual(
    store.unreadable.map(({ file }) => file),
    [october, november, 'reports/month=2026-12/notes.parquet'],
  );
  for (const { message } of store.unreadable) assert.ok(message.length > 10, message);
  const view = await store.view({ domains: OURS, from: dayOf('2026-10-01'), now: NOW });
  await store.close();
  assert.equal([...view.daily].length, 1);
});

test('a commit that was cut off while its files were moved is read where they stand', async () => {
  const data = newStore();
  await storeRows(data, [row({ id: 'a' }), row({ id: 'b', day: dayOf('2026-10-05') })]);
  mkdirSync(join(data, 'reports/.committed'));
  renameSync(join(data, 'reports/month=2026-10'), join(data, 'reports/.committed/month=2026-10'));
  assert.equal([...(await viewOf(data)).daily].length, 2);
});

test('ten thousand domains are asked at once', async () => {
  const data = newStore();
  await storeRows(data, [row()]);
  const store = await openReportStore(data);
  const domains = Array.from({ length: 10_000 }, (_, index) => `d${index}.example`);
  const view = await store.view({
    domains: [...domains, 'example.com'] as DomainName[],
    from: dayOf('2026-10-01'),
    now: NOW,
  });
  await store.close();
  assert.deepEqual(sessions(view), [['example.com', '2026-11-18', 'sts', 10, 0]]);
});

test('sessions are counted for each policy a reporter applied, over months', async () => {
  const testing = ['version: STSv1', 'mode: testing', 'mx: mx1.example.com', 'max_age: 86400'];
  const enforce = ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'max_age: 604800'];
  const view = await countedOf(
    row({ id: 'a', day: dayOf('2026-10-30'), policy_string: testing }),
    row({ id: 'b', day: dayOf('2026-11-02'), policy_string: testing, failed_sessions: 1 }),
    // Several policies in one report of one day (Google), and the same sessions under tlsa (Microsoft): never added.
    row({ id: 'c', day: dayOf('2026-11-03'), policy_string: testing, successful_sessions: 3 }),
    row({ id: 'c', day: dayOf('2026-11-03'), policy_index: 1, policy_string: enforce, successful_sessions: 7 }),
    row({ id: 'c', day: dayOf('2026-11-03'), policy_index: 2, policy_type: 'tlsa', policy_string: ['3 1 1 aa'] }),
  );
  assert.deepEqual(view.reporters[0]?.policies, [
    { policy_string: enforce, first_day: '2026-11-03', last_day: '2026-11-03', successful: 7, failed: 0 },
    { policy_string: testing, first_day: '2026-10-30', last_day: '2026-11-03', successful: 23, failed: 1 },
  ]);
  assert.deepEqual(
    sessions(view).filter(([, day]) => day === '2026-11-03'),
    [
      ['example.com', '2026-11-03', 'sts', 10, 0],
      ['example.com', '2026-11-03', 'tlsa', 10, 0],
    ],
  );
});

test('counted day by day and joined, it is what is counted at once: conflicts, copies and what stands apart too', async () => {
  const data = newStore();
  const days = ['2026-11-16', '2026-11-17', '2026-11-18'].map(dayOf);
  const rows = days.flatMap((day, index) => [
    row({ id: `a${day}`, day, policy_string: ['version: STSv1', `mode: ${index === 0 ? 'testing' : 'enforce'}`] }),
    row({ id: `a${day}`, day, report_sha256: `conflict-${day}`, source_sha256: `other-${day}`, received_order: 2 }),
    row({ id: `b${day}`, day, reporter: 's.example', failed_sessions: index, failure_details: [detailRow('other')] }),
    row({ id: `c${day}`, day, dkim: 'none' }),
    row({ id: `d${day}`, day, policy_domain: 'foreign.example' }),
    row({ id: `e${day}`, day, policy_type: 'tlsa', policy_domain: 'mx1.example.com' }),
  ]);
  await storeRows(data, rows);
  const store = await openReportStore(data);
  try {
    const query = { domains: OURS, now: NOW };
    const {
      from: _,
      to: __,
      ...whole
    } = await store.view({ ...query, from: dayOf('2026-11-16'), to: dayOf('2026-11-18') });
    const join = new PieceJoin(OURS);
    for (const day of days) join.add(pieceOf('2026-11', OURS, await store.view({ ...query, from: day, to: day })));
    const plain = (view: typeof whole) => ({
      ...view,
      daily: [...view.daily],
      reporters: plainVolumes(view.reporters),
    });
    assert.deepEqual(plain(join.view()), plain(whole));
    assert.equal(whole.apart.length, 3);
  } finally {
    await store.close();
  }
});

test('many reports are counted once, and again when a file, a domain or the moment is another', async () => {
  const data = newStore();
  const file = join(data, 'reports/month=2026-10/other-tool.parquet');
  const write = async (successful: number, mtime: Date): Promise<void> => {
    await storeRows(data, [row({ day: dayOf('2026-10-05'), received_at: instantOf('2026-10-06T03:00:00Z') })]);
    const [part = ''] = globSync(join(data, 'reports/month=2026-10/part-*.parquet'));
    const { connection, close } = await openDatabase();
    await connection.run(`COPY (
      SELECT * REPLACE (report_key || i AS report_key, ${successful} AS successful_sessions)
      FROM '${part}', range(120000) AS many(i)) TO '${file}' (FORMAT parquet)`);
    close();
    rmSync(part);
    utimesSync(file, mtime, mtime);
    // A file that was changed this very moment is not trusted to stay.
    await setTimeout(150);
  };
  const past = new Date(Date.now() - 60_000);
  await write(1, past);
  const first = await viewOf(data);
  assert.deepEqual(sessions(first), [['example.com', '2026-10-05', 'sts', 120_000, 0]]);
  assert.deepEqual(await viewOf(data), first);
  const store = await openReportStore(data);
  await store.keep([{ domains: OURS, from: dayOf('2026-10-01'), now: NOW }]);
  await store.close();
  assert.deepEqual(await viewOf(data), first, 'counted ahead, nothing is counted otherwise');
  assert.deepEqual(sessions(await viewOf(data, instantOf('2026-10-06T02:59:59Z'))), []);
  assert.deepEqual(sessions(await viewOf(data, NOW, dayOf('2026-10-06'))), []);
  await write(2, past);
  assert.deepEqual(sessions(await viewOf(data)), [['example.com', '2026-10-05', 'sts', 240_000, 0]]);
});
