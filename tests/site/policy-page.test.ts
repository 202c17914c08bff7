import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuredPolicy } from '#scripts/core/policy/hosted-policy.ts';
import type { MxPattern } from '#scripts/standards/mx-pattern.ts';
import { policyPage } from '#site/shared/view-models/policy-page.ts';
import { domainConfig } from './world.ts';

function pageOf(changes: Parameters<typeof domainConfig>[1]) {
  return policyPage(configuredPolicy(domainConfig(0, changes)));
}

test('enforce: what a sender checks, what it does when a check fails, how long it keeps the policy', () => {
  const page = pageOf({});
  assert.equal(
    page.headline,
    'Senders that support MTA-STS deliver mail to d00000.example over verified TLS, or not at all.',
  );
  assert.deepEqual(
    page.points.map(({ term, names }) => [term, names]),
    [
      ['Mode', ['enforce']],
      ['MX hosts', ['mx1.d00000.example', 'mx2.d00000.example']],
      ['Kept for', ['7 days']],
      ['A sender', []],
    ],
  );
  assert.match(page.points[0]?.text ?? '', /keeps the message in its queue and tries again later/);
});

test('testing: the same checks, and delivery all the same', () => {
  assert.match(pageOf({ mode: 'testing' }).points[0]?.text ?? '', /delivers all the same and may report/);
});

test('none and retiring ask for nothing and name no host', () => {
  for (const changes of [{ mode: 'none' as const }, { retire: true }]) {
    const page = pageOf(changes);
    assert.equal(page.mode, 'none');
    assert.deepEqual(
      page.points.map(({ term }) => term),
      ['Mode', 'Kept for'],
    );
  }
  assert.match(pageOf({ retire: true }).headline, /is being withdrawn/);
});

test('a wildcard is explained where there is one', () => {
  const hosts = (mx: readonly string[]) => pageOf({ mx: mx as readonly MxPattern[] }).points[1]?.text ?? '';
  assert.match(hosts(['*.example.net']), /of this name only\. The star stands for exactly one label\.$/);
  assert.doesNotMatch(hosts(['mx.example.net', 'mx2.example.net']), /star/);
});
