import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTlsReport, type TlsReportPolicy } from '#scripts/standards/tls-rpt-report.ts';
import { DAYS, EXAMPLE_DOMAINS } from './domains.ts';
import { reportOn } from './report.ts';
import { REPORTERS } from './reporters.ts';
import { renderReport } from './wire.ts';

/** Every report of the story before anything odd happens to it, read by the reader that Postern itself uses. */
const readings = EXAMPLE_DOMAINS.flatMap((domain) =>
  REPORTERS.flatMap((reporter) =>
    DAYS.flatMap((day) => {
      const report = reportOn(reporter, domain, day);
      if (report === null) return [];
      const reading = parseTlsReport(Buffer.from(renderReport(report.wire, reporter.json)));
      assert.ok(reading.ok, `${reporter.domain} on ${domain.domain}, ${day}`);
      return [{ domain: domain.domain, reporter: reporter.domain, day, reading, policies: reading.report.policies }];
    }),
  ),
);

test('all reports are to the letter of RFC 8460 §4.4, but for the habits that are there to be tolerated', () => {
  const habits = new Map<string, Set<string>>();
  for (const { reporter, reading } of readings) {
    const seen = habits.get(reporter) ?? new Set();
    for (const warning of reading.warnings) seen.add(warning);
    if (!reading.strict) seen.add('not strict');
    habits.set(reporter, seen);
  }
  assert.deepEqual(Object.fromEntries([...habits].map(([reporter, seen]) => [reporter, [...seen].sort()])), {
    'bigmail.example': [],
    'office.example': ['json-in-string:policy-string'],
    'posthof.example': ['missing:policy-domain', 'not strict'],
    'pochta.example': ['sum-differs'],
    'relay-co.example': ['not strict'],
  });
});

test('failures are those of the incidents, by domain, day, type and reporter', () => {
  const seen = new Map<string, string[]>();
  for (const { domain, reporter, day, policies } of readings) {
    for (const { policy_type, failed_sessions, failure_details } of policies) {
      if (failed_sessions === 0) continue;
      assert.ok(failure_details.length > 0, 'every failure is explained');
      const types = new Set(failure_details.map(({ result_type }) => result_type));
      for (const type of types) {
        const key = `${domain} ${day} ${policy_type} ${type}`;
        seen.set(key, [...(seen.get(key) ?? []), reporter.replace('.example', '')]);
      }
    }
  }
  assert.deepEqual([...seen].map(([key, reporters]) => `${key}: ${reporters.join(' ')}`).sort(), [
    'example.com 2026-10-12 sts certificate-expired: bigmail office pochta relay-co',
    'example.com 2026-10-13 sts certificate-expired: bigmail office pochta relay-co',
    'example.com 2026-10-14 sts certificate-expired: bigmail office pochta relay-co',
    'example.com 2026-11-17 sts starttls-not-supported: pochta',
    'example.com 2026-11-18 sts starttls-not-supported: pochta',
    'example.com 2026-11-19 sts starttls-not-supported: pochta',
    'example.com 2026-11-20 sts starttls-not-supported: pochta',
    'example.net 2026-10-07 no-policy-found validation-failure: bigmail',
    'example.net 2026-11-05 sts sts-policy-fetch-error: bigmail office pochta',
    'example.net 2026-11-06 sts sts-policy-fetch-error: bigmail office pochta',
    'example.net 2026-11-09 sts validation-failure: pochta',
    'example.net 2026-11-12 sts validation-failure: relay-co',
    'example.net 2026-11-14 sts validation-failure: bigmail',
  ]);
});

test('the certificate incident grows before it is mended, and DANE senders do not mind it', () => {
  const failed = (day: string): number =>
    sum(readings.filter((one) => one.domain === 'example.com' && one.day === day).flatMap(({ policies }) => policies));
  assert.equal(failed('2026-10-11'), 0);
  assert.ok(failed('2026-10-12') < failed('2026-10-13') && failed('2026-10-14') < failed('2026-10-13'));
  assert.equal(failed('2026-10-15'), 0);
  const tlsa = readings.flatMap(({ policies }) => policies).filter(({ policy_type }) => policy_type === 'tlsa');
  assert.ok(tlsa.length > 0);
  assert.equal(sum(tlsa), 0);
});

test('the open incident is of one network of one sender at one MX', () => {
  const details = readings
    .filter(({ reporter, day }) => reporter === 'pochta.example' && day >= '2026-11-17')
    .flatMap(({ policies }) => policies.flatMap(({ failure_details }) => failure_details));
  assert.deepEqual(new Set(details.map((detail) => detail.receiving_mx_hostname)), new Set(['mx1.example.com']));
  for (const { sending_mta_ip } of details) assert.match(sending_mta_ip ?? '', /^198\.51\.100\.9[78]$/);
});

test('senders apply a changed policy from the day they learn of it, two policies on that day', () => {
  const modes = (domain: string, reporter: string, day: string): readonly string[] =>
    readings
      .filter((one) => one.domain === domain && one.reporter === reporter && one.day === day)
      .flatMap(({ policies }) => policies.map(({ policy_string }) => policy_string?.[1] ?? 'none found'));
  assert.deepEqual(modes('example.net', 'bigmail.example', '2026-11-02'), ['none found']);
  assert.deepEqual(modes('example.net', 'bigmail.example', '2026-11-03'), ['none found', 'mode: testing']);
  assert.deepEqual(modes('example.net', 'pochta.example', '2026-11-05'), ['mode: testing', 'none found']);
  assert.deepEqual(modes('example.net', 'office.example', '2026-11-07'), ['mode: testing']);
  assert.deepEqual(modes('example.org', 'pochta.example', '2026-11-13'), ['mode: enforce']);
  assert.deepEqual(modes('example.org', 'pochta.example', '2026-11-14'), ['mode: enforce', 'mode: none']);
  assert.deepEqual(modes('example.org', 'bigmail.example', '2026-11-10'), ['mode: none']);
});

test('Relay Co is silent at weekends', () => {
  const days = new Set(readings.filter(({ reporter }) => reporter === 'relay-co.example').map(({ day }) => day));
  const weekdays = DAYS.filter((day) => ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()));
  assert.deepEqual([...days].sort(), weekdays);
});

function sum(policies: readonly TlsReportPolicy[]): number {
  return policies.reduce((total, { failed_sessions }) => total + (failed_sessions ?? 0), 0);
}
