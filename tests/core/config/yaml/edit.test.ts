import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { FAULT_TELLERS } from '#scripts/core/config/fault-tellers.ts';
import { type Edit, editYaml } from '#scripts/core/config/yaml/edit.ts';
import { readYaml } from '#scripts/core/config/yaml/yaml-text.ts';

const set = (key: string, value: string | number | boolean | null): Edit => ({ kind: 'set', key, value });
const list = (key: string, ...values: string[]): Edit => ({ kind: 'list', key, values });
const take = (...values: string[]): Edit => ({ kind: 'take', map: 'dane', key: 'next_keys', values });

suite('an edit changes what it says and nothing else', () => {
  for (const [what, before, edits, after] of [
    [
      'a value, its comment kept',
      'mode: testing # until May\nmx: [a.example]\n',
      [set('mode', 'enforce')],
      'mode: enforce # until May\nmx: [a.example]\n',
    ],
    ['a quoted value', 'mode: "testing"\n', [set('mode', 'enforce')], 'mode: enforce\n'],
    ['the same value', 'mode:   testing\n', [set('mode', 'testing')], 'mode:   testing\n'],
    ['a key that is empty', 'mode:\nmx: [a.example]\n', [set('mode', 'testing')], 'mode: testing\nmx: [a.example]\n'],
    [
      'a new key behind mx',
      'mode: enforce\nmx:\n  - a.example # first\ndane:\n  required: true\n',
      [set('max_age', 604800)],
      'mode: enforce\nmx:\n  - a.example # first\nmax_age: 604800\ndane:\n  required: true\n',
    ],
    [
      'a new key at the end',
      'mode: enforce\nmx: [a.example]',
      [set('retire', true)],
      'mode: enforce\nmx: [a.example]\nretire: true\n',
    ],
    [
      'a key away, the comment above it stays',
      '# why\nmode: testing\nmax_age: 3600 # short\nmx: [a.example]\n',
      [set('max_age', null)],
      '# why\nmode: testing\nmx: [a.example]\n',
    ],
    [
      'an item more in a block',
      'mx:\n    - a.example   # main\n# after\nmode: testing\n',
      [list('mx', 'a.example', 'b.example')],
      'mx:\n    - a.example   # main\n    - b.example\n# after\nmode: testing\n',
    ],
    [
      'items without an indent',
      'mx:\n- a.example\nmode: testing\n',
      [list('mx', 'a.example', '*.b.example')],
      'mx:\n- a.example\n- "*.b.example"\nmode: testing\n',
    ],
    [
      'an item less in a block',
      'mx:\n  - a.example\n  # the old one\n  - b.example\n  - c.example\n',
      [list('mx', 'a.example', 'c.example')],
      'mx:\n  - a.example\n  # the old one\n  - c.example\n',
    ],
    [
      'an item more in a flow',
      'mx: [ a.example ] # x\n',
      [list('mx', 'a.example', 'b.example')],
      'mx: [ a.example, b.example ] # x\n',
    ],
    ['an item less in a flow, first', 'mx: [a.example, b.example]\n', [list('mx', 'b.example')], 'mx: [b.example]\n'],
    ['an item less in a flow, last', 'mx: [a.example, "b.example"]\n', [list('mx', 'a.example')], 'mx: [a.example]\n'],
    ['all items replaced in a flow', 'mx: [a.example]\n', [list('mx', 'b.example')], 'mx: [b.example]\n'],
    [
      'all items replaced in a block',
      'mode: testing\nmx:\n  - a.example\nretire: true\n',
      [list('mx', 'b.example')],
      'mode: testing\nmx:\n  - b.example\nretire: true\n',
    ],
    [
      'Windows line ends',
      'mode: testing\r\nmx:\r\n  - a.example\r\n',
      [list('mx', 'a.example', 'b.example')],
      'mode: testing\r\nmx:\r\n  - a.example\r\n  - b.example\r\n',
    ],
    ['a list that is not there', 'mode: none\n', [list('mx', 'a.example')], 'mode: none\nmx:\n  - a.example\n'],
    [
      'out of a list in a map, in whatever case it is written',
      'dane:\n  managed: true # ours\n  next_keys:\n    - AB12 # old\n    - cd34\nmode: testing\n',
      [take('ab12')],
      'dane:\n  managed: true # ours\n  next_keys:\n    - cd34\nmode: testing\n',
    ],
    [
      'the last out of a list in a map: the list goes',
      '# keys\ndane:\n  managed: true\n  # until June\n  next_keys: ["ab12", cd34] # x\nmode: testing\n',
      [take('cd34', 'ab12')],
      '# keys\ndane:\n  managed: true\n  # until June\nmode: testing\n',
    ],
    [
      'the last out of a block at the end of the file',
      'mode: testing\ndane:\n  managed: true\n  next_keys:\n    - ab12\n',
      [take('ab12')],
      'mode: testing\ndane:\n  managed: true\n',
    ],
    [
      'out of a list in braces',
      'dane: {managed: true, next_keys: [ab12]}\nmode: testing\n',
      [take('ab12')],
      'dane: {managed: true, next_keys: []}\nmode: testing\n',
    ],
    ['out of a list that is not there', 'dane:\n  managed: true\n', [take('ab12')], 'dane:\n  managed: true\n'],
    ['out of a map that is not there', 'mode: testing\n', [take('ab12')], 'mode: testing\n'],
    [
      'several at once',
      'mode: testing\nmx: [a.example]\n',
      [set('mode', 'enforce'), list('mx', 'a.example', 'b.example')],
      'mode: enforce\nmx: [a.example, b.example]\n',
    ],
  ] as const) {
    test(what, () => {
      assert.equal(editYaml(before, edits), after);
      assert.ok(readYaml(after, FAULT_TELLERS).ok);
    });
  }

  test('a text that was never checked is not guessed at', () => {
    for (const text of ['- a\n', '{mode: testing}\n', 'mode: [\n'])
      assert.throws(() => editYaml(text, [set('mode', 'none')]), RangeError);
  });

  const host = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]\.example$/);
  const pattern = fc.oneof(
    host,
    host.map((name) => `*.${name}`),
  );
  const comment = fc.constantFrom('', ' # note', '   # mx: [b] "quoted"');
  const file = fc
    .record({
      mode: fc.constantFrom('testing', 'enforce'),
      mx: fc.uniqueArray(pattern, { minLength: 1, maxLength: 5 }),
      flow: fc.boolean(),
      eol: fc.constantFrom('\n', '\r\n'),
      comments: fc.array(comment, { minLength: 7, maxLength: 7 }),
      max_age: fc.option(fc.integer({ min: 86_400, max: 31_557_600 })),
    })
    .map(({ mode, mx, flow, eol, comments, max_age }) => {
      const quoted = mx.map((one) => (one.startsWith('*') ? `"${one}"` : one));
      const lines = [
        '# at the top',
        `mode: ${mode}${comments[0]}`,
        ...(flow
          ? [`mx: [${quoted.join(', ')}]${comments[1]}`]
          : ['mx:', ...quoted.map((one, index) => `  - ${one}${comments[2 + (index % 3)]}`)]),
        ...(max_age === null ? [] : [`max_age: ${max_age}${comments[5]}`]),
        `dane:${comments[6]}`,
        '  required: true',
        '',
      ];
      return { text: lines.join(eol), mode, mx, max_age };
    });

  test('any file and any edit: the values are those asked for, all other values and every comment stay', () => {
    fc.assert(
      fc.property(
        file,
        fc.uniqueArray(pattern, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('testing', 'enforce', 'none'),
        fc.option(fc.integer({ min: 86_400, max: 31_557_600 })),
        (before, mx, mode, max_age) => {
          const after = editYaml(before.text, [set('mode', mode), list('mx', ...mx), set('max_age', max_age)]);
          const read = readYaml(after, FAULT_TELLERS);
          assert.ok(read.ok, after);
          const value = read.value as Record<string, unknown>;
          assert.deepEqual(
            [value['mode'], new Set(value['mx'] as string[]), value['max_age'] ?? null, value['dane']],
            [mode, new Set(mx), max_age, { required: true }],
          );
          assert.ok(after.startsWith('# at the top'));
          // A comment goes only with the line it stands on.
          const kept = before.text
            .split(/\r?\n/)
            .filter((line) => /^(?:# at|mode:|dane:)/.test(line))
            .map((line) => line.replace(/^[^#]*/, ''));
          for (const text of kept) assert.ok(after.includes(text), text);
          // Making the same edit again changes nothing, and going back gives the same values.
          assert.equal(editYaml(after, [set('mode', mode), list('mx', ...mx), set('max_age', max_age)]), after);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no edit at all: the same bytes', () => {
    fc.assert(
      fc.property(file, ({ text, mode, mx, max_age }) => {
        assert.equal(editYaml(text, [set('mode', mode), list('mx', ...mx), set('max_age', max_age)]), text);
      }),
    );
  });
});
