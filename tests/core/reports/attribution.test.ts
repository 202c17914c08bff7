import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainOf, reportDomainOf } from '#scripts/core/reports/attribution.ts';

const MANAGED = new Set(['example.com', 'example.net']);

test('the envelope: header first, then the file name (RFC 8460 §5.1, §5.3)', () => {
  const cases: readonly (readonly [string | null, string | null, unknown])[] = [
    ['example.com', null, { value: 'example.com', from: 'header' }],
    [' Example.COM. ', 'a.example!example.net!1!2.json.gz', { value: 'example.com', from: 'header' }],
    [null, 'a.example!example.net!1!2.json.gz', { value: 'example.net', from: 'filename' }],
    [null, 'a.example!example.net!1!2!001.json', { value: 'example.net', from: 'filename' }],
    [null, 'a.example!EXAMPLE.net!1!2.zip', { value: 'example.net', from: 'filename' }],
    ['not a host', 'a.example!example.net!1!2.json', { value: 'example.net', from: 'filename' }],
    [null, 'report.json', null],
    [null, 'a!../../etc!1!2.json', null],
    [null, 'a!example.com!x!y.json', null],
    ['', null, null],
    [null, null, null],
    ['x'.repeat(5000), null, null],
  ];
  for (const [header, name, expected] of cases)
    assert.deepEqual(reportDomainOf(header, name), expected, `${header} ${name}`);
});

test('an entry counts for its policy domain; tlsa on an MX host and an empty report go by the envelope', () => {
  const cases: readonly (readonly [string | null, string | null, string | null, string | null])[] = [
    ['sts', 'example.com', 'example.net', 'example.com'],
    ['tlsa', 'example.com', 'example.net', 'example.com'],
    ['tlsa', 'mx1.example.com', 'example.net', 'example.net'],
    ['sts', 'mx1.example.com', 'example.net', null],
    ['sts', null, 'example.net', null],
    [null, null, 'example.net', 'example.net'],
    [null, null, 'example.org', null],
    ['tlsa', 'mx1.example.org', null, null],
  ];
  for (const [policy_type, policy_domain, report_domain, expected] of cases) {
    const entry = { policy_type, policy_domain, report_domain };
    assert.equal(domainOf(entry, MANAGED), expected, JSON.stringify(entry));
  }
});
