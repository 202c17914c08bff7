import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Entry } from '#scripts/core/config/entry.ts';
import { examine } from '#scripts/core/config/examine.ts';
import { examineWith } from '#scripts/core/config/examine-with.ts';
import { RULES } from '#scripts/core/config/rules/rule-table.ts';
import { brief, configurationOf, entriesOf, NOW, SETTINGS } from './entries.ts';
import { RULE_CASES } from './rule-cases.ts';

const filesOf = (files: (typeof RULE_CASES)[number][0]) =>
  typeof files === 'string' ? { 'example.com.yaml': files } : files;

suite('every rule says its own, at its place, and nothing else is said', () => {
  for (const [files, ...expected] of RULE_CASES) {
    const title =
      typeof files === 'string' ? JSON.stringify(files).slice(0, 100) : Object.keys(files).join(' ').slice(0, 100);
    test(`${title} → ${expected.join(', ').slice(0, 120)}`, () => {
      assert.deepEqual(configurationOf(filesOf(files)).problems.map(brief), expected);
    });
  }

  test('an error keeps the domain out, a warning does not', () => {
    for (const [files, ...expected] of RULE_CASES) {
      const { domains } = configurationOf(filesOf(files));
      for (const { file } of domains) {
        const errors = expected.filter(
          (line) => line.startsWith(`${file.slice('domains/'.length)}`) && line.includes(' error '),
        );
        assert.deepEqual(errors, []);
      }
      if (expected.every((line) => line.includes(' warning '))) assert.ok(domains.length > 0, expected.join());
    }
  });

  test('without what only a fault needs, the same is said or nothing, and of what is sound the same', () => {
    for (const [files, ...expected] of RULE_CASES) {
      const entries = entriesOf({ ...SETTINGS, ...filesOf(files) });
      const light = examineWith(entries, NOW, null);
      if (light !== null) assert.deepEqual(light, examine(entries, NOW));
      else assert.notDeepEqual(expected, []);
    }
    assert.notEqual(examineWith(entriesOf({ ...SETTINGS, 'example.com.yaml': 'mode: none\n' }), NOW, null), null);
    assert.equal(examineWith(entriesOf({ ...SETTINGS, 'example.com.yaml': 'mode: [\n' }), NOW, null), null);
  });

  test('every rule has a case here or below', () => {
    const cases = new Set(RULE_CASES.flatMap(([, ...expected]) => expected.map((line) => line.split(' ').at(-1))));
    const elsewhere = [
      ...FILE_FAULTS.map(([, line]) => line.split(' ').at(-1)),
      'settings-missing',
      'too-many-problems',
    ];
    assert.deepEqual(
      Object.keys(RULES).filter((id) => !cases.has(id) && !elsewhere.includes(id)),
      [],
    );
  });

  test('every message is one line, and a hint begins like a sentence', () => {
    for (const [files] of RULE_CASES) {
      for (const { message, hint } of configurationOf(filesOf(files)).problems) {
        assert.match(message, /^[^\n]{10,400}$/);
        assert.match(message, /[.…]$/);
        if (hint !== null) assert.match(hint, /^[A-Z][^\n]*[^\n]$/);
      }
    }
  });
});

const FILE_FAULTS: readonly (readonly [Entry, string])[] = [
  [{ path: 'example.com.yaml', kind: 'too-large', bytes_limit: 262144 }, 'example.com.yaml error file-too-large'],
  [{ path: 'example.com.yaml', kind: 'outside-root' }, 'example.com.yaml error file-outside-root'],
  [{ path: 'example.com.yaml', kind: 'unreadable', reason: 'EACCES' }, 'example.com.yaml error file-unreadable'],
  [{ path: 'acme', kind: 'unreadable', reason: 'EACCES' }, 'acme error file-unreadable'],
  [{ path: 'example.com.yaml', kind: 'special' }, 'example.com.yaml error file-kind'],
  [{ path: 'example.com.yaml', kind: 'unread', folder: true }, 'example.com.yaml error file-kind'],
  [{ path: 'acme/deeper', kind: 'unread', folder: true }, 'acme/deeper error file-depth'],
  [{ path: 'example.com.yml', kind: 'unread', folder: false }, 'example.com.yml error file-name'],
  [{ path: 'example.com.YAML', kind: 'unread', folder: false }, 'example.com.YAML error file-name'],
  [{ path: 'example.com', kind: 'unread', folder: false }, 'example.com warning file-ignored'],
  [{ path: 'acme/schema.json', kind: 'unread', folder: false }, 'acme/schema.json warning file-ignored'],
  [{ path: 'acme/_settings.yaml', kind: 'unread', folder: false }, 'acme/_settings.yaml error settings-place'],
  [{ path: 'acme/_settings.yml', kind: 'unread', folder: false }, 'acme/_settings.yml error settings-place'],
  [{ path: '_Settings.yaml', kind: 'unread', folder: false }, '_Settings.yaml error settings-place'],
  [{ path: '_settings.json', kind: 'unread', folder: false }, '_settings.json error settings-place'],
  [{ path: '_settings.yaml', kind: 'unread', folder: true }, '_settings.yaml error file-kind'],
  [{ path: 'a\u001b[2J\n.yaml', kind: 'unread', folder: false }, 'a\\u{1b}[2J\\u{a}.yaml error file-name'],
  [{ path: 'a\u202emoc.yaml', kind: 'unread', folder: false }, 'a\\u{202e}moc.yaml error file-name'],
  [{ path: 'a\ufffd', kind: 'unread', folder: true }, 'a\\u{fffd} error file-name'],
  [{ path: '', kind: 'too-many', limit: '100000 files' }, ' error file-count'],
];

suite('what is not a readable file', () => {
  for (const [entry, expected] of FILE_FAULTS) {
    test(expected, () => {
      assert.deepEqual(examine([...entriesOf(SETTINGS), entry], NOW).problems.map(brief), [expected]);
    });
  }

  test('left alone: names with _ or . first, Markdown, JSON beside the settings', () => {
    const paths = [
      '_dkim-keys.txt',
      '_old.yaml',
      '.DS_Store',
      'README.md',
      'schema.json',
      'acme/README.md',
      'acme/_x.yaml',
    ];
    const entries = paths.map((path): Entry => ({ path, kind: 'unread', folder: false }));
    const folders = ['_templates', '.git', 'acme/.cache'].map(
      (path): Entry => ({ path, kind: 'unread', folder: true }),
    );
    assert.deepEqual(examine([...entriesOf(SETTINGS), ...entries, ...folders], NOW).problems, []);
  });

  test('a domain whose file was not read is not an unknown domain', () => {
    const unread: Entry = { path: 'example.net.yaml', kind: 'too-large', bytes_limit: 262144 };
    const { problems } = examine(
      [...entriesOf({ ...SETTINGS, 'example.com.yaml': 'same_as: example.net\n' }), unread],
      NOW,
    );
    assert.deepEqual(problems.map(brief), [
      'example.com.yaml:1:10 error same-as-unusable',
      'example.net.yaml error file-too-large',
    ]);
  });

  test('settings that do not exist, and settings.yml', () => {
    const domain = entriesOf({ 'example.com.yaml': 'mode: none\n' });
    assert.deepEqual(examine(domain, NOW).problems.map(brief), ['_settings.yaml error settings-missing']);
    const misnamed: Entry = { path: '_settings.yml', kind: 'unread', folder: false };
    assert.deepEqual(examine([...domain, misnamed], NOW).problems.map(brief), ['_settings.yml error file-name']);
  });
});

suite('what is fine stays quiet', () => {
  const quiet: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'organisation, mode and mx': { 'example.com.yaml': 'mode: testing\nmx: [mx1.example.com, mx2.example.com]\n' },
    'a mode none without mx (RFC 8461 §3.2)': { 'example.com.yaml': 'mode: none\n' },
    'Google’s and Microsoft’s own patterns': {
      'a.example.yaml': 'mode: testing\nmx: [aspmx.l.google.com, "*.aspmx.l.google.com"]\n',
      'b.example.yaml': 'mode: testing\nmx: ["*.l.google.com", "*.googlemail.com"]\n',
      'c.example.yaml': 'mode: testing\nmx: [smtp.google.com]\n',
      'd.example.yaml': 'mode: testing\nmx: ["*.mail.protection.outlook.com"]\n',
      'e.example.yaml': 'mode: testing\nmx: [e-example.a-v1.mx.microsoft]\n',
    },
    'a wildcard below one’s own domain': { 'example.co.uk.yaml': 'mode: testing\nmx: ["*.example.co.uk"]\n' },
    'an exception on its last day': {
      'example.com.yaml': 'mode: none\noverrides: [{code: mass-change, reason: y, until: 2026-11-21}]\n',
    },
    'max_age at its bounds': {
      'a.example.yaml': 'mode: none\nmax_age: 0\n',
      'b.example.yaml':
        'mode: enforce\nmx: [mx.example]\nmax_age: 31557600\nrua: ["https://reports.example.org/tls"]\n'.replace(
          'mx.example]',
          'mx.b.example]',
        ),
    },
    'a retiring domain, whatever its max_age': {
      'example.com.yaml': 'mode: enforce\nmx: [mx.example.com]\nmax_age: 3600\nretire: true\n',
    },
    'a sharer that repeats what it shares': {
      'a.example.yaml': 'same_as: b.example\nmode: testing\nmx: [mx2.b.example, MX1.b.example]\n',
      'b.example.yaml': 'mode: testing\nmx: [mx1.b.example, mx2.b.example]\n',
    },
    'a chain of sharers': {
      'a.example.yaml': 'same_as: b.example\n',
      'b.example.yaml': 'same_as: c.example\n',
      'c.example.yaml': 'mode: none\n',
    },
    'an A-label, a customer’s folder, CRLF line ends': {
      'a customer/xn--mller-kva.example.yaml': 'mode: none\r\n\r\nvolume: low\r\n',
    },
    'a document start and end': { 'example.com.yaml': '---\nmode: none\n...\n' },
    'handles with and without @, as user and as team': {
      'example.com.yaml': 'mode: none\nowners: [octocat, "@octocat", acme/post.masters, "@acme/x", emu_acme]\n',
    },
    'a reason of several lines': {
      'example.com.yaml': 'mode: none\nrollout:\n  hold: true\n  reason: |\n    one\n    two\n',
    },
    'letters of any script': {
      '_settings.yaml': 'organisation: "Müller & Söhne 株式会社 👩‍💻"\n',
      'example.com.yaml': 'mode: none\n',
    },
    'the example clock with example domains only': {
      '_settings.yaml': 'organisation: X\nexample_clock: 2026-11-21T07:00:00+01:00\n',
      'example.com.yaml': 'mode: none\n',
      'a.example.yaml': 'mode: none\n',
      'lab.test.yaml': 'mode: none\n',
    },
    'records in the zone of their dns, or in the delegation zone': {
      '_settings.yaml':
        'organisation: X\ndelegation_zone: sts.example.net\ndns: {a: {kind: desec, zone: example.com}, b: {kind: desec, zone: example.net}, c: {kind: manual}}\n',
      'example.com.yaml': 'mode: none\ndns: a\n',
      'sub.example.com.yaml': 'mode: none\ndns: a\n',
      'example.org.yaml': 'mode: none\ndns: b\ndelegation: cname\n',
      'a.example.yaml': 'mode: none\ndns: c\n',
    },
    'IMAP without TLS on loopback': {
      '_settings.yaml': 'organisation: X\nmailbox: {imap: {host: 127.0.0.1, port: 1143, user: u, tls: false}}\n',
    },
  };
  for (const [title, files] of Object.entries(quiet)) {
    test(title, () => {
      const { problems, domains, settings } = configurationOf(files);
      assert.deepEqual(problems, []);
      assert.notEqual(settings, null);
      assert.equal(domains.length, Object.keys(files).filter((path) => path !== '_settings.yaml').length);
    });
  }
});

suite('messages say what to do', () => {
  const hints: readonly (readonly [yaml: string, message: RegExp, hint: RegExp])[] = [
    ['mode: none\nmaxage: 1\n', /no key `maxage`/, /Did you mean `max_age`\?/],
    ['mode: enfroce\n', /must be enforce, testing or none; it is `enfroce`/, /`enforce`/],
    ['mode: none\nrua: [tls@example.net]\n', /tls@example\.net/, /Write mailto:tls@example\.net\./],
    ['mode: none\nmx: [*.example.com]\n', /must stand in quotes/, /Write "\*\.example\.com"\./],
    ['mode: none\nowners: [@octocat]\n', /cannot begin with this character/, /quotes/],
    ['mode: none\nmx: mx.example.com\n', /must be a list; it is `mx\.example\.com`/, /Write \[mx\.example\.com\]\./],
    ['mode: none\nmx: [müller.example]\n', /xn--mller-kva\.example/, /host name/],
    ['same_as: quite-another.org\n', /no domain `quite-another\.org`/, /^Add domains\/quite-another\.org\.yaml/],
    ['same_as: exmaple.net\n', /no domain `exmaple\.net`/, /Did you mean `example\.net`\?/],
    ['mode: none\napi_token: x\n', /no key `api_token`/, /environment/],
    ['mode: testing\nmx: ["*.google.com"]\n', /covers far more of Google/, /aspmx\.l\.google\.com/],
  ];
  for (const [yaml, message, hint] of hints) {
    test(JSON.stringify(yaml), () => {
      const [problem] = configurationOf({ 'example.com.yaml': yaml, 'example.net.yaml': 'mode: none\n' }).problems;
      assert.match(problem?.message ?? '', message);
      assert.match(problem?.hint ?? '', hint);
    });
  }

  test('a file name in U-labels is told its A-label', () => {
    const [problem] = configurationOf({ 'müller.example.yaml': 'mode: none\n' }).problems;
    assert.equal(problem?.hint, 'Rename the file to xn--mller-kva.example.yaml.');
  });

  test('a password written by mistake does not go into the log', () => {
    const proxy = 'socks5://me:s3cret@proxy.example.com:1080';
    const { problems } = configurationOf({ '_settings.yaml': `organisation: X\nnetwork: {socks: "${proxy}"}\n` });
    assert.equal(problems.length, 1);
    assert.ok(!JSON.stringify(problems).includes('s3cret'));
  });

  test('text from a file appears on one line, with nothing invisible in it', () => {
    const { problems } = configurationOf({
      '_settings.yaml': 'organisation: X\nhosting: {"a\\n\\e[2J": {kind: "\\e"}}\n',
      'example.com.yaml': '"mode\\n\\e[2J": none\n"\\u202e": 1\n',
    });
    assert.equal(problems.length, 4);
    for (const { message, hint } of problems) assert.doesNotMatch(`${message}${hint}`, /[\p{Cc}\p{Cf}]/u);
  });
});

suite('bounds', () => {
  const limit = 262_144;
  const fill = (piece: string) => piece.repeat(Math.floor(limit / piece.length));
  const hostile: Readonly<Record<string, string>> = {
    'alias bomb': `a: &a [x, x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : 'a'}, *${i ? `b${i - 1}` : 'a'}]\n`).join('')}`,
    'forty thousand aliases': `a: &a x\n${fill('b: *a\n')}`.slice(0, limit),
    'one key forty thousand times': fill('mode: none\n'),
    'unknown keys': Array.from({ length: 20_000 }, (_, i) => `key${i}: 1\n`).join(''),
    'open brackets': fill('['),
    quotes: fill('"'),
    'question marks': fill('? '),
    documents: fill('---\n'),
    'one long word': fill('a'),
    'a list of bad patterns': `mode: testing\nmx:\n${'- "*.com"\n'.repeat(20_000)}`,
    'an early slip before deep nesting': `a: @b\nc: ${'['.repeat(4000)}`,
    'an early slip before deep keys': `a: @b\nc: ${'{a: '.repeat(1000)}`,
    'long handles': `mode: none\nowners: ["${'a'.repeat(4000)}"]\n`,
  };
  for (const [title, text] of Object.entries(hostile)) {
    test(`${title}: told within a moment, at most 51 problems`, { timeout: 10_000 }, () => {
      const { problems, domains } = configurationOf({ 'example.com.yaml': text });
      assert.ok(problems.length > 0 && problems.length <= 51, `${problems.length} problems`);
      assert.equal(domains.length, 0);
      assert.ok(JSON.stringify(problems).length < 60_000);
    });
  }

  test('errors are not crowded out by warnings', () => {
    const covered = Array.from({ length: 90 }, (_, i) => `mx${i}.example.com`);
    const yaml = `mode: enforce\nmx: ["*.example.com", ${covered.join(', ')}]\nmax_age: 1\nhosting: nowhere\n`;
    const { problems } = configurationOf({ 'example.com.yaml': yaml });
    assert.equal(problems.length, 51);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule),
      ['max-age-bounds', 'unknown-hosting'],
    );
    assert.equal(problems[0]?.rule, 'too-many-problems');
  });

  test('ten thousand files of one domain, and ten thousand unknown same_as', { timeout: 20_000 }, () => {
    const same = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`c${i}/example.com.yaml`, 'mode: none\n']),
    );
    assert.ok(JSON.stringify(configurationOf(same).problems).length < 5_000_000);
    const lost = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`d${i}.example.yaml`, `same_as: e${i}.example\n`]),
    );
    assert.equal(configurationOf(lost).problems.length, 10_000);
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [
        `d${i}.example.yaml`,
        i === 9999 ? 'mode: none\n' : `same_as: d${i + 1}.example\n`,
      ]),
    );
    assert.equal(configurationOf(chain).domains.length, 10_000);
  });
});

suite('properties', () => {
  const pieces = [
    'mode',
    'mx',
    'max_age',
    'rua',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '\n',
    '\r\n',
    '\r',
    '  ',
    '\t',
    '#',
    '*',
    '&a ',
    '!!str ',
    '---\n',
    'testing',
    'enforce',
    '*.com',
    'mx.example.com',
    'ä',
    '\u{1f4ee}',
    '|',
    '>',
    '? ',
    '5',
    'null',
    ',',
    '@',
  ];
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));
  const cut = fc
    .tuple(
      fc.constantFrom(...RULE_CASES.flatMap(([files]) => (typeof files === 'string' ? [files] : []))),
      fc.nat(200),
      fc.nat(200),
      fc.constantFrom(...pieces),
    )
    .map(([text, at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length));

  test('every problem’s line and column lie inside the file', () => {
    fc.assert(
      fc.property(fc.oneof(soup, cut, fc.string({ unit: 'binary' })), (text) => {
        const { problems } = configurationOf({ 'example.com.yaml': text });
        const lines = text.split(/\r\n|\n|\r/);
        for (const { file, line, column } of problems) {
          if (line === null || column === null || file === 'domains/_settings.yaml') continue;
          assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
          assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `column ${column}`);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('any bytes end in a configuration or in problems, never in a throw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
        (content, name) => {
          const { problems, domains } = examine(entriesOf({ ...SETTINGS, [`${name}.yaml`]: content }), NOW);
          assert.ok(problems.length + domains.length > 0 || /^[._]/.test(name) || /\/[._]/.test(name));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('problems are in order of file, line and column, whatever the order of the files', () => {
    const files = Object.fromEntries(
      RULE_CASES.flatMap(([text], i) => (typeof text === 'string' ? [[`d${i}.example.yaml`, text]] : [])),
    );
    const entries = entriesOf({ ...SETTINGS, ...files });
    const expected = examine(entries, NOW).problems;
    const place = ({ file, line, column }: (typeof expected)[number]) => [file, line ?? 0, column ?? 0] as const;
    for (const [index, problem] of expected.slice(1).entries()) {
      const [before, here] = [place(expected[index] ?? problem), place(problem)];
      const later =
        before[0] !== here[0]
          ? before[0] < here[0]
          : before[1] !== here[1]
            ? before[1] < here[1]
            : before[2] <= here[2];
      assert.ok(later, `${before} before ${here}`);
    }
    fc.assert(
      fc.property(fc.shuffledSubarray([...entries], { minLength: entries.length }), (shuffled) => {
        assert.deepEqual(examine(shuffled, NOW).problems, expected);
      }),
      { numRuns: 10 },
    );
  });
});
