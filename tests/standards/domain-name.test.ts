import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayDomainName, parseDomainName, parseHostName } from '#scripts/standards/domain-name.ts';
import { domainNames } from './arbitraries.ts';
import { faultsOf, good, lintsOf } from './vectors.ts';

const L63 = 'a'.repeat(63);
const LONGEST = `${L63}.${L63}.${L63}.${'a'.repeat(61)}`;

test('RFC 5321 §4.1.2 names, as lower-case A-labels', () => {
  const table: readonly (readonly [string, string])[] = [
    ['example.com', 'example.com'],
    ['Example.COM', 'example.com'],
    ['a.b', 'a.b'],
    ['1a.3com.example', '1a.3com.example'],
    ['r3---sn-4g5.example', 'r3---sn-4g5.example'],
    [LONGEST, LONGEST],
    // RFC 5891 §5
    ['müller.example', 'xn--mller-kva.example'],
    ['MÜLLER.Example', 'xn--mller-kva.example'],
    ['faß.example', 'xn--fa-hia.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['a\u212a.example', 'ak.example'],
    ['xn--mller-kva.example', 'xn--mller-kva.example'],
    ['XN--MLLER-KVA.example', 'xn--mller-kva.example'],
  ];
  for (const [text, wanted] of table) {
    assert.equal(good(parseDomainName(text)), wanted, text);
    assert.deepEqual(lintsOf(parseDomainName(text)), [], text);
  }
});

test('what is no mail domain, and why', () => {
  const table: readonly (readonly [string, ...string[]])[] = [
    ['', 'domain-empty'],
    ['localhost', 'domain-single-label'],
    ['.', 'domain-empty-label'],
    ['.example.com', 'domain-empty-label'],
    ['a..example.com', 'domain-empty-label'],
    ['example.com..', 'domain-empty-label'],
    ['-a.example.com', 'domain-hyphen'],
    ['a-.example.com', 'domain-hyphen'],
    ['mx_1.example.com', 'domain-characters'],
    ['*.example.com', 'domain-characters'],
    [' example.com', 'domain-characters'],
    ['example.com\n', 'domain-characters'],
    ['example.com:25', 'domain-characters'],
    ['https://example.com/', 'domain-characters'],
    ['a@example.com', 'domain-characters'],
    ['a%2eexample.com', 'domain-characters'],
    [`${'a'.repeat(64)}.example`, 'domain-long-label'],
    [`${LONGEST}a`, 'domain-too-long'],
    // Addresses, also as URL would read them
    ['192.0.2.1', 'domain-address'],
    ['192.0.2.1.', 'domain-address'],
    ['[192.0.2.1]', 'domain-address'],
    ['2001:db8::1', 'domain-address'],
    ['１９２.0.2.1', 'domain-address'],
    ['1.2.3', 'domain-numeric'],
    ['example.123', 'domain-numeric'],
    // Kept away from the URL parser
    ['ü.example/x', 'domain-characters'],
    ['ü@example.com', 'domain-characters'],
    ['ü%2e.example', 'domain-characters'],
    [`${'ü'.repeat(80)}.example`, 'domain-long-label'],
    [`${'ü.'.repeat(2000)}example`, 'domain-characters'],
    // Several faults are told at once
    ['-a..mx_1.123', 'domain-characters', 'domain-empty-label', 'domain-hyphen', 'domain-numeric'],
  ];
  for (const [text, ...wanted] of table) assert.deepEqual(faultsOf(parseDomainName(text)), wanted, text);
});

test('what is a name but should be written otherwise', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['example.com.', 'example.com', 'trailing-dot'],
    ['exam\u00adple.com', 'example.com', 'idn-mapped'],
    ['ｅxample.com', 'example.com', 'idn-mapped'],
    ['xn--zzzzzzz99.example', 'xn--zzzzzzz99.example', 'a-label-invalid'],
    ['xn--a.example', 'xn--a.example', 'a-label-invalid'],
  ];
  for (const [text, wanted, lint] of table) {
    assert.equal(good(parseDomainName(text)), wanted, text);
    assert.deepEqual(lintsOf(parseDomainName(text)), [lint], text);
  }
});

test('a host name seen in the DNS may be odder, and is null when no host can have it', () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['MX1.Example.COM.', 'mx1.example.com'],
    ['mx_1.example.com', 'mx_1.example.com'],
    ['_25._tcp.mx1.example.com', '_25._tcp.mx1.example.com'],
    ['mx.müller.example', 'mx.xn--mller-kva.example'],
    ['mx_1.müller.example.', 'mx_1.xn--mller-kva.example'],
    ['localhost', 'localhost'],
    ['.', null],
    ['', null],
    ['a..example', null],
    ['.example.com', null],
    ['192.0.2.1', null],
    ['2001:db8::1', null],
    ['a b.example', null],
    ['a\\.b.example', null],
    ['ü/a.example', null],
    ['-a.example', null],
    [`${LONGEST}.`, LONGEST],
    [`${LONGEST}a`, null],
    ['ü'.repeat(2000), null],
  ];
  for (const [text, wanted] of table) assert.equal(parseHostName(text), wanted, text);
});

test('U-labels are shown only where they cannot mislead', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['example.com', 'example.com', 'nothing to do'],
    ['xn--mller-kva.example', 'müller.example', 'Latin'],
    ['xn--e1afmkfd.xn--p1ai', 'пример.рф', 'Cyrillic that cannot pass for Latin'],
    ['xn--wgv71a119e.jp', '日本語.jp', 'Han'],
    ['xn--r8jz45g.xn--zckzah', '例え.テスト', 'Han with Hiragana, Katakana'],
    ['xn--80ak6aa92e.com', 'xn--80ak6aa92e.com', 'аррӏе: Cyrillic that looks Latin'],
    ['xn--pple-43d.com', 'xn--pple-43d.com', 'аpple: Cyrillic and Latin in one label'],
    ['xn--4db.com', 'xn--4db.com', 'written from right to left'],
    ['xn--zzzzzzz99.example', 'xn--zzzzzzz99.example', 'stands for nothing'],
    ['xn--mller-kva.xn--80ak6aa92e.com', 'xn--mller-kva.xn--80ak6aa92e.com', 'one label spoils the name'],
    [`xn--${'a'.repeat(300)}`, `xn--${'a'.repeat(300)}`, 'longer than any name'],
    ['_25._tcp.xn--mller-kva.example', '_25._tcp.müller.example', 'underscores do not matter'],
    ['*.xn--mller-kva.example', '*.müller.example', 'an mx pattern'],
  ];
  for (const [name, wanted, why] of table) assert.equal(displayDomainName(name), wanted, why);
});

test('every name reads as itself, in any case, with or without the root dot, as domain and as host', () => {
  fc.assert(
    fc.property(domainNames, (name) => {
      assert.equal(good(parseDomainName(name.toUpperCase())), name);
      assert.equal(good(parseDomainName(`${name}.`)), name);
      assert.equal(parseHostName(`${name.toUpperCase()}.`), name);
    }),
  );
});

test('a U-label that becomes an A-label is the same name again', () => {
  const letters = fc.stringMatching(/^[a-zàâäçéèêëîïôöùûüñøå]{1,12}$/);
  fc.assert(
    fc.property(letters, (label) => {
      const name = good(parseDomainName(`${label}.example`));
      assert.match(name, /^[a-z0-9-]+\.example$/);
      assert.equal(good(parseDomainName(name)), name);
      assert.equal(displayDomainName(name), `${label}.example`);
    }),
  );
});

test('any text at all gives a value, and what is accepted is a name', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.webUrl());
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseDomainName(text);
      if (parsed.ok) assert.match(parsed.value, /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.|$)){2,}$/);
      const host = parseHostName(text);
      if (host !== null) assert.equal(parseHostName(host), host);
      displayDomainName(text);
      displayDomainName(`xn--${text}`);
    }),
  );
});
