import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  MAX_AGE_LIMIT,
  MODES,
  type MtaStsPolicy,
  parseMtaStsPolicy,
  policyStringShows,
  renderMtaStsPolicy,
} from '#scripts/standards/mta-sts-policy.ts';
import { mxPatterns } from './arbitraries.ts';
import { bytes, bytesOf, faultsOf, good, lintsOf, readVectors } from './vectors.ts';

interface PolicyVector {
  readonly id: string;
  readonly body_base64: string;
  readonly valid: boolean;
  readonly why: string;
}

const VECTORS = readVectors<PolicyVector>('mta-sts-policy.json', 60);
for (const { id, body_base64, valid, why } of VECTORS) {
  test(`RFC 8461 §3.2 ${id}: ${why}`, () => {
    const parsed = parseMtaStsPolicy(bytesOf(body_base64));
    assert.equal(parsed.ok, valid, JSON.stringify(parsed));
  });
}

test('each broken vector is refused for its own reason and for that alone, on the right line', () => {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    P05: ['blank-line@5'],
    P06: ['blank-line@1'],
    P07: ['blank-line@3'],
    P09: ['leading-space@1'],
    P12: ['space-before-colon@2'],
    P13: ['no-colon@2', 'mode-missing'],
    P14: ['version-missing'],
    P15: ['version@1'],
    P16: ['version@1'],
    P17: ['version-missing'],
    P18: ['mode-missing'],
    P19: ['mode@2'],
    P20: ['mode@2'],
    P21: ['mx-missing'],
    P24: ['max-age-missing'],
    P27: ['max-age-range@4'],
    P28: ['max-age@4'],
    P29: ['max-age@4'],
    P30: ['max-age@4'],
    P31: ['max-age@4'],
    P32: ['max-age@4'],
    P35: ['pattern-not-one@3'],
    P37: ['pattern-star@3'],
    P38: ['pattern-star@3'],
    P39: ['pattern-star@3'],
    P40: ['pattern-star@3'],
    P41: ['domain-empty-label@3'],
    P42: ['domain-empty-label@3'],
    P43: ['domain-characters@3'],
    P44: ['pattern-u-label@3'],
    P46: ['domain-address@3'],
    P47: ['domain-hyphen@3'],
    P48: ['pattern-not-one@3'],
    P52: ['empty-value@5'],
    P53: ['no-colon@1'],
    P54: ['field-name@5'],
    P55: ['bom@1'],
    P56: ['policy-html@1'],
    P57: ['policy-empty'],
    P58: ['bare-cr@1'],
    P59: ['policy-encoding'],
  };
  const broken = VECTORS.filter(({ valid }) => !valid);
  assert.deepEqual(
    broken.map(({ id }) => id),
    Object.keys(wanted),
  );
  for (const { id, body_base64 } of broken) {
    assert.deepEqual(faultsOf(parseMtaStsPolicy(bytesOf(body_base64))), wanted[id], id);
  }
});

test('each legal vector has the lints it deserves; the canonical ones have none', () => {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    P02: ['line-end-lf@1'],
    P03: ['line-end-lf@2'],
    P04: ['final-line-end@4'],
    P08: ['field-order@2'],
    P10: ['trailing-space@1', 'trailing-space@2'],
    P25: ['max-age-zero@4'],
    P33: ['leading-zero@4'],
    P49: ['duplicate-field@5'],
    P50: ['duplicate-field@5'],
    P51: ['unknown-field@5'],
  };
  for (const { id, body_base64, valid } of VECTORS) {
    if (valid) assert.deepEqual(lintsOf(parseMtaStsPolicy(bytesOf(body_base64))), wanted[id] ?? [], id);
  }
});

const BODY = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n';
const POLICY = good(parseMtaStsPolicy(bytes(BODY)));

test('the value is what the text says', () => {
  assert.deepEqual(POLICY, {
    version: 'STSv1',
    mode: 'enforce',
    mx: ['mx1.example.com', '*.example.net'],
    max_age: 604_800,
    extensions: [],
  });
});

test('of a repeated field the first counts, and mx may repeat (§3.2)', () => {
  const policy = good(
    parseMtaStsPolicy(bytes(`${BODY}mode: none\r\nmax_age: x\r\nversion: STSv2\r\nx: 1\r\nx: 2\r\n`)),
  );
  assert.deepEqual(policy, { ...POLICY, extensions: [{ key: 'x', value: '1' }] });
  const first = bytes(BODY.replace('enforce', 'Enforce\r\nmode: enforce'));
  assert.deepEqual(faultsOf(parseMtaStsPolicy(first)), ['mode@2'], 'a bad first mode is not mended by a second');
});

test('all faults are told at once', () => {
  const body = 'version: STSv2\r\n\r\nmode: on\r\nmx: *\r\nmx mx1\r\nmax_age: -1\r\nx:\r\n';
  const wanted = ['version@1', 'blank-line@2', 'mode@3', 'pattern-star@4', 'no-colon@5', 'max-age@6', 'empty-value@7'];
  assert.deepEqual(faultsOf(parseMtaStsPolicy(bytes(body))), wanted);
});

test('more good and bad bodies', () => {
  const bad: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
    ['Latin-1', new Uint8Array([...bytes(BODY), 0x78, 0x3a, 0xfc]), ['policy-encoding']],
    ['NUL', bytes(`${BODY}x: \0`), ['policy-encoding']],
    ['a control character', bytes(`${BODY}x: a\u0007b\r\n`), ['control-character@6']],
    ['a tab inside a value', bytes(`${BODY}x: a\tb\r\n`), ['control-character@6']],
    ['65,537 bytes', bytes(`${BODY}x: ${'a'.repeat(65_537 - BODY.length - 3)}`), ['policy-too-large']],
    ['a blank line of spaces', bytes(`${BODY}  \r\n`), ['blank-line@6']],
    ['XML', bytes('\n  <?xml version="1.0"?>'), ['policy-html@1']],
    ['mode none with a bad mx', bytes('version: STSv1\r\nmode: none\r\nmx: *\r\nmax_age: 1\r\n'), ['pattern-star@3']],
  ];
  for (const [why, body, wanted] of bad) assert.deepEqual(faultsOf(parseMtaStsPolicy(body)), wanted, why);

  const linted: readonly (readonly [string, readonly string[]])[] = [
    [`${BODY}x: gr\u00fcn\r\n`, ['non-ascii@6', 'unknown-field@6']],
    [`${BODY}mx: mx1.example.com\r\n`, ['field-order@6', 'duplicate-mx@6']],
    [BODY.replace('mx1', 'MX1'), ['pattern-case@3']],
    [`${BODY}x: ${'a'.repeat(4096)}\r\n`, ['unknown-field@6', 'policy-large']],
  ];
  for (const [body, wanted] of linted) assert.deepEqual(lintsOf(parseMtaStsPolicy(bytes(body))), wanted, body);
});

test('64 KB of nonsense is answered with a short list', () => {
  const parsed = parseMtaStsPolicy(bytes('a\n'.repeat(32_000)));
  assert.ok(!parsed.ok);
  assert.equal(parsed.faults.length, 51);
  assert.match(parsed.faults.at(-1)?.message ?? '', /more/);
});

test('hostile lines take linear time', () => {
  const space = ' '.repeat(65_000);
  const lines = [`x: a${space}b`, `x${space}: a`, `${space}x: a`, `x:${space}`, 'a:b \n'.repeat(13_000)];
  for (const line of lines) parseMtaStsPolicy(bytes(line));
  assert.equal(policyStringShows([`mx:${' '.repeat(5_000_000)}x`], POLICY), false);
});

test('rendered: ASCII, CRLF after every line, version, mode, mx, max_age and no extension', () => {
  assert.equal(renderMtaStsPolicy({ ...POLICY, extensions: [{ key: 'x', value: 'y' }] }), BODY);
});

const policies: fc.Arbitrary<MtaStsPolicy> = fc
  .tuple(
    fc.constantFrom(...MODES),
    fc.uniqueArray(mxPatterns, { minLength: 1, maxLength: 6 }),
    fc.oneof(fc.constantFrom(1, MAX_AGE_LIMIT), fc.integer({ min: 1, max: MAX_AGE_LIMIT })),
  )
  .map(([mode, mx, max_age]) => ({
    version: 'STSv1',
    mode,
    mx: mode === 'none' ? mx.slice(1) : mx,
    max_age,
    extensions: [],
  }));

test('parse ∘ render is the identity, and what is rendered has no lint', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const parsed = parseMtaStsPolicy(bytes(renderMtaStsPolicy(policy)));
      assert.deepEqual(good(parsed), policy);
      assert.deepEqual(lintsOf(parsed), []);
    }),
  );
});

test('any bytes at all give a value; what is accepted reads the same when rendered', () => {
  const lines = fc
    .array(
      fc.constantFrom(
        'version: STSv1',
        'mode: enforce',
        'mode:none',
        'mx: a.b',
        'mx: *',
        'max_age: 1',
        'x: y',
        '',
        ' ',
      ),
    )
    .map((chosen) => bytes(chosen.join('\r\n')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), lines), (body) => {
      const parsed = parseMtaStsPolicy(body);
      if (!parsed.ok) return;
      const again = good(parseMtaStsPolicy(bytes(renderMtaStsPolicy(parsed.value))));
      assert.deepEqual(again, { ...parsed.value, extensions: [] });
    }),
    { numRuns: 500 },
  );
});

test('a policy-string (RFC 8460 §4.4) shows the policy whatever its order, line ends and spacing', () => {
  const lines = ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'mx: *.example.net', 'max_age: 604800'];
  const same: readonly (readonly string[])[] = [
    lines,
    lines.toReversed(),
    lines.map((line) => `${line}\r`),
    lines.map((line) => ` ${line.replace(': ', ':')}  `),
    lines.map((line) => line.replace('mx1.example', 'MX1.Example')),
    [lines.join('\r\n')],
    [...lines, '', lines[3] ?? ''],
  ];
  for (const shown of same) assert.equal(policyStringShows(shown, POLICY), true, JSON.stringify(shown));

  const others: readonly (readonly string[])[] = [
    [],
    lines.slice(1),
    [...lines, 'mx: mx9.example.com'],
    [...lines, 'x: y'],
    [...lines, 'nonsense'],
    lines.map((line) => line.replace('enforce', 'testing')),
    lines.map((line) => line.replace('enforce', 'Enforce')),
    lines.map((line) => line.replace('604800', '86400')),
  ];
  for (const shown of others) assert.equal(policyStringShows(shown, POLICY), false, JSON.stringify(shown));
});

test('a policy is shown by its own lines in any order, and by no other policy’s', () => {
  fc.assert(
    fc.property(policies, policies, fc.boolean(), (policy, other, reversed) => {
      const lines = renderMtaStsPolicy(policy).trimEnd().split('\r\n');
      assert.ok(policyStringShows(reversed ? lines.toReversed() : lines, policy));
      const equal =
        renderMtaStsPolicy({ ...policy, mx: policy.mx.toSorted() }) ===
        renderMtaStsPolicy({ ...other, mx: other.mx.toSorted() });
      assert.equal(policyStringShows(lines, other), equal);
    }),
  );
});
