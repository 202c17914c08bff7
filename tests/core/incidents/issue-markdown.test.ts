import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { markdownToHtml } from 'satteri';
import { codeBlock, codeSpan, inert, markdownProse, markdownText } from '#scripts/core/incidents/issue-markdown.ts';
import { activeParts } from './github-rendering.ts';

/** What people who wish us ill put into reports. */
const HOSTILE = [
  '@octocat',
  'tls@octocat',
  '@acme/postmasters',
  '#1',
  'fixes #12',
  'acme/repository#3',
  'GH-4',
  'https://evil.example/',
  'HTTP://evil.example',
  'www.evil.example',
  'mailto:a@b.example',
  'postmaster@example.com',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '<!-- postern:end -->',
  '-->',
  '<details><summary>',
  '```',
  '````\n@octocat\n````',
  '~~~',
  '`@octocat`',
  '**bold** _it_ ~~no~~',
  '$x$ $$y$$ `$`',
  '| a | b |\n|---|---|\n| c | d |',
  '# Heading',
  '- [x] done',
  '1. first',
  '> quote',
  '[^1] [^1]: note',
  ':tada: :+1:',
  'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
  'deadbee',
  '&#64;octocat &commat;octocat',
  '\\@octocat',
  '@\u200boctocat',
  '\u202e@tacotco',
  'a\u0000b\u001b[31m',
  '/snooze 2099-01-01',
  '\n\n# Title\n',
];

const anything = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(fc.constantFrom(...'@#<>`~*_[]()!-+.:/\\|$&=^{}"\' \n', 'a', 'w', '1', '​', ...HOSTILE), { maxLength: 12 })
    .map((parts) => parts.join('')),
);

/** The text as a page shows it. */
function shown(markdown: string): string {
  return activeParts(markdownToHtml(markdown).html).text;
}

test('foreign text in a paragraph does nothing and is shown letter by letter', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const markdown = `**Cause.** ${markdownText(text)} and more`;
      const { html } = markdownToHtml(markdown);
      assert.deepEqual(activeParts(html).active, [], html);
      assert.match(html.trimEnd(), /^<p><strong>Cause\.<\/strong> [^<]*and more<\/p>$/, 'the layout is ours');
    }),
    { numRuns: 2000 },
  );
  assert.equal(shown(markdownText('a_b*c [d] <e> 100 % & `f`')).replaceAll('\u200b', ''), 'a_b*c [d] <e> 100 % & `f`');
});

test('a time stays as it is, so that it can be copied; an emoji code does not', () => {
  assert.equal(inert('2026-05-01T11:00:00Z'), '2026-05-01T11:00:00Z');
  for (const code of [':100:', ':1st_place_medal:', ':+1:']) assert.notEqual(inert(code), code);
});

test('at the start of a line it begins no list, heading or quote', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const { html } = markdownToHtml(markdownText(text));
      assert.deepEqual(activeParts(html).active, [], html);
      assert.doesNotMatch(html, /<(?:ul|ol|h\d|blockquote|pre|table|hr)/);
    }),
    { numRuns: 1000 },
  );
});

test('a fenced block cannot be ended from inside', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 5 }), (lines) => {
      const { html } = markdownToHtml(`Before\n\n${codeBlock(lines)}\n\nAfter`);
      assert.match(
        html.trimEnd(),
        /^<p>Before<\/p>\n<pre><code class="language-text">[^<]*<\/code><\/pre>\n<p>After<\/p>$/,
      );
      assert.deepEqual(activeParts(html).active, []);
    }),
    { numRuns: 2000 },
  );
});

test('not even the source of a block holds a mention, a tag or an end of a comment', () => {
  fc.assert(
    fc.property(anything, (text) => {
      for (const safe of [inert(text), markdownText(text), codeBlock([text])]) {
        assert.doesNotMatch(safe, /@[A-Za-z0-9]|<[A-Za-z!/]|-->|:\/\/|#\d/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('code in a sentence stays code, and the sentence around it text', () => {
  fc.assert(
    fc.property(anything, anything, (text, code) => {
      const { html } = markdownToHtml(`**Do.** ${markdownProse(`Run ${text} now.`)} ${codeSpan(code)} end`);
      assert.deepEqual(activeParts(html).active, [], html);
      assert.match(html, /^<p><strong>Do\.<\/strong> (?:[^<]|<\/?code>)* end<\/p>\n?$/);
    }),
    { numRuns: 2000 },
  );
});

test('a command is copied as it was written', () => {
  for (const command of [
    'openssl s_client -starttls smtp -connect mx1.example.com:25 -servername mx1.example.com -showcerts </dev/null',
    'v=TLSRPTv1; rua=mailto:tls-reports@example.com',
    'curl https://mta-sts.example.com/.well-known/mta-sts.txt',
    'v=STSv1; id=20261121060000;',
  ])
    assert.equal(codeSpan(command), `\`${command}\``);
});
