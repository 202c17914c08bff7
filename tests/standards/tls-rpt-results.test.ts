import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPolicyType, isResultType, POLICY_TYPES, RESULT_TYPES } from '#scripts/standards/tls-rpt-results.ts';

test('the IANA registry of result types: the eleven of RFC 8460 §4.3, none added since', () => {
  assert.equal(new Set(RESULT_TYPES).size, 11);
  for (const type of RESULT_TYPES) assert.ok(isResultType(type));
});

test('look-alikes are other types', () => {
  for (const text of [
    'certificate_expired',
    'Certificate-Expired',
    'mx-mismatch',
    'starttls-stripped',
    '',
    'toString',
  ]) {
    assert.ok(!isResultType(text), text);
  }
});

test('the three policy types of RFC 8460 §4.4', () => {
  assert.deepEqual([...POLICY_TYPES].sort(), ['no-policy-found', 'sts', 'tlsa']);
  for (const text of ['dane', 'STS', 'no-policy', '']) assert.ok(!isPolicyType(text), text);
});
