import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchesMx, parseMxPattern } from '#scripts/standards/mx-pattern.ts';
import { domainNames, mxPatterns } from './arbitraries.ts';
import { faultsOf, good, lintsOf, readVectors } from './vectors.ts';

interface MatchVector {
  readonly id: string;
  readonly pattern: string;
  readonly host: string;
  readonly match: boolean;
}

for (const { id, pattern, host, match } of readVectors<MatchVector>('mx-match.json', 20)) {
  test(`RFC 8461 §4.1 ${id}: ${pattern} ${match ? 'covers' : 'does not cover'} ${host}`, () => {
    assert.equal(matchesMx(good(parseMxPattern(pattern)), host), match);
  });
}

test('RFC 8461 §3.2 `["*."] Domain`', () => {
  const goodOnes = ['mx1.example.com', '*.example.com', '*.com', 'xn--mller-kva.example', 'localhost'];
  for (const text of goodOnes) {
    assert.equal(good(parseMxPattern(text)), text);
    assert.deepEqual(lintsOf(parseMxPattern(text)), []);
  }
  assert.equal(good(parseMxPattern('*.Example.COM')), '*.example.com');
  assert.deepEqual(lintsOf(parseMxPattern('*.Example.COM')), ['pattern-case']);
});

test('what is no pattern, and why', () => {
  const table: readonly (readonly [string, string])[] = [
    ['', 'domain-empty'],
    ['*', 'pattern-star'],
    ['*.', 'domain-empty'],
    ['*.*.example.com', 'pattern-star'],
    ['mx*.example.com', 'pattern-star'],
    ['mail.*.example.com', 'pattern-star'],
    ['10 mx1.example.com', 'pattern-not-one'],
    ['a.example.com, b.example.com', 'pattern-not-one'],
    ['müller.example', 'pattern-u-label'],
    ['*.müller.example', 'pattern-u-label'],
    // toLowerCase() would make it the letter k
    ['\u212a.example', 'pattern-u-label'],
    ['mx1.example.com.', 'domain-empty-label'],
    ['.example.com', 'domain-empty-label'],
    ['mx_1.example.com', 'domain-characters'],
    ['-bad.example.com', 'domain-hyphen'],
    ['[192.0.2.1]', 'domain-address'],
    ['192.0.2.1', 'domain-address'],
    ['2001:db8::1', 'domain-address'],
  ];
  for (const [text, wanted] of table) assert.deepEqual(faultsOf(parseMxPattern(text)), [wanted], text);
});

test('the message for a U-label says what to write', () => {
  const parsed = parseMxPattern('*.müller.example');
  assert.ok(!parsed.ok);
  assert.match(parsed.faults[0]?.message ?? '', /`\*\.xn--mller-kva\.example`/);
});

test('a name covers itself; its star pattern covers one label before it, no more and no fewer', () => {
  fc.assert(
    fc.property(domainNames, (name) => {
      const star = good(parseMxPattern(`*.${name}`));
      assert.ok(matchesMx(good(parseMxPattern(name)), `${name.toUpperCase()}.`));
      assert.ok(matchesMx(star, `mx_1.${name}`));
      assert.ok(!matchesMx(star, name));
      assert.ok(!matchesMx(star, `a.b.${name}`));
      assert.ok(!matchesMx(star, `x${name}`));
    }),
  );
});

test('a host is never covered by a pattern with another number of labels', () => {
  fc.assert(
    fc.property(mxPatterns, domainNames, (pattern, host) => {
      if (matchesMx(pattern, host)) assert.equal(host.split('.').length, pattern.split('.').length);
    }),
  );
});

test('any text at all gives a value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), mxPatterns, (text, pattern) => {
      const parsed = parseMxPattern(text);
      if (parsed.ok) assert.equal(good(parseMxPattern(parsed.value)), parsed.value);
      matchesMx(pattern, text);
    }),
  );
});
