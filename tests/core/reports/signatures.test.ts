import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressDomain, organisationalDomain } from '#scripts/core/reports/organisation.ts';
import { judgeSignatures, type SignatureOutcome } from '#scripts/core/reports/signatures.ts';

const by = (domain: string, outcome: SignatureOutcome['outcome'], partial = false): SignatureOutcome => ({
  outcome,
  domain,
  selector: 's',
  key: 'k',
  partial,
});

test('one signature', () => {
  const verdicts = [
    [by('sender.example', 'verified'), 'pass'],
    [by('mail.sender.example', 'verified'), 'pass'],
    [by('SENDER.example.', 'verified'), 'pass'],
    [by('other.example', 'verified'), 'misaligned'],
    [by('sender.example', 'verified', true), 'fail'],
    [by('sender.example', 'broken'), 'fail'],
    [by('sender.example', 'no-key'), 'unverifiable'],
    [by('sender.example', 'no-answer'), 'temporary'],
  ] as const;
  for (const [signature, expected] of verdicts) {
    assert.equal(judgeSignatures([signature], 'sender.example').dkim, expected, JSON.stringify(signature));
  }
  assert.deepEqual(judgeSignatures([], 'sender.example'), { dkim: 'none', domain: null, selector: null, key: null });
  assert.equal(judgeSignatures([by('sender.example', 'verified')], null).dkim, 'misaligned');
});

test('of several signatures a proof counts, then what could still become one, then the most telling failure', () => {
  const all = [
    by('sender.example', 'no-key'),
    by('sender.example', 'broken'),
    by('other.example', 'verified'),
    by('sender.example', 'no-answer'),
    by('mail.sender.example', 'verified'),
  ];
  const expected = ['unverifiable', 'fail', 'misaligned', 'temporary', 'pass'];
  for (let count = 1; count <= all.length; count += 1) {
    const some = all.slice(0, count);
    assert.equal(judgeSignatures(some, 'sender.example').dkim, expected[count - 1]);
    assert.equal(judgeSignatures(some.toReversed(), 'sender.example').dkim, expected[count - 1]);
  }
  assert.equal(judgeSignatures(all, 'sender.example').domain, 'mail.sender.example');
});

test('organisational domains (Public Suffix List)', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['corp.mail.ru', 'mail.ru'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['GOOGLE.com.', 'google.com'],
    ['user.github.io', 'user.github.io'],
    ['co.uk', 'co.uk'],
    ['localhost', 'localhost'],
    ['192.0.2.1', '192.0.2.1'],
    ['', null],
    ['a b', null],
    ['-', null],
    ['x'.repeat(300), null],
  ];
  for (const [host, expected] of cases) assert.equal(organisationalDomain(host), expected, host);
});

test('the host of contact-info, however it is written', () => {
  const cases: readonly (readonly [string | null, string | null])[] = [
    ['tls@sender.example', 'sender.example'],
    ['mailto:tls@Sender.Example', 'sender.example'],
    ['TLS Team <tls@sender.example>', 'sender.example'],
    ['"a@b"@sender.example', 'sender.example'],
    ['https://sender.example/', null],
    ['tls@', null],
    ['tls@a b', null],
    ['', null],
    [null, null],
    [`${'@'.repeat(900)}`, null],
    [`a@${'x'.repeat(2000)}`, null],
  ];
  for (const [address, expected] of cases) assert.equal(addressDomain(address), expected, String(address).slice(0, 40));
});
