import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  type FailureDetail,
  parseTlsReport,
  renderTlsReport,
  TLS_REPORT_LIMITS,
  type TlsReport,
  type TlsReportContext,
  type TlsReportPolicy,
} from '#scripts/standards/tls-rpt-report.ts';
import { bytes, bytesOf, readVectors } from './vectors.ts';

interface ReportVector {
  readonly id: string;
  readonly input: string;
  readonly body_base64: string;
  readonly strict_schema_valid: boolean;
  readonly treatment: string;
  readonly outcome: 'accept' | 'quarantine';
  readonly reason?: string;
  readonly warnings?: readonly string[];
}

/** Never reach this parser: io/mail decompresses within its bounds, and quarantines what it cannot. */
const NOT_DECOMPRESSED: Readonly<Record<string, string>> = {
  J03: 'a truncated gzip has no JSON to parse: tested with io/mail',
  J04: 'a bomb is stopped while decompressing: tested with io/mail',
};
/** Our names where the vectors' own are not kebab-case ids. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  "policy-type:'dane'": 'policy-type:dane',
  "result-type:'quic-failed'": 'result-type:quic-failed',
  "result-type:'certificate_expired'": 'result-type:certificate_expired',
  'result-type:None': 'missing:result-type',
};

const VECTORS = readVectors<ReportVector>('tls-rpt-report.json', 52);
for (const { id, input, body_base64, strict_schema_valid, treatment, outcome, reason, warnings } of VECTORS) {
  const skip = NOT_DECOMPRESSED[id] ?? false;
  test(`RFC 8460 §4.4 ${id}: ${input}: ${treatment}`, { skip }, () => {
    const body = bytesOf(body_base64);
    const json = body[0] === 0x1f ? new Uint8Array(gunzipSync(body)) : body;
    const reading = parseTlsReport(json);
    if (outcome === 'quarantine') {
      assert.ok(!reading.ok);
      assert.equal(reading.reason, reason);
      return;
    }
    assert.ok(reading.ok, JSON.stringify(reading));
    assert.deepEqual(reading.warnings, (warnings ?? []).map((name) => OUR_NAMES[name] ?? name).sort());
    assert.equal(reading.strict, strict_schema_valid);
    assert.deepEqual(accepted(bytes(renderTlsReport(reading.report))).report, reading.report);
  });
}

/** A report as its sender would write it; what `change` sets replaces it. */
function wire(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    'organization-name': 'Example Inc',
    'date-range': { 'start-datetime': '2026-03-01T00:00:00Z', 'end-datetime': '2026-03-01T23:59:59Z' },
    'contact-info': 'tls@sender.example',
    'report-id': 'r1',
    policies: [wirePolicy()],
    ...change,
  };
}

function wirePolicy(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    policy: { 'policy-type': 'sts', 'policy-string': ['version: STSv1'], 'policy-domain': 'example.com' },
    summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 1 },
    'failure-details': [{ 'result-type': 'certificate-expired', 'failed-session-count': 1 }],
    ...change,
  };
}

function accepted(json: Uint8Array, context?: TlsReportContext) {
  const reading = parseTlsReport(json, context);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading;
}

function read(value: unknown, context?: TlsReportContext) {
  return accepted(bytes(typeof value === 'string' ? value : JSON.stringify(value)), context);
}

function readPolicy(change: Readonly<Record<string, unknown>>, context?: TlsReportContext) {
  const { report, warnings, strict } = read(wire({ policies: [wirePolicy(change)] }), context);
  const [policy] = report.policies;
  assert.ok(policy && report.policies.length === 1);
  return { policy, warnings, strict };
}

function readDetail(detail: unknown): { detail: FailureDetail; warnings: readonly string[]; strict: boolean } {
  const { policy, warnings, strict } = readPolicy({ 'failure-details': [detail] });
  const [first] = policy.failure_details;
  assert.ok(first);
  return { detail: first, warnings, strict };
}

function refusal(value: unknown): string {
  const reading = parseTlsReport(bytes(typeof value === 'string' ? value : JSON.stringify(value)));
  assert.ok(!reading.ok, JSON.stringify(reading));
  assert.match(reading.message, /^[^\n]{10,}\.$/);
  return reading.reason;
}

const DETAIL: FailureDetail = {
  result_type: 'starttls-not-supported',
  result_type_raw: null,
  failed_sessions: 200,
  sending_mta_ip: '2001:db8:abcd:0013::1',
  receiving_ip: '203.0.113.56',
  receiving_mx_hostname: 'mx2.mail.company-y.example',
  receiving_mx_helo: 'mx2',
  additional_information: 'https://reports.company-x.example/report_info?id=5065427c',
  failure_reason_code: 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
  extra: null,
};
const POLICY: TlsReportPolicy = {
  policy_type: 'sts',
  policy_type_raw: null,
  policy_domain: 'company-y.example',
  policy_domain_from: 'report',
  policy_string: ['version: STSv1', 'mode: testing', 'mx: *.mail.company-y.example', 'max_age: 86400'],
  mx_host: ['*.mail.company-y.example'],
  successful_sessions: 5326,
  failed_sessions: 200,
  failed_derived: false,
  failure_details: [DETAIL],
  extra: null,
};
const REPORT: TlsReport = {
  organization_name: 'Company-X',
  contact_info: 'sts-reporting@company-x.example',
  report_id: '5065427c-23d3-47ca-b6e0-946ea0e8c4be',
  start: '2016-04-01T00:00:00Z',
  end: '2016-04-01T23:59:59Z',
  policies: [POLICY],
  extra: null,
};

test('every field of RFC 8460 §4.4 has its place', () => {
  const json = `{
    "organization-name": "Company-X",
    "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
    "contact-info": "sts-reporting@company-x.example",
    "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
    "policies": [{
      "policy": {
        "policy-type": "sts",
        "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"],
        "policy-domain": "company-y.example",
        "mx-host": ["*.mail.company-y.example"]
      },
      "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 200},
      "failure-details": [{
        "result-type": "starttls-not-supported",
        "sending-mta-ip": "2001:db8:abcd:0013::1",
        "receiving-mx-hostname": "mx2.mail.company-y.example",
        "receiving-mx-helo": "mx2",
        "receiving-ip": "203.0.113.56",
        "failed-session-count": 200,
        "additional-information": "https://reports.company-x.example/report_info?id=5065427c",
        "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"
      }]
    }]
  }`;
  assert.deepEqual(accepted(bytes(json)), { ok: true, report: REPORT, warnings: [], strict: true });
  assert.deepEqual(JSON.parse(renderTlsReport(REPORT)), JSON.parse(json));
});

test('unknown is null, never 0 (mail-auth fixture: two entries without a failure count)', () => {
  const { policy, warnings } = readPolicy({
    policy: { 'policy-type': 'no-policy-found' },
    summary: { 'total-successful-session-count': 1 },
    'failure-details': undefined,
  });
  assert.equal(policy.successful_sessions, 1);
  assert.equal(policy.failed_sessions, null);
  assert.equal(policy.failed_derived, false);
  assert.deepEqual(warnings, ['missing:policy-domain', 'missing:total-failure-session-count']);

  const { detail } = readDetail({ 'result-type': 'certificate-expired' });
  assert.equal(detail.failed_sessions, null);
});

test('a total that is no count is the sum of the details that say how many; it is never 0 for want of details', () => {
  const totals = (count: unknown) => ({ 'total-successful-session-count': 10, 'total-failure-session-count': count });
  const details = [{ 'failed-session-count': 3 }, { 'failed-session-count': '4' }, {}].map((detail) => ({
    'result-type': 'certificate-expired',
    ...detail,
  }));
  for (const count of [undefined, null, '', -1, 1.5, 2 ** 53, 'many', '-1', ' 1', true, {}, [1], '9'.repeat(17)]) {
    const { policy } = readPolicy({ summary: totals(count), 'failure-details': details });
    assert.deepEqual([policy.failed_sessions, policy.failed_derived], [7, true], String(count));
    const bare = readPolicy({ summary: totals(count), 'failure-details': [] }).policy;
    assert.deepEqual([bare.failed_sessions, bare.failed_derived], [null, false], String(count));
  }
  for (const count of [0, '0', 7, '7', 1e3, Number.MAX_SAFE_INTEGER]) {
    assert.equal(readPolicy({ summary: totals(count) }).policy.failed_sessions, Number(count));
  }
});

test('an unusable value survives at its place', () => {
  const { report } = read(
    wire({
      'organization-name': 7,
      'x-new': { a: [1, null] },
      'date-range': {
        'start-datetime': '2026-03-01T00:00:00Z',
        'end-datetime': '2026-03-01T00:00:00Z',
        'x-zone': 'CET',
      },
      policies: [
        {
          policy: {
            'policy-type': ['sts'],
            'policy-domain': 5,
            'policy-string': ['a', 1],
            'mx-host': { a: 1 },
            'x-p': 0,
          },
          summary: { 'total-successful-session-count': -3, 'total-failure-session-count': '1e3', 'x-s': [] },
          'failure-details': [{ 'result-type': 9, 'failed-session-count': {}, 'receiving-ip': [1], 'x-d': '' }, 'lost'],
          'x-e': false,
        },
        'odd',
      ],
    }),
  );
  assert.deepEqual(report.extra, {
    'x-new': { a: [1, null] },
    'organization-name': 7,
    'date-range': { 'x-zone': 'CET' },
  });
  const [first, second] = report.policies;
  assert.deepEqual(first?.extra, {
    'x-e': false,
    policy: { 'policy-type': ['sts'], 'policy-domain': 5, 'policy-string': ['a', 1], 'mx-host': { a: 1 }, 'x-p': 0 },
    summary: { 'total-successful-session-count': -3, 'total-failure-session-count': '1e3', 'x-s': [] },
  });
  assert.deepEqual(first?.policy_string, ['a']);
  assert.deepEqual(
    first?.failure_details.map((detail) => detail.extra),
    [{ 'result-type': 9, 'failed-session-count': {}, 'receiving-ip': [1], 'x-d': '' }, { '#value': 'lost' }],
  );
  assert.deepEqual(second?.extra, { '#value': 'odd' });
  assert.deepEqual([second?.policy_type, second?.successful_sessions, second?.failed_sessions], ['other', null, null]);
});

test('a wrong type is one warning, and costs nothing but the value', () => {
  const table: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
    [{ policy: 'sts' }, ['missing:policy-domain', 'missing:policy-type', 'wrong-type:policy']],
    [
      { summary: 3 },
      [
        'fail-derived',
        'missing:total-failure-session-count',
        'missing:total-successful-session-count',
        'wrong-type:summary',
      ],
    ],
    [{ 'failure-details': 'none' }, ['sum-differs', 'wrong-type:failure-details']],
    [{ 'failure-details': {} }, ['object-not-array:failure-details', 'sum-differs']],
    [{ 'failure-details': [null] }, ['sum-differs', 'wrong-type:failure-details']],
  ];
  for (const [change, wanted] of table) {
    const { warnings, strict } = readPolicy(change);
    assert.deepEqual(warnings, wanted, JSON.stringify(change));
    assert.equal(strict, false);
  }
});

test('policy-domain: an A-label in lower case when it is a name, else as sent; missing, from the envelope', () => {
  const domain = (text: unknown, context?: TlsReportContext) => {
    const { policy, warnings } = readPolicy({ policy: { 'policy-type': 'sts', 'policy-domain': text } }, context);
    return [policy.policy_domain, policy.policy_domain_from, ...warnings];
  };
  assert.deepEqual(domain('Example.COM'), ['example.com', 'report']);
  assert.deepEqual(domain('example.com.'), ['example.com', 'report', 'name-form:policy-domain']);
  assert.deepEqual(domain('müller.example'), ['xn--mller-kva.example', 'report', 'name-form:policy-domain']);
  assert.deepEqual(domain('_25._tcp.mx1.example.com'), ['_25._tcp.mx1.example.com', 'report']);
  assert.deepEqual(domain('not a name'), ['not a name', 'report', 'not-a-name:policy-domain']);
  assert.deepEqual(domain(undefined), [null, null, 'missing:policy-domain']);
  const header: TlsReportContext = { policyDomain: { value: 'Header.Example', from: 'header' } };
  assert.deepEqual(domain(undefined, header), ['header.example', 'header', 'missing:policy-domain']);
  assert.deepEqual(domain('', header), ['header.example', 'header', 'missing:policy-domain']);
  assert.deepEqual(domain('example.com', header), ['example.com', 'report'], 'the JSON is authoritative (§5.6)');
  const file: TlsReportContext = { policyDomain: { value: 'file.example', from: 'filename' } };
  assert.deepEqual(domain(null, file), ['file.example', 'filename', 'missing:policy-domain']);
});

test('policy-string and mx-host in every form seen', () => {
  const strings = (text: unknown) =>
    readPolicy({ policy: { 'policy-type': 'tlsa', 'policy-domain': 'a.example', 'policy-string': text } }).policy
      .policy_string;
  const table: readonly (readonly [unknown, readonly string[] | null])[] = [
    [undefined, null],
    [null, null],
    ['', null],
    [[], null],
    [['3 1 1 AA'], ['3 1 1 AA']],
    ['3 1 1 AA; 3 1 1 BB;', ['3 1 1 AA', '3 1 1 BB']],
    ['version: STSv1\r\nmode: none\r\n\r\nmax_age: 1; x', ['version: STSv1', 'mode: none', 'max_age: 1; x']],
    [['["3 1 1 AA","3 1 1 BB"]'], ['3 1 1 AA', '3 1 1 BB']],
    ['["3 1 1 AA","3 1 1 BB"]', ['3 1 1 AA', '3 1 1 BB']],
    [['["[\\"3 1 1 AA\\"]"]'], ['3 1 1 AA']],
    [['[1]'], ['[1]']],
    [['[]'], ['[]']],
    [['[nonsense'], ['[nonsense']],
    [[''], ['']],
    [';', null],
    [[1], null],
  ];
  for (const [sent, wanted] of table) assert.deepEqual(strings(sent), wanted, JSON.stringify(sent));
  const long = 'a;'.repeat(100_000);
  assert.deepEqual(strings(long), [long], 'a hostile length is not cut up');
});

test('aliases count only where the standard key says nothing; else they are kept', () => {
  const details = [{ 'result-type': 'tlsa-invalid', 'failed-session-count': 1 }];
  const alias = readPolicy({ 'failure-details': [], failure_details: details });
  assert.equal(alias.policy.failure_details[0]?.result_type, 'tlsa-invalid');
  assert.equal(alias.policy.extra, null);
  assert.deepEqual(alias.warnings, ['alias:failure_details']);
  const both = readPolicy({ failure_details: details });
  assert.equal(both.policy.failure_details[0]?.result_type, 'certificate-expired');
  assert.deepEqual(both.policy.extra, { failure_details: details });

  const uri = readDetail({
    'result-type': 'tlsa-invalid',
    'failed-session-count': 1,
    'additional-info-uri': 'https://a.example/',
  });
  assert.equal(uri.detail.additional_information, 'https://a.example/');
  assert.deepEqual([uri.warnings, uri.strict], [['alias:additional-info-uri'], true]);
});

test('of two values for one count neither is believed; of two texts the last is taken; nothing is lost', () => {
  const valid = JSON.stringify(wire());
  const repeated = (from: string, to: string) => read(valid.replace(from, to));

  const count = repeated(
    '"total-failure-session-count":1',
    '"total-failure-session-count":5,"total-failure-session-count":0',
  );
  const [policy] = count.report.policies;
  assert.deepEqual(
    [policy?.failed_sessions, policy?.failed_derived],
    [1, true],
    'the details still say that it failed',
  );
  assert.deepEqual(policy?.extra, {
    summary: { 'total-failure-session-count#1': 5, 'total-failure-session-count': 0 },
  });
  assert.deepEqual(count.warnings, ['dup-key:total-failure-session-count', 'fail-derived']);

  const summary = repeated('"summary":{', '"summary":{"total-failure-session-count":9},"summary":{');
  assert.deepEqual(
    [summary.report.policies[0]?.successful_sessions, summary.report.policies[0]?.failed_sessions],
    [null, 1],
  );
  assert.deepEqual(summary.warnings, ['dup-key:summary', 'fail-derived']);

  const id = repeated('"report-id":"r1"', '"report-id":"r0","report-id":"r1"');
  assert.equal(id.report.report_id, 'r1');
  assert.deepEqual(id.report.extra, { 'report-id#1': 'r0' });

  assert.equal(refusal(valid.replace('"policies":', '"policies":[],"policies":')), 'policies');
  for (const { report } of [count, summary, id]) assert.deepEqual(read(renderTlsReport(report)).report, report);
});

test('a count that is written as a float is read, and told', () => {
  const { warnings, report, strict } = read(
    JSON.stringify(wire()).replace('"failed-session-count":1', '"failed-session-count":1.0e0'),
  );
  assert.equal(report.policies[0]?.failure_details[0]?.failed_sessions, 1);
  assert.deepEqual([warnings, strict], [['num-float:failed-session-count'], true]);
});

test('a number that a double cannot hold is no count and keeps its digits', () => {
  const { report } = read(JSON.stringify(wire()).replace('session-count":10', 'session-count":9007199254740993'));
  assert.equal(report.policies[0]?.successful_sessions, null);
  assert.deepEqual(report.policies[0]?.extra, {
    summary: { 'total-successful-session-count': { '#number': '9007199254740993' } },
  });
});

test('registered types are exact; others are kept raw and never mapped', () => {
  const { policy, warnings } = readPolicy({ policy: { 'policy-type': 'STS', 'policy-domain': 'example.com' } });
  assert.deepEqual([policy.policy_type, policy.policy_type_raw, warnings], ['other', 'STS', ['policy-type:STS']]);
  const { detail } = readDetail({ 'result-type': 'other', 'failed-session-count': 1 });
  assert.deepEqual([detail.result_type, detail.result_type_raw], ['other', 'other']);
});

test('addresses that are none are kept as text and told', () => {
  const detail = {
    'result-type': 'tlsa-invalid',
    'failed-session-count': 1,
    'sending-mta-ip': 'mx.example',
    'receiving-ip': '',
  };
  const read = readDetail(detail);
  assert.deepEqual([read.detail.sending_mta_ip, read.detail.receiving_ip], ['mx.example', null]);
  assert.deepEqual([read.warnings, read.strict], [['not-an-ip:sending-mta-ip'], false]);
});

test('the date-range is needed, and nothing else may replace it (§5.6)', () => {
  const range = (start: unknown, end: unknown = '2026-03-01T23:59:59Z') =>
    wire({ 'date-range': { 'start-datetime': start, 'end-datetime': end } });
  const table: readonly (readonly [unknown, string])[] = [
    [wire({ 'date-range': undefined }), 'missing:date-range'],
    [wire({ 'date-range': null }), 'missing:date-range'],
    [wire({ 'date-range': '2026-03-01' }), 'date'],
    [range(undefined), 'date'],
    [range('2026-03-01T00:00:00Z', 'soon'), 'date'],
    [range(1_772_323_200), 'date'],
    [range('2026-02-30T00:00:00Z'), 'date'],
    [range('2026-03-02T00:00:00Z'), 'range-reversed'],
    // Reversed only after both are in UTC
    [range('2026-03-01T00:00:00-05:00', '2026-03-01T04:00:00Z'), 'range-reversed'],
  ];
  for (const [report, wanted] of table) assert.equal(refusal(report), wanted, JSON.stringify(report));
  const local = read(range('2026-03-01T00:00:00+01:00', '2026-03-02T00:00:00+01:00'));
  assert.deepEqual([local.report.start, local.report.end], ['2026-02-28T23:00:00Z', '2026-03-01T23:00:00Z']);
  assert.deepEqual(local.warnings, ['offset:end', 'offset:start']);
});

test('what is no report', () => {
  const table: readonly (readonly [unknown, string])[] = [
    ['', 'not-json'],
    ['null', 'not-a-report'],
    ['"report"', 'not-a-report'],
    ['[]', 'not-a-report'],
    [[wire(), wire()], 'not-a-report'],
    [[[wire()]], 'not-a-report'],
    ['{}', 'missing:date-range'],
    [wire({ policies: undefined }), 'policies'],
    [wire({ policies: 'none' }), 'policies'],
    [wire({ policies: 0 }), 'policies'],
  ];
  for (const [value, wanted] of table) assert.equal(refusal(value), wanted, JSON.stringify(value));
});

test('caps on depth, policies and details (one more is refused, the limit is read)', () => {
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  assert.equal(refusal(wire({ x: nested(32) })), 'too-deep');
  assert.deepEqual(read(wire({ x: nested(31) })).report.extra, { x: nested(31) });

  const { policies, details } = TLS_REPORT_LIMITS;
  assert.equal(refusal(wire({ policies: new Array(policies + 1).fill({}) })), 'too-many-policies');
  assert.equal(read(wire({ policies: new Array(policies).fill({}) })).report.policies.length, policies);
  const entry = (count: number) => wirePolicy({ 'failure-details': new Array(count).fill({}) });
  assert.equal(refusal(wire({ policies: [entry(details), entry(1)] })), 'too-many-details');
  assert.equal(refusal(wire({ policies: [{ failure_details: new Array(details + 1).fill({}) }] })), 'too-many-details');
  assert.equal(read(wire({ policies: [entry(details)] })).report.policies[0]?.failure_details.length, details);
});

test('warnings are bounded in number and length, sorted, and hold nothing that controls a terminal', () => {
  const details = Array.from({ length: 500 }, (_, i) => ({ 'result-type': `\u001b[31m\u202e${i}${'x'.repeat(200)}` }));
  const { warnings } = read(wire({ policies: [wirePolicy({ 'failure-details': details })] }));
  assert.equal(warnings.length, 65);
  assert.ok(warnings.includes('more-warnings'));
  assert.deepEqual(warnings, [...warnings].sort());
  for (const warning of warnings) assert.match(warning, /^[a-z0-9-]+(?::[^\p{Cc}\p{Cf}]{1,64})?$/u);
});

test('what no column can hold is kept as it was sent, and told', () => {
  const range = { 'start-datetime': '2026-03-01T00:00:00.25-01:00', 'end-datetime': '2026-03-01T23:59:59Z' };
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, readonly string[], unknown])[] = [
    [{ 'date-range': range }, ['offset:start'], { 'date-range': { 'start-datetime': range['start-datetime'] } }],
    [{ 'organization-name': 'a\ud800' }, ['surrogate:organization-name'], { 'organization-name': 'a\ud800' }],
  ];
  for (const [change, warned, kept] of cases) {
    const { report, warnings } = read(wire(change));
    assert.deepEqual([warnings, report.extra], [warned, kept]);
  }
  const list = readPolicy({ policy: { 'policy-type': 'sts', 'policy-domain': 'Example.COM.', 'mx-host': ['\udc00'] } });
  assert.deepEqual(list.warnings, ['name-form:policy-domain', 'surrogate:mx-host']);
  assert.deepEqual(list.policy.extra, { policy: { 'policy-domain': 'Example.COM.', 'mx-host': ['\udc00'] } });
});

test('UTF-16 is read, with a byte order mark and without (RFC 4627 §3)', () => {
  const text = JSON.stringify(wire({ 'organization-name': 'Grüße 🐕' }));
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  const big = Buffer.from(little).swap16();
  for (const json of [little, big, little.subarray(2), big.subarray(2)]) {
    const { report, warnings, strict } = accepted(json);
    assert.deepEqual([report.organization_name, warnings, strict], ['Grüße 🐕', ['utf-16'], false]);
  }
  assert.deepEqual(
    accepted(Buffer.concat([little.subarray(0, 60), Buffer.from([0, 0xd8]), little.subarray(60)])).warnings,
    ['utf-16', 'utf-8'],
  );
});

test('hostile keys and texts come through as data', () => {
  const hostile = '{"__proto__":{"policies":[]},"constructor":{"prototype":1},"toString":null,"hasOwnProperty":1,';
  const { report } = read(hostile + JSON.stringify(wire({ 'report-id': '\ud800\u0000' })).slice(1));
  assert.deepEqual(Object.keys(report.extra ?? {}), [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    // No UTF-8 can hold it: only JSON does.
    'report-id',
  ]);
  assert.equal(report.report_id, '\ud800\u0000');
  assert.equal(Object.getPrototypeOf(report.extra), Object.prototype);
  assert.deepEqual(read(renderTlsReport(report)).report, report);
});

test('hostile sizes take linear time and no deep stack: megabytes of one thing', () => {
  const MEGA = 2_000_000;
  const entry = (policy: unknown) => wire({ policies: [{ policy }] });
  const values: readonly unknown[] = [
    entry({ 'policy-string': ';'.repeat(MEGA) }),
    entry({ 'policy-string': `a${' '.repeat(MEGA)}b` }),
    entry({ 'policy-string': ['['.repeat(MEGA)] }),
    entry({ 'policy-domain': 'a-'.repeat(MEGA) }),
    entry({ 'policy-domain': `xn--${'ü'.repeat(MEGA)}` }),
    entry({ 'policy-type': '\u202e'.repeat(MEGA) }),
    wire({ 'contact-info': 'a'.repeat(MEGA) }),
    wire({ policies: [wirePolicy({ 'failure-details': [{ 'sending-mta-ip': '1:'.repeat(MEGA) }] })] }),
    // A point makes the text one that is read with care.
    JSON.stringify(wire({ x: '\\n'.repeat(MEGA) })).replace(':10,', ':10.0,'),
    JSON.stringify(wire()).replace('{', `{"x":{${'"a":1,'.repeat(100_000)}"a":1},`),
    JSON.stringify(wire()).replace('00:00:00Z', `00:00:00.${'0'.repeat(MEGA)}Z`),
  ];
  for (const value of values) read(value);
});
