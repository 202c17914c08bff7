import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '#scripts/standards/json-scan.ts';
import { readJson } from '#scripts/standards/json-text.ts';
import { bytes } from './vectors.ts';

const LIMITS = { bytes: 1_000_000, depth: 32, values: 100_000 };

function read(text: string) {
  const reading = readJson(bytes(text), LIMITS);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading;
}

function refused(json: Uint8Array, limits = LIMITS): readonly [string, string] {
  const reading = readJson(json, limits);
  assert.ok(!reading.ok);
  return [reading.reason, reading.message];
}

test('JSON reads as JSON.parse reads it, with nothing to tell', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium' }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const reading = read(text);
      const inexact = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)].some(
        ([token]) => Math.abs(Number(token)) > 2 ** 53 - 1 && !token.startsWith('"'),
      );
      if (!inexact) assert.deepEqual(reading.value, JSON.parse(text));
      assert.ok(!reading.bom && !reading.replaced && reading.repeatedKeys.size === 0);
    }),
  );
});

test('the scan knows depth, keys, odd numbers and escaped keys whatever the strings hold', () => {
  const table: readonly (readonly [string, number, number, boolean])[] = [
    ['1', 0, 0, false],
    ['"a"', 0, 0, false],
    ['[]', 1, 0, false],
    ['{"a":{"b":[1]}}', 3, 2, false],
    ['{"a" : 1 , "b" :\n2}', 1, 2, false],
    ['["::1", "\\":", "{[", "1.5", "\\\\"]', 1, 0, false],
    ['[true, false, null]', 1, 0, false],
    ['[10.0]', 1, 0, true],
    ['[1e1]', 1, 0, true],
    ['[1E1]', 1, 0, true],
    ['[123456789012345]', 1, 0, false],
    ['[1234567890123456]', 1, 0, true],
    ['[-5]', 1, 0, false],
    ['{"a\\n":1}', 1, 1, true],
    ['{"a":"\\n"}', 1, 1, false],
    ['{"a":"\\n","b":1}', 1, 2, false],
  ];
  for (const [text, depth, keys, odd] of table) {
    const shape = scanJson(bytes(text), 32, 1000);
    assert.deepEqual([shape.depth, shape.keys, shape.unusual], [depth, keys, odd], text);
  }
});

test('repeated keys: the last value keeps the name, the earlier ones are numbered', () => {
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['{"a":1,"a":2}', '{"a#1":1,"a":2}', ['a']],
    ['{"a":1,"a":2,"a":3}', '{"a#1":1,"a#2":2,"a":3}', ['a']],
    ['{"a":{"b":1,"b":2},"b":3}', '{"a":{"b#1":1,"b":2},"b":3}', ['b']],
    ['[{"a":1},{"a":1}]', '[{"a":1},{"a":1}]', []],
    ['{"a":1,"\\u0061":2}', '{"a#1":1,"a":2}', ['a']],
    ['{"a":1,"a#1":2,"a":3}', '{"a#2":1,"a#1":2,"a":3}', ['a']],
    ['{"a":1,"a":3,"a#1":2}', '{"a#1#1":1,"a#1":2,"a":3}', ['a', 'a#1']],
    ['{"a":[{"a":1}],"a":"\\":"}', '{"a#1":[{"a":1}],"a":"\\":"}', ['a']],
    ['{"__proto__":1,"__proto__":2}', '{"__proto__#1":1,"__proto__":2}', ['__proto__']],
  ];
  for (const [text, wanted, keys] of table) {
    const reading = read(text);
    assert.deepEqual(reading.value, JSON.parse(wanted), text);
    assert.deepEqual([...reading.repeatedKeys], keys, text);
  }
});

test('escaped keys are what they say, also where JSON.parse takes them for others (nodejs/node#63785)', () => {
  for (const key of ['\\', '"', '\n', '\\n', 'a\\', 'a"', '\u0041']) {
    JSON.parse(JSON.stringify({ h: 0, [key]: 0 }));
    for (const other of ['\\', '"', '\n', '\\n', 'a\\', 'a"', 'a\n']) {
      const reading = read(JSON.stringify({ h: 0, [other]: 1 }));
      assert.deepEqual(Object.keys(reading.value ?? {}), ['h', other]);
    }
  }
});

test('a key that is repeated is always told, and no value is lost', () => {
  const keys = fc.constantFrom('a', 'b', 'c', 'a#1', '"', ':', '\\', '__proto__');
  const values = fc.oneof(fc.constantFrom('1', '"x"', '"\\":"', '[]', '{"a":1}', '"::1"'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(keys, values), { maxLength: 6 }),
      fc.constantFrom('', ' ', '\n'),
      (members, space) => {
        const text = `{${members.map(([key, value]) => `${JSON.stringify(key)}${space}:${space}${value}`).join(`,${space}`)}}`;
        const { value, repeatedKeys } = read(text);
        assert.ok(typeof value === 'object' && value !== null);
        assert.equal(Object.keys(value).length, members.length, text);
        assert.equal(repeatedKeys.size > 0, new Set(members.map(([key]) => key)).size < members.length, text);
      },
    ),
  );
});

test('numbers that a double cannot hold keep their digits; whole floats are told by key', () => {
  assert.deepEqual(read('{"n":9007199254740993}').value, { n: { '#number': '9007199254740993' } });
  assert.deepEqual(read('[1e400,-12345678901234567890]').value, [
    { '#number': '1e400' },
    { '#number': '-12345678901234567890' },
  ]);
  assert.deepEqual(read('[1e-400,0.000e-400,-0.0]').value, [{ '#number': '1e-400' }, 0, -0]);
  assert.deepEqual(read('{"n":9007199254740991}').value, { n: 9_007_199_254_740_991 });
  assert.deepEqual([...read('{"a":10.0,"b":1e1,"c":1.5,"d":[2.0],"e":3}').floatKeys], ['a', 'b']);
});

test('a byte order mark and bytes that are not UTF-8 are told, and the rest is read', () => {
  assert.equal(read('\ufeff{}').bom, true);
  const latin1 = readJson(new Uint8Array([...bytes('{"a":"M'), 0xfc, ...bytes('ller"}')]), LIMITS);
  assert.ok(latin1.ok);
  assert.deepEqual([latin1.replaced, latin1.value], [true, { a: 'M\ufffdller' }]);
  assert.equal(read('{"a":"\ufffd"}').replaced, false, 'a replacement character that was sent is no repair');
});

test('lone surrogates, NUL and the names of Object.prototype are ordinary text', () => {
  const { value } = read('{"__proto__":{"polluted":1},"constructor":"\\ud800","toString":"\\u0000"}');
  assert.deepEqual(Object.entries(value as object), [
    ['__proto__', { polluted: 1 }],
    ['constructor', '\ud800'],
    ['toString', '\0'],
  ]);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('what is refused, before it can do harm', () => {
  const deep = (depth: number) => bytes('['.repeat(depth) + ']'.repeat(depth));
  assert.ok(readJson(deep(32), LIMITS).ok);
  assert.equal(refused(deep(33))[0], 'too-deep');
  assert.equal(refused(bytes('{"a":'.repeat(33)))[0], 'too-deep');
  assert.equal(refused(bytes('['.repeat(900_000)))[0], 'too-deep');
  assert.equal(refused(bytes(`[${'0,'.repeat(100_000)}0]`))[0], 'too-many-values');
  assert.equal(refused(bytes(`[${'{},'.repeat(60_000)}0]`))[0], 'too-many-values');
  assert.equal(refused(new Uint8Array(1_000_001))[0], 'too-large');
});

test('what is not JSON says what it is', () => {
  const table: readonly (readonly [Uint8Array, RegExp])[] = [
    [bytes(''), /no text/],
    [bytes('<html/>'), /HTML/],
    [new Uint8Array([0x1f, 0x8b, 8]), /gzip/],
    [bytes('PK\u0003\u0004'), /zip/],
    [bytes('{"a":NaN}'), /RFC 8259/],
    [bytes('{"a":1,}'), /RFC 8259/],
    [bytes('{"a":"\u0007"}'), /RFC 8259/],
    [bytes('{} {}'), /RFC 8259/],
    [bytes("{'a':1}"), /RFC 8259/],
  ];
  for (const [json, message] of table) {
    const [reason, said] = refused(json);
    assert.equal(reason, 'not-json');
    assert.match(said, message);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: hostile text must not reach a terminal
    assert.doesNotMatch(said, /[\x00-\x1f\x7f-\x9f]/);
  }
});

test('any bytes at all give a value', () => {
  const jsonish = fc.stringMatching(/^[{}[\]":,0-9.eE+\\ -]{0,40}$/).map(bytes);
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), jsonish, fc.string({ unit: 'binary' }).map(bytes)), (json) => {
      const reading = readJson(json, LIMITS);
      let valid = true;
      try {
        JSON.parse(new TextDecoder().decode(json));
      } catch {
        valid = false;
      }
      assert.equal(reading.ok, valid);
    }),
    { numRuns: 1000 },
  );
});
