import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SEVERAL_REPORTS, severalReports } from '#scripts/standards/tls-rpt-several.ts';

const split = (text: string) => {
  const several = severalReports(new TextEncoder().encode(text));
  return several === null ? null : [several.form, ...several.reports.map((part) => new TextDecoder().decode(part))];
};

test('a list, and one behind the other, in pieces; one alone, and what is mixed with other text, in none (RFC 8460 §4.4)', () => {
  const cases: readonly (readonly [string, readonly string[] | null])[] = [
    ['[{"a":1},{"b":"]}"}]', ['list', '{"a":1}', '{"b":"]}"}']],
    ['\ufeff [ {} , {"x":[{}]} ] ', ['list', '{}', '{"x":[{}]}']],
    ['[{},7,"a,b",null]', ['list', '{}', '7', '"a,b"', 'null']],
    ['{"a":1}\n{"a":2}\n', ['lines', '{"a":1}', '{"a":2}']],
    ['{"a":"\\"}"}{"a":2}', ['lines', '{"a":"\\"}"}', '{"a":2}']],
    ['\x1e{}\n\x1e{}\n', ['lines', '{}', '{}']],
    ['{"a":1}\n{"b":', ['lines', '{"a":1}', '{"b":']],
    ['{"a":1}', null],
    ['[{"a":1}]', null],
    ['{"a":1} and so on', null],
    ['{"a":1},{"a":2}', null],
    ['', null],
    ['[', null],
  ];
  for (const [text, expected] of cases) assert.deepEqual([text, split(text)], [text, expected]);
});

test('more than so many are told, and any values come back as they were', () => {
  assert.equal(severalReports(Buffer.from('{}'.repeat(SEVERAL_REPORTS)))?.more, false);
  const many = severalReports(Buffer.from(`[${'{},'.repeat(1_000_000)}{}]`));
  assert.deepEqual([many?.more, many?.reports.length], [true, SEVERAL_REPORTS]);
  const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 })), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(
    fc.property(objects, fc.constantFrom('\n', '', '\r\n '), (values, between) => {
      const texts = values.map((value) => JSON.stringify(value));
      assert.deepEqual(split(texts.join(between)), ['lines', ...texts]);
      assert.deepEqual(split(JSON.stringify(values)), ['list', ...texts]);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void severalReports(bytes)));
});
