import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseReportUri, parseTlsRptRecords, renderTlsRptRecord } from '#scripts/standards/tls-rpt-record.ts';
import { domainNames, extensions } from './arbitraries.ts';
import { faultsOf, good, lintsOf, readVectors } from './vectors.ts';

interface RecordVector {
  readonly id: string;
  readonly records: readonly string[];
  readonly usable_uris: number;
  readonly why: string;
}

const VECTORS = readVectors<RecordVector>('tls-rpt-txt.json', 29);
for (const { id, records, usable_uris, why } of VECTORS) {
  test(`RFC 8460 §3 ${id}: ${why}`, () => {
    const parsed = parseTlsRptRecords(records);
    assert.equal(parsed.ok ? parsed.value.rua.length : 0, usable_uris, JSON.stringify(parsed));
  });
}

test('each unusable set says what is wrong with it', () => {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    R12: ['record-version'],
    R13: ['record-empty', 'rua-missing'],
    R14: ['rua-missing'],
    R15: ['uri-syntax'],
    R16: ['uri-syntax'],
    R17: ['uri-syntax'],
    R18: ['uri-scheme'],
    R19: ['uri-syntax'],
    R20: ['field-empty'],
    R21: ['record-version'],
    R22: ['rua-missing'],
    R23: ['field-syntax', 'rua-missing'],
    R24: ['record-version'],
    R25: ['record-version'],
    R26: ['record-version'],
    R27: ['record-several'],
    R29: ['record-absent'],
  };
  const unusable = VECTORS.filter(({ usable_uris }) => usable_uris === 0);
  assert.deepEqual(
    unusable.map(({ id }) => id),
    Object.keys(wanted),
  );
  for (const { id, records } of unusable) assert.deepEqual(faultsOf(parseTlsRptRecords(records)), wanted[id], id);
});

test('what is usable but must not be published', () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['v=TLSRPTv1; rua=mailto:a@example.com,https://r.example.com/x', []],
    ['v=TLSRPTv1; rua=mailto:a@example.com , mailto:b@example.net', ['uri-space']],
    ['v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com', ['duplicate-field']],
    ['v=TLSRPTv1; rua=MAILTO:a@example.com', ['uri-case']],
    // Well-formed and of no use beside one that is
    ['v=TLSRPTv1; rua=mailto:a@example.com,http://r.example.com/', ['uri-scheme']],
    ['v=TLSRPTv1; rua=mailto:a@example.com,mailto:nobody', ['uri-address']],
  ];
  for (const [record, wanted] of table) assert.deepEqual(lintsOf(parseTlsRptRecords([record])), wanted, record);
  const record = 'v=TLSRPTv1; rua=mailto:a@example.com,mailto:b@example.com!10m';
  assert.deepEqual(
    faultsOf(parseTlsRptRecords([record])),
    ['uri-syntax'],
    'one URI outside the grammar spoils the record',
  );
});

test('report URIs: RFC 6068 mailto and https', () => {
  const goodOnes: readonly (readonly [string, string, ...string[]])[] = [
    ['mailto:tls-reports@example.com', 'mailto:tls-reports@example.com'],
    ['mailto:a%2Cb@example.com', 'mailto:a%2Cb@example.com'],
    ['mailto:a+b=c@example.com', 'mailto:a+b=c@example.com'],
    ['https://r.example.com/v1/tlsrpt?d=example.com', 'https://r.example.com/v1/tlsrpt?d=example.com'],
    ['https://r.example.com:8443/x', 'https://r.example.com:8443/x'],
    ['HTTPS://r.example.com/X', 'https://r.example.com/X', 'uri-case'],
    ['https://user:word@r.example.com/', 'https://user:word@r.example.com/', 'uri-userinfo'],
    ['mailto:a@example.com?subject=x', 'mailto:a@example.com?subject=x', 'uri-query'],
  ];
  for (const [text, wanted, ...lints] of goodOnes) {
    assert.equal(good(parseReportUri(text)), wanted);
    assert.deepEqual(lintsOf(parseReportUri(text)), lints, text);
  }
  const badOnes: readonly (readonly [string, string])[] = [
    ['', 'uri-syntax'],
    ['tls@example.com', 'uri-syntax'],
    ['mailto:', 'uri-syntax'],
    ['mailto:a@example.com!10m', 'uri-syntax'],
    ['mailto:a@example.com,mailto:b@example.com', 'uri-syntax'],
    ['mailto:a b@example.com', 'uri-syntax'],
    ['mailto:a%2@example.com', 'uri-syntax'],
    ['mailto:ü@example.com', 'uri-syntax'],
    ['mailto:a', 'uri-address'],
    ['mailto:@example.com', 'uri-address'],
    ['mailto:a@localhost', 'uri-address'],
    ['mailto:a@[192.0.2.1]', 'uri-address'],
    ['mailto:a@example.com/x', 'uri-address'],
    ['https:r.example.com', 'uri-host'],
    ['https://', 'uri-host'],
    ['https:///x', 'uri-host'],
    ['https://192.0.2.1/', 'uri-host'],
    ['https://0x7f.1/', 'uri-host'],
    ['https://[2001:db8::1]/', 'uri-host'],
    ['https://r_1.example.com/', 'uri-host'],
    ['http://r.example.com/', 'uri-scheme'],
    ['ftp://r.example.com/', 'uri-scheme'],
    ['javascript:alert(1)', 'uri-scheme'],
  ];
  for (const [text, wanted] of badOnes) assert.deepEqual(faultsOf(parseReportUri(text)), [wanted], text);
});

test('a bare address is answered with what to write', () => {
  const parsed = parseReportUri('tls@example.com');
  assert.ok(!parsed.ok);
  assert.match(parsed.faults[0]?.message ?? '', /Write `mailto:tls@example\.com`/);
});

const uris = fc.oneof(
  fc
    .tuple(fc.stringMatching(/^[a-z0-9.+_-]{1,12}$/), domainNames)
    .map(([local, domain]) => `mailto:${local}@${domain}`),
  fc.tuple(domainNames, fc.stringMatching(/^[a-z0-9/?=&.-]{0,12}$/)).map(([host, path]) => `https://${host}/${path}`),
);

test('parse ∘ render is the identity; unknown fields come back as they were', () => {
  fc.assert(
    fc.property(fc.array(uris, { minLength: 1, maxLength: 4 }), extensions, (rua, unknown) => {
      const record = [renderTlsRptRecord(rua), ...unknown.map(({ key, value }) => `${key}=${value}`)].join('; ');
      assert.deepEqual(good(parseTlsRptRecords([record])), { rua, extensions: unknown });
    }),
  );
});

test('any texts at all give a value, and what is accepted is a usable URI', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^v=TLSRPTv1;rua=[ ,;=:@/!a-z.]*$/),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), (records) => {
      const parsed = parseTlsRptRecords(records);
      if (parsed.ok) for (const uri of parsed.value.rua) assert.equal(good(parseReportUri(uri)), uri);
      for (const text of records) parseReportUri(text);
    }),
  );
});
