import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportDomain } from '#scripts/core/reports/attribution.ts';
import { implausibleStart, type ReportOrigin, reportRows } from '#scripts/core/reports/report-rows.ts';
import type { TlsReport, TlsReportPolicy } from '#scripts/standards/tls-rpt-report.ts';
import { instantOf } from '../../io/store/stored-rows.ts';

const policy: TlsReportPolicy = {
  policy_type: 'sts',
  policy_type_raw: null,
  policy_domain: 'example.com',
  policy_domain_from: 'report',
  policy_string: null,
  mx_host: null,
  successful_sessions: 1,
  failed_sessions: 0,
  failed_derived: false,
  failure_details: [],
  extra: null,
};

const report: TlsReport = {
  organization_name: 'Sender',
  contact_info: 'tls@sender.example',
  report_id: 'r1',
  start: '2026-11-18T22:00:00Z',
  end: '2026-11-19T22:00:00Z',
  policies: [policy],
  extra: null,
};

function rowsOf(
  changes: Partial<TlsReport>,
  envelope: ReportDomain | null = null,
  receivedAt = '2026-11-20T06:00:00Z',
) {
  const origin: ReportOrigin = {
    report_sha256: 'r',
    source_sha256: 's',
    source_reports: 1,
    report_key: 'k',
    reporter: 'sender.example',
    received_at: instantOf(receivedAt),
    received_order: 1,
    provenance: 'mail',
    signature: { dkim: 'pass', domain: 'sender.example', selector: 's1', key: 'p=A' },
    envelope,
    warnings: ['range-long'],
    strict: true,
  };
  return reportRows({ ...report, ...changes }, origin);
}

test('a row for each entry; the day is the UTC day of the start (RFC 8460 §4.1)', () => {
  const rows = rowsOf({ policies: [policy, { ...policy, policy_type: 'tlsa' }] });
  assert.deepEqual(
    rows.map(({ day, policy_index, policy_type }) => [day, policy_index, policy_type]),
    [
      ['2026-11-18', 0, 'sts'],
      ['2026-11-18', 1, 'tlsa'],
    ],
  );
});

test('a report without entries is one row', () => {
  const [row, ...more] = rowsOf({ policies: [], extra: { 'x-key': 1 } });
  assert.equal(more.length, 0);
  assert.deepEqual([row?.policy_index, row?.policy_type, row?.extra], [null, null, '{"report":{"x-key":1}}']);
});

test('unknown keys stay: of the report once, of each entry and detail where they stood', () => {
  const detail = {
    result_type: 'other' as const,
    result_type_raw: 'x',
    failed_sessions: 1,
    sending_mta_ip: null,
    receiving_ip: null,
    receiving_mx_hostname: null,
    receiving_mx_helo: null,
    additional_information: null,
    failure_reason_code: null,
    extra: { d: 1 },
  };
  const rows = rowsOf({
    extra: { r: 1 },
    policies: [
      { ...policy, extra: { p: 1 } },
      { ...policy, failure_details: [{ ...detail, extra: null }, detail] },
    ],
  });
  assert.deepEqual(
    rows.map(({ extra }) => extra),
    ['{"report":{"r":1},"policy":{"p":1}}', '{"failure-details":[null,{"d":1}]}'],
  );
  assert.equal('extra' in (rows[1]?.failure_details[1] ?? {}), false);
});

test('doubts that only the envelope and the clock show', () => {
  const warnings = (...args: Parameters<typeof rowsOf>) => rowsOf(...args)[0]?.warnings;
  assert.deepEqual(warnings({}), ['range-long']);
  assert.deepEqual(warnings({}, { value: 'example.com', from: 'header' }), ['range-long']);
  assert.deepEqual(warnings({}, { value: 'example.net', from: 'header' }), ['differs:header-domain', 'range-long']);
  assert.deepEqual(warnings({}, { value: 'example.net', from: 'filename' }), ['differs:filename-domain', 'range-long']);
  const onMx = { policies: [{ ...policy, policy_type: 'tlsa' as const, policy_domain: 'mx1.example.com' }] };
  assert.deepEqual(warnings(onMx, { value: 'example.com', from: 'header' }), ['range-long']);
  assert.deepEqual(warnings({}, null, '2026-11-17T00:00:00Z'), ['range-long']);
  assert.deepEqual(warnings({}, null, '2026-11-16T23:59:59Z'), ['range-future', 'range-long']);
});

test('years in which no report can have been made', () => {
  for (const [start, plausible] of [
    ['1999-12-31T23:59:59Z', false],
    ['2000-01-01T00:00:00Z', true],
    ['2099-12-31T00:00:00Z', true],
    ['2100-01-01T00:00:00Z', false],
    ['0001-01-01T00:00:00Z', false],
  ] as const) {
    assert.equal(implausibleStart({ ...report, start }) === null, plausible, start);
  }
});
