import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { policyJson, reportJson } from '../io/mail/report-mail.ts';
import { newWorld } from './ingest-world.ts';

/* Reports as nobody has sent them yet: each is stored with everything it says, or kept in quarantine; again changes nothing. */

const world = newWorld();
after(() => world.remove());

const MARK = 'kept-as-sent';
const detail = { 'result-type': 'certificate-expired', 'failed-session-count': 3 };
const policy = (changes: Readonly<Record<string, unknown>>) => ({ policies: [policyJson('example.com', changes)] });

/** Reports that say MARK somewhere; wherever it stands, it must be found again in the store or in the quarantine. */
const ODD: readonly Readonly<Record<string, unknown>>[] = [
  { 'organization-name': MARK },
  { 'organization-name': { nested: MARK } },
  { 'organization-name': [MARK] },
  { 'contact-info': { mail: MARK } },
  { 'contact-info': [MARK, null] },
  { 'report-id': { id: MARK } },
  { 'report-id': 1e300, x: MARK },
  { 'report-id': null, x: MARK },
  { 'report-id': '', x: MARK },
  { 'date-range': { 'start-datetime': '2026-11-18T00:00:00', 'end-datetime': '2026-11-18T23:59:59', x: MARK } },
  { 'date-range': { 'start-datetime': '2026-11-18', 'end-datetime': '2026-11-19', x: MARK } },
  { 'date-range': { 'start-datetime': '2026-11-19T00:00:00Z', 'end-datetime': '2026-11-18T00:00:00Z', x: MARK } },
  { 'date-range': { 'start-datetime': '2025-11-19T00:00:00Z', 'end-datetime': '2026-11-18T00:00:00Z', x: MARK } },
  { 'date-range': { 'start-datetime': 1_763_424_000, 'end-datetime': 1_763_510_399, x: MARK } },
  { 'date-range': [MARK] },
  { 'date-range': MARK },
  { 'date-range': null, x: MARK },
  { policies: null, x: MARK },
  { policies: [], x: MARK },
  { policies: {}, x: MARK },
  { policies: [MARK] },
  { policies: MARK },
  { policies: [[policyJson('example.com', {})], MARK] },
  { policies: JSON.stringify([{ policy: { 'policy-domain': 'example.com' }, x: MARK }]) },
  { policies: [{ policy: null, summary: null, x: MARK }] },
  { policies: [{ policy: JSON.stringify({ 'policy-type': 'sts', 'policy-domain': 'example.com', x: MARK }) }] },
  { policies: [{ policy: { 'policy-type': MARK, 'policy-domain': 'example.com' } }] },
  { policies: [{ policy: { 'policy-type': 7, 'policy-domain': 'example.com', x: MARK } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': 'bücher.example', x: MARK } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': `${MARK}..example` } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': ['example.com', MARK] } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': 'example.com', 'policy-string': MARK } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': 'example.com', 'policy-string': { a: MARK } } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': 'example.com', 'mx-host': [MARK, 7, null] } }] },
  { policies: [{ policy: { 'policy-type': 'sts', 'policy-domain': 'example.com', 'mx-host': { a: MARK } } }] },
  { policies: [{ policy_type: 'sts', policy_domain: 'example.com', x: MARK }] },
  policy({ summary: { 'total-successful-session-count': 1.5, 'total-failure-session-count': 0, x: MARK } }),
  policy({ summary: { 'total-successful-session-count': '12', 'total-failure-session-count': '0', x: MARK } }),
  policy({ summary: { 'total-successful-session-count': -4, 'total-failure-session-count': 1e30, x: MARK } }),
  policy({ summary: { 'total-successful-session-count': MARK } }),
  policy({ summary: [MARK] }),
  policy({ summary: MARK }),
  policy({ 'failure-details': MARK }),
  policy({ 'failure-details': { ...detail, x: MARK } }),
  policy({ 'failure-details': [null, MARK, 7, detail] }),
  policy({ 'failure-details': JSON.stringify([{ ...detail, x: MARK }]) }),
  policy({ 'failure-details': [{ ...detail, 'result-type': MARK }] }),
  policy({ 'failure-details': [{ ...detail, 'result-type': [MARK] }] }),
  policy({ 'failure-details': [{ ...detail, 'sending-mta-ip': MARK }] }),
  policy({ 'failure-details': [{ ...detail, 'receiving-mx-hostname': { a: MARK } }] }),
  policy({ 'failure-details': [{ ...detail, 'failed-session-count': MARK }] }),
  policy({ 'failure-details': [{ ...detail, 'failed-session-count': [3, MARK] }] }),
  policy({ 'failure-details': [{ ...detail, 'failure-reason-code': { code: MARK } }] }),
  policy({ 'failure-details': [{ ...detail, additional_information: MARK }] }),
  policy({ 'failure-details': [{ ...detail, x: { y: [{ z: MARK }] } }] }),
  policy({ x: { y: MARK } }),
  { [MARK]: 1 },
  { x: { [MARK]: [[[[{}]]]] } },
  { constructor: MARK, toString: 1 },
  { 'organization-name': `‮${MARK}\u0000\u001b[31m` },
];

test(`${ODD.length} odd reports: everything they say is stored or in quarantine, the numbers add up, twice changes no byte`, async () => {
  const places = ODD.map((odd, index) => {
    const id = `odd-${index}`;
    const name = `${String(index).padStart(3, '0')}.json`;
    return { id, name, path: world.put(name, JSON.stringify({ ...reportJson({ 'report-id': id }), ...odd })) };
  });
  const twice = `{"x":"${MARK}","x":"other-${MARK}",${JSON.stringify(reportJson({ 'report-id': 'twice' })).slice(1)}`;
  world.put('twice.json', twice);
  const result = await world.ingest();
  assert.equal(result.messages, ODD.length + 1);
  assert.equal(result.reports + result.duplicates + result.quarantined.length, ODD.length + 1);
  assert.deepEqual([result.duplicates, result.conflicts, result.other], [0, 0, {}]);
  const counted = Object.values(result.warnings).reduce((sum, one) => sum + one, 0);
  const told = Object.values(result.warnings_by_reporter).flatMap((own) => Object.values(own));
  assert.equal(
    told.reduce((sum, one) => sum + one, 0),
    counted,
  );

  const stored = new Map<string, string>();
  for (const row of await world.rows('*, source_sha256 AS source')) {
    const source = String(row['source']);
    stored.set(source, `${stored.get(source) ?? ''}${JSON.stringify(row)}`);
  }
  const quarantined = new Set(result.quarantined.map(({ source }) => source.split('/').at(-1)));
  for (const [index, { name, path }] of places.entries()) {
    if (quarantined.has(name)) continue;
    const text = stored.get(createHash('sha256').update(readFileSync(path)).digest('hex'));
    assert.ok(text?.includes(MARK), `${JSON.stringify(ODD[index])} is lost: ${text?.slice(0, 3000)}`);
  }
  const before = world.tree();
  const again = await world.ingest();
  assert.deepEqual([again.reports, again.conflicts, again.quarantined.length], [0, 0, result.quarantined.length]);
  assert.deepEqual(world.tree(), before);
});
