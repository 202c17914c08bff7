import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { FAULT_TELLERS } from '#scripts/core/config/fault-tellers.ts';
import { positionsIn } from '#scripts/core/config/yaml/text-position.ts';
import { offsetOf } from '#scripts/core/config/yaml/yaml-outline.ts';
import { outlineText, readYaml } from '#scripts/core/config/yaml/yaml-text.ts';

suite('YAML 1.2 core schema', () => {
  const values: readonly (readonly [yaml: string, value: unknown])[] = [
    ['until: 2026-12-01', { until: '2026-12-01' }],
    ['a: yes', { a: 'yes' }],
    ['a: 0x10', { a: 16 }],
    ['a: 086400', { a: 86400 }],
    ['a: 604_800', { a: '604_800' }],
    ['{"mode": "testing", "mx": ["a.example"]}', { mode: 'testing', mx: ['a.example'] }],
    ['\'a\': "b"', { a: 'b' }],
    ['a:\n  - b\n  - c: d\n', { a: ['b', { c: 'd' }] }],
    ['%YAML 1.2\n---\na: b\n', { a: 'b' }],
  ];
  for (const [yaml, value] of values) {
    test(yaml, () => assert.deepEqual(readYaml(yaml, FAULT_TELLERS), { ok: true, value }));
  }

  test('a key named like a property of every object is a key like others', () => {
    const read = readYaml('__proto__: {mode: none}\nconstructor: x\n', FAULT_TELLERS);
    assert.deepEqual(read.ok && Object.keys(read.value as object), ['__proto__', 'constructor']);
  });

  test('what is read is what js-yaml loads', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab:-[]{}"\'\n #,') }), (text) => {
        const read = readYaml(text, FAULT_TELLERS);
        if (read.ok) assert.deepEqual(read.value, load(text));
      }),
      { numRuns: 2000 },
    );
  });
});

suite('where things stand', () => {
  const text =
    'mode: testing\nmx:\n  - mx1.example.com\n  - "*.example.com"\nrollout: {hold: true, reason: }\nowners:\n';
  const places: readonly (readonly [path: (string | number)[], on_key: boolean, place: string])[] = [
    [[], false, '1:1'],
    [['mode'], true, '1:1'],
    [['mode'], false, '1:7'],
    [['mx'], true, '2:1'],
    [['mx'], false, '3:3'],
    [['mx', 0], false, '3:5'],
    [['mx', 1], false, '4:5'],
    [['rollout', 'hold'], true, '5:11'],
    [['rollout', 'hold'], false, '5:17'],
    [['rollout', 'reason'], false, '5:23'],
    [['owners'], false, '6:1'],
    [['rollout', 'absent', 'deeper'], false, '5:10'],
    [['mx', 7], false, '3:3'],
  ];
  for (const [path, onKey, place] of places) {
    test(`${path.join('.')}${onKey ? ' (key)' : ''} at ${place}`, () => {
      const { line, column } = positionsIn(text)(offsetOf(outlineText(text), path, onKey));
      assert.equal(`${line}:${column}`, place);
    });
  }

  test('lines end at LF, CRLF and CR (YAML 1.2.2 §5.4)', () => {
    const position = positionsIn('a\nb\r\nc\rd');
    assert.deepEqual(
      [0, 2, 5, 7, 8, 99].map((offset) => position(offset)),
      [
        { line: 1, column: 1 },
        { line: 2, column: 1 },
        { line: 3, column: 1 },
        { line: 4, column: 1 },
        { line: 4, column: 2 },
        { line: 4, column: 2 },
      ],
    );
  });

  test('every value of a readable text is found where js-yaml read it', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        name,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(name, tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(name, tree, { minKeys: 1, maxKeys: 4 }), (value) => {
        const json = JSON.stringify(value, null, 1);
        const outline = outlineText(json);
        const visit = (part: unknown, path: (string | number)[]): void => {
          const expected = JSON.stringify(part)[0];
          assert.equal(json[offsetOf(outline, path, false)], expected);
          if (Array.isArray(part)) for (const [index, item] of part.entries()) visit(item, [...path, index]);
          else if (typeof part === 'object' && part !== null)
            for (const [key, item] of Object.entries(part)) visit(item, [...path, key]);
        };
        visit(value, []);
      }),
    );
  });
});
