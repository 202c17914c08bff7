import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import {
  type FailureDetail,
  parseTlsReport,
  renderTlsReport,
  type TlsReport,
  type TlsReportPolicy,
} from '#scripts/standards/tls-rpt-report.ts';
import { POLICY_TYPES, RESULT_TYPES } from '#scripts/standards/tls-rpt-results.ts';
import { domainNames } from './arbitraries.ts';
import { bytes } from './vectors.ts';

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 4 });
const text = fc.string({ minLength: 1, unit: 'binary', maxLength: 12 });
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER));
/** Numbers beyond 2^53 never come out of the parser. */
const exact = (_key: string, value: unknown) =>
  typeof value === 'number' && Math.abs(value) > 2 ** 53 - 1 ? 0 : value;
/** Keys that no version of the standard has. */
const unknown = nullable(
  fc.dictionary(fc.constantFrom('x-a', 'X_b', 'constructor', 'policy-id'), fc.jsonValue({ maxDepth: 2 }), {
    minKeys: 1,
    noNullPrototype: true,
  }),
).map((extra) => (extra === null ? null : JSON.parse(JSON.stringify(extra, exact))));
/** What is read as a list inside a string is not a string of its own. */
const strings = fc.array(text, { minLength: 1, maxLength: 4 }).filter(([first]) => !first?.trimStart().startsWith('['));

function registered<T extends string>(types: readonly T[]): fc.Arbitrary<readonly [T | 'other', string | null]> {
  const others = text.filter((type) => !(types as readonly string[]).includes(type));
  return fc.oneof(
    fc.constantFrom(...types).map((type) => [type, null] as const),
    nullable(others).map((raw) => ['other', raw] as const),
  );
}

const details: fc.Arbitrary<FailureDetail> = fc
  .tuple(registered(RESULT_TYPES), nullable(count), fc.array(nullable(text), { minLength: 6, maxLength: 6 }), unknown)
  .map(([[result_type, result_type_raw], failed_sessions, texts, extra]) => ({
    result_type,
    result_type_raw,
    failed_sessions,
    sending_mta_ip: texts[0] ?? null,
    receiving_ip: texts[1] ?? null,
    receiving_mx_hostname: texts[2] ?? null,
    receiving_mx_helo: texts[3] ?? null,
    additional_information: texts[4] ?? null,
    failure_reason_code: texts[5] ?? null,
    extra,
  }));

const policies: fc.Arbitrary<TlsReportPolicy> = fc
  .tuple(
    registered(POLICY_TYPES),
    nullable(domainNames),
    nullable(strings),
    nullable(strings),
    fc.tuple(nullable(count), nullable(count)),
    fc.array(details, { maxLength: 3 }),
    unknown,
  )
  .map(
    ([
      [policy_type, policy_type_raw],
      policy_domain,
      policy_string,
      mx_host,
      [successful, failed],
      failures,
      extra,
    ]) => {
      const known = failures.map((detail) => detail.failed_sessions).filter((sessions) => sessions !== null);
      const sum = known.reduce((total, sessions) => total + sessions, 0);
      const failed_derived = failed === null && known.length > 0 && Number.isSafeInteger(sum);
      return {
        policy_type,
        policy_type_raw,
        policy_domain,
        policy_domain_from: policy_domain === null ? null : 'report',
        policy_string,
        mx_host,
        successful_sessions: successful,
        failed_sessions: failed_derived ? sum : failed,
        failed_derived,
        failure_details: failures,
        extra,
      };
    },
  );

const instants = fc
  .integer({ min: 1_262_304_000, max: 4_102_444_800 })
  .map((seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);
const reports: fc.Arbitrary<TlsReport> = fc
  .tuple(
    fc.array(nullable(text), { minLength: 3, maxLength: 3 }),
    fc.tuple(instants, instants),
    fc.array(policies, { maxLength: 3 }),
    unknown,
  )
  .map(([texts, range, entries, extra]) => ({
    organization_name: texts[0] ?? null,
    contact_info: texts[1] ?? null,
    report_id: texts[2] ?? null,
    start: range.toSorted()[0] ?? '',
    end: range.toSorted()[1] ?? '',
    policies: entries,
    extra,
  }));

test('parse ∘ render is the identity', () => {
  fc.assert(
    fc.property(reports, (report) => {
      const reading = parseTlsReport(bytes(renderTlsReport(report)));
      assert.ok(reading.ok, JSON.stringify(reading));
      assert.deepEqual(reading.report, report);
    }),
    { numRuns: 300 },
  );
});

/** Mostly what §4.4 wants, now and then anything else: null, another type, a repair, nonsense. */
function mostly<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    [],
    {},
    0,
    -1,
    1.5,
    true,
    'x',
    '7',
    ['a'],
    ['a', 1],
    [null],
    [{}],
    { a: 1 },
    '["a"]',
    'a;b\nc',
  );
  return fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: wrong });
}
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const names = fc.oneof(
  domainNames,
  fc.constantFrom('Example.COM', 'mx_1.example', 'example.com.', '1.2.3.4', 'a..b', 'ü.example', '-a', 'a'.repeat(254)),
);
const addresses = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('', '::1', '192.0.2.01', 'mx'));
const moments = fc.oneof(
  instants,
  fc.constantFrom('2026-03-01T00:00:00', '2026-03-01t00:00:00.5z', '2026-03-01T00:00:00+01:00', '2026-03-01T24:00:00Z'),
);

const wireDetails = fc.record({
  'result-type': mostly(fc.constantFrom(...RESULT_TYPES, 'certificate_expired')),
  'failed-session-count': mostly(fc.nat(5)),
  'sending-mta-ip': mostly(sometimes(addresses)),
  'receiving-ip': mostly(sometimes(addresses)),
  'receiving-mx-hostname': mostly(sometimes(names)),
  'receiving-mx-helo': sometimes(mostly(fc.string())),
  'additional-information': sometimes(mostly(fc.webUrl())),
  'additional-info-uri': sometimes(mostly(fc.webUrl())),
  'failure-reason-code': sometimes(mostly(fc.string({ unit: 'binary' }))),
});
const wirePolicies = fc.record({
  policy: mostly(
    fc.record({
      'policy-type': mostly(fc.constantFrom(...POLICY_TYPES, 'dane')),
      'policy-string': mostly(sometimes(fc.array(fc.string()))),
      'policy-domain': mostly(names),
      'mx-host': mostly(sometimes(fc.array(names))),
      'mx-host-pattern': sometimes(mostly(fc.array(names))),
    }),
  ),
  summary: mostly(
    fc.record({ 'total-successful-session-count': mostly(fc.nat()), 'total-failure-session-count': mostly(fc.nat(5)) }),
  ),
  'failure-details': mostly(sometimes(fc.array(mostly(wireDetails), { maxLength: 3 }))),
  failure_details: fc.option(mostly(fc.array(wireDetails, { maxLength: 2 })), { nil: undefined, freq: 5 }),
});
const wires = fc
  .record({
    'organization-name': mostly(fc.string({ minLength: 1 })),
    'date-range': fc.tuple(moments, moments).map(([start, end]) => ({ 'start-datetime': start, 'end-datetime': end })),
    'contact-info': mostly(fc.oneof(fc.emailAddress(), fc.constantFrom('a@b', 'a b@c', 'tls'))),
    'report-id': mostly(fc.string({ minLength: 1 })),
    policies: mostly(fc.array(mostly(wirePolicies), { minLength: 1, maxLength: 3 })),
  })
  .map((report) => JSON.stringify(report));

test('what was read renders to what reads the same, repairs and all', () => {
  let read = 0;
  fc.assert(
    fc.property(wires, fc.boolean(), (json, envelope) => {
      const context = envelope ? { policyDomain: { value: 'header.example', from: 'header' as const } } : {};
      const reading = parseTlsReport(bytes(json), context);
      if (!reading.ok) return;
      read++;
      const again = parseTlsReport(bytes(renderTlsReport(reading.report)), context);
      assert.ok(again.ok);
      assert.deepEqual(again.report, reading.report);
    }),
    { numRuns: 1000 },
  );
  assert.ok(read > 200, `only ${read} reports were read`);
});

const STRICT = new Ajv2020({ allErrors: false });
ajvFormats.default(STRICT);
const DATE_TIME = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[+-]\\d{2}:\\d{2})$',
};
const COUNT = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const LABEL = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?';
const NAME = { type: 'string', pattern: `^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$` };
const ADDRESS = {
  anyOf: [
    { type: 'string', format: 'ipv4' },
    { type: 'string', format: 'ipv6' },
  ],
};
const TEXTS = { type: 'array', items: { type: 'string' } };
const object = (required: readonly string[], properties: object) => ({ type: 'object', required, properties });

/** RFC 8460 §4.4 to the letter, as a JSON Schema: an oracle written apart from the parser. */
const isStrict = STRICT.compile(
  object(['organization-name', 'date-range', 'contact-info', 'report-id', 'policies'], {
    'organization-name': { type: 'string', minLength: 1 },
    'date-range': object(['start-datetime', 'end-datetime'], {
      'start-datetime': DATE_TIME,
      'end-datetime': DATE_TIME,
    }),
    'contact-info': { type: 'string', pattern: '^[^@\\s]+@[^@\\s]+$' },
    'report-id': { type: 'string', minLength: 1 },
    policies: {
      type: 'array',
      minItems: 1,
      items: object(['policy', 'summary'], {
        policy: object(['policy-type', 'policy-domain'], {
          'policy-type': { enum: POLICY_TYPES },
          'policy-string': TEXTS,
          'policy-domain': NAME,
          'mx-host': TEXTS,
        }),
        summary: object(['total-successful-session-count', 'total-failure-session-count'], {
          'total-successful-session-count': COUNT,
          'total-failure-session-count': COUNT,
        }),
        'failure-details': {
          type: 'array',
          items: object(['result-type', 'failed-session-count'], {
            'result-type': { enum: RESULT_TYPES },
            'sending-mta-ip': ADDRESS,
            'receiving-ip': ADDRESS,
            'receiving-mx-hostname': { type: 'string' },
            'receiving-mx-helo': { type: 'string' },
            'failed-session-count': COUNT,
            'additional-information': { type: 'string' },
            'failure-reason-code': { type: 'string' },
          }),
        },
      }),
    },
  }),
);

test('strict is what a JSON Schema of §4.4 says of the raw form', () => {
  const seen = { strict: 0, loose: 0 };
  fc.assert(
    fc.property(wires, (json) => {
      const reading = parseTlsReport(bytes(json));
      if (!reading.ok) return;
      assert.equal(reading.strict, isStrict(JSON.parse(json)), json);
      seen[reading.strict ? 'strict' : 'loose']++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(seen.strict > 20 && seen.loose > 100, JSON.stringify(seen));
});

const FAILED = JSON.stringify({
  'date-range': { 'start-datetime': '2026-03-01T00:00:00Z', 'end-datetime': '2026-03-01T23:59:59Z' },
  policies: [
    {
      policy: { 'policy-type': 'sts', 'policy-domain': 'example.com' },
      summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 5 },
      'failure-details': [{ 'result-type': 'certificate-expired', 'failed-session-count': 5 }],
    },
  ],
});

test('no damage to a report makes its failure a success, and what is read of it renders to the same', () => {
  const keys = [...FAILED.matchAll(/"([a-z-]+)":/g)].map(([, key]) => key ?? '').filter((key) => key !== 'policies');
  const odd = fc.constantFrom(
    'null',
    '""',
    '[]',
    '{}',
    '[null]',
    '[{}]',
    '-1',
    '0.5',
    '"-0"',
    '"no"',
    'true',
    '1e999',
    '9007199254740993',
  );
  const damages = fc.constantFrom('replace', 'repeat before', 'repeat after', 'rename');
  fc.assert(
    fc.property(fc.constantFrom(...keys), odd, damages, (key, value, damage) => {
      // The value of a key goes to its own closing bracket; no text here holds one.
      const json = FAILED.replace(new RegExp(`"${key}":(\\{[^}]*\\}|\\[[^\\]]*\\]|"[^"]*"|\\d+)`), (member, old) => {
        if (damage === 'replace') return `"${key}":${value}`;
        if (damage === 'rename') return `"x-${key}":${old}`;
        return damage === 'repeat before' ? `"${key}":${value},${member}` : `${member},"${key}":${value}`;
      });
      assert.notEqual(json, FAILED);
      const reading = parseTlsReport(bytes(json));
      if (!reading.ok) return;
      const failed = reading.report.policies[0]?.failed_sessions;
      assert.ok(failed === 5 || failed === null, `${failed} of ${json}`);
      const again = parseTlsReport(bytes(renderTlsReport(reading.report)));
      assert.ok(again.ok);
      assert.deepEqual(again.report, reading.report);
    }),
    { numRuns: 1000 },
  );
});

test('any bytes at all give a value', () => {
  const cut = fc.tuple(wires, fc.nat(), fc.nat(255)).map(([json, at, byte]) => {
    const damaged = bytes(json);
    damaged[at % damaged.length] = byte;
    return damaged;
  });
  const json = fc.jsonValue().map((value) => bytes(JSON.stringify(value)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json, cut), (body) => {
      const reading = parseTlsReport(body);
      if (reading.ok) renderTlsReport(reading.report);
      else assert.ok(reading.reason !== '' && reading.message !== '');
    }),
    { numRuns: 1000 },
  );
});
