import assert from 'node:assert/strict';
import { test } from 'node:test';
import { but, fails, failuresIn, only, type Said, says } from './world.ts';

const one = (type: string) => [fails('a.example', type)];
const two = (type: string) => [fails('a.example', type), fails('b.example', type)];
const aloneAmongClean = (type: string) => [...one(type), says('b.example', 100)];

test('severity: the playbook’s column, one lower for a single reporter, never below sev3', () => {
  const tlsa = { policy_type: 'tlsa' };
  const opportunistic = { policy_type: 'no-policy-found' };
  const table: Readonly<Record<string, readonly [testing: string, enforce: string, said: readonly Said[]]>> = {
    'expired certificate, two': ['sev2', 'sev1', two('certificate-expired')],
    'expired certificate, one': ['sev3', 'sev2', one('certificate-expired')],
    'STARTTLS, two': ['sev2', 'sev1', two('starttls-not-supported')],
    'STARTTLS, one sender’s own': ['sev3', 'sev3', aloneAmongClean('starttls-not-supported')],
    'host mismatch, one sender’s own': ['sev3', 'sev2', aloneAmongClean('certificate-host-mismatch')],
    'validation-failure, two': ['sev2', 'sev2', two('validation-failure')],
    'validation-failure, one': ['sev3', 'sev3', one('validation-failure')],
    'tlsa-invalid, two: DANE has no testing mode': ['sev1', 'sev1', but(tlsa, ...two('tlsa-invalid'))],
    'tlsa-invalid, one': ['sev2', 'sev2', but(tlsa, ...one('tlsa-invalid'))],
    'a certificate under tlsa is held whatever the mode': [
      'sev1',
      'sev1',
      but(tlsa, ...two('certificate-host-mismatch')),
    ],
    'dnssec-invalid, two, no probe': ['sev3', 'sev3', but(tlsa, ...two('dnssec-invalid'))],
    'dane-required, two, no probe': ['sev3', 'sev3', but(tlsa, ...two('dane-required'))],
    'opportunistic TLS': ['sev3', 'sev3', but(opportunistic, ...two('certificate-expired'))],
    'the policy that nobody found': ['sev2', 'sev1', but(opportunistic, ...two('sts-policy-fetch-error'))],
    'failures of several types': [
      'sev3',
      'sev2',
      [says('a.example', 0, ['other', null, 2], ['tlsa-invalid', null, 2])],
    ],
    'failures without details': ['sev3', 'sev2', [{ ...says('a.example', 0), failed: 30 }]],
    'an unregistered type': ['sev3', 'sev3', two('other')],
  };
  for (const [situation, [testing, enforce, said]] of Object.entries(table)) {
    assert.equal(only(failuresIn(said)).severity, testing, `${situation}, testing`);
    assert.equal(only(failuresIn(said, { mode: 'enforce' })).severity, enforce, `${situation}, enforce`);
  }
});

test('a retiring domain is judged by the policy that senders still have', () => {
  assert.equal(only(failuresIn(two('certificate-expired'), { mode: 'enforce', retire: true })).severity, 'sev1');
});
