import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { heldTlsa, managedTlsa, publishedTlsa } from '#scripts/core/dane/managed-records.ts';
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

test('a tool that keeps the zone holds what is due, else what stands there, and is told what nobody saw', () => {
  const dane = { managed: true, required: false, next_keys: [] };
  const values = (looks: readonly DaneLook[], underway: Parameters<typeof heldTlsa>[2] = null) => {
    const { records, unknown } = heldTlsa({ domain, dane }, looks, underway, NOW);
    return [...records.map(({ name, values: held }) => `${name} ${held.join(' + ')}`), ...unknown];
  };
  const due = [`_25._tcp.mx1.example.com 3 1 1 ${A}`, `_25._tcp.mx2.example.com 3 1 1 ${B}`];
  assert.deepEqual(values(LOOKS), due);
  // Never a new record in one change with the mode (rollout rules §5); what stands stays.
  assert.deepEqual(values(LOOKS, { triggers: ['mode'] }), due.slice(1));
  const blind = look('mx2.example.com', [`3 1 1 ${B}`], { '192.0.2.2': null });
  assert.deepEqual(values([blind]), due.slice(1));
  const old = { ...blind, at: instantOf(Date.parse('2026-02-20T00:00:00Z')) };
  assert.deepEqual(values([old]), due.slice(1));
  const { records: _, ...facts } = look('mx2.example.com', ['3 1 1 what'], { '192.0.2.2': B }).facts;
  assert.deepEqual(values([{ ...blind, facts: { ...facts, records: ['3 1 1 what'] } }]), [
    'the TLSA records of mx2.example.com were not seen',
  ]);
  assert.deepEqual(values([]), ['no probe has seen an MX host in the zone of example.com']);
  assert.deepEqual(heldTlsa({ domain, dane: { ...dane, managed: false } }, [], null, NOW), {
    records: [],
    unknown: [],
  });
});
