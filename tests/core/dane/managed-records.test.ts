import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { managedTlsa, publishedTlsa } from '#scripts/core/dane/managed-records.ts';
import type { DaneLook } from '#scripts/core/dane/tlsa-view.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';

const NOW = instantOf(Date.parse('2026-03-01T00:00:00Z'));
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];

function look(subject: string, records: readonly string[], keys: Readonly<Record<string, string | null>>): DaneLook {
  const facts = { signed: true, base: subject, ttl: 300, records, keys };
  return {
    at: NOW,
    vantage: 'test',
    domain: 'example.com',
    kind: 'dane',
    subject,
    address: null,
    outcome: 'ok',
    code: 'ok',
    facts,
  };
}

const LOOKS = [
  look('mx2.example.com', [`3 1 1 ${B}`], { '192.0.2.2': B }),
  look('mx1.example.com', [], { '192.0.2.1': A }),
  look('mx.provider.net', [], { '192.0.2.3': A }),
];
const domain = 'example.com' as DomainName;

test('only where it is asked for, and only hosts of the domain itself', () => {
  const dane = { managed: true, required: false, next_keys: [] };
  const plans = managedTlsa({ domain, dane }, LOOKS, NOW);
  assert.deepEqual(
    plans.map(({ host, step }) => [host, step]),
    [
      ['mx1.example.com', 'publish'],
      ['mx2.example.com', 'steady'],
    ],
  );
  assert.deepEqual(plans[0]?.records, {
    name: '_25._tcp.mx1.example.com',
    type: 'TLSA',
    ttl: 3600,
    values: [`3 1 1 ${A}`],
    seen: [],
  });
  assert.deepEqual(managedTlsa({ domain, dane: { ...dane, managed: false } }, LOOKS, NOW), []);
});

test('what stands at a name is what probes saw there', () => {
  assert.deepEqual(publishedTlsa('_25._tcp.mx2.example.com', LOOKS), [`3 1 1 ${B}`]);
  assert.deepEqual(publishedTlsa('_25._tcp.mx1.example.com', LOOKS), []);
  assert.equal(publishedTlsa('_25._tcp.mx9.example.com', LOOKS), null);
});
