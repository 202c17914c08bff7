import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictByOwnMx, vouchedSignatures } from '#scripts/core/reports/authentication-results.ts';
import { judgeSignatures, type SignatureOutcome } from '#scripts/core/reports/signatures.ts';

const IDS = ['mx.example.com'];

test('RFC 8601 §2.2: what our own MX found valid', () => {
  for (const [field, expected] of [
    ['mx.example.com; dkim=pass header.d=sender.example header.s=s1', [['sender.example', 's1']]],
    ['mx.example.com 1; dkim=pass header.d=Sender.Example', [['sender.example', null]]],
    ['MX.example.COM; spf=pass; dkim=pass (2048 bit; "x") header.i=@sender.example', [['sender.example', null]]],
    [
      'mx.example.com;\r\n dkim=fail header.d=a.example;\r\n dkim=pass header.d=b.example header.s="s2"',
      [['b.example', 's2']],
    ],
    [
      'mx.example.com (our; dkim=pass header.d=evil.example) ; dkim = pass header.d=sender.example',
      [['sender.example', null]],
    ],
  ] as const) {
    assert.deepEqual(
      vouchedSignatures(field, IDS).map(({ domain, selector }) => [domain, selector]),
      expected,
      field,
    );
  }
});

test('nothing is believed of another server, of another version, or that is not a pass', () => {
  for (const field of [
    null,
    '',
    'mx.example.com; none',
    'mx.evil.example; dkim=pass header.d=sender.example',
    'mx.example.com.evil.example; dkim=pass header.d=sender.example',
    'mx.example.com 2; dkim=pass header.d=sender.example',
    'mx.example.com; dkim=passed header.d=sender.example',
    'mx.example.com; dkim=pass-ish header.d=sender.example',
    'mx.example.com; dkim=neutral reason="dkim=pass header.d=x.example" header.d=sender.example',
    'mx.example.com; x-dkim=pass header.d=sender.example',
    'mx.example.com; dkim=pass',
    'mx.example.com; arc=pass header.d=sender.example',
    `mx.example.com; dkim=pass header.d=sender.example ${'x'.repeat(30_000)}`,
  ]) {
    assert.deepEqual(vouchedSignatures(field, IDS), [], String(field));
  }
  assert.deepEqual(vouchedSignatures('mx.example.com; dkim=pass header.d=sender.example', []), []);
});

const signature = (changes: Partial<SignatureOutcome>): SignatureOutcome => ({
  outcome: 'no-key',
  domain: 'sender.example',
  selector: 's1',
  key: null,
  partial: false,
  ...changes,
});

test('it fills only what could not be verified here, for a whole signature of the submitter that is in the mail', () => {
  const by = (signatures: readonly SignatureOutcome[], domain = 'sender.example', selector: string | null = 's1') =>
    verdictByOwnMx(judgeSignatures(signatures, 'sender.example'), signatures, [{ domain, selector }], 'sender.example')
      .dkim;
  for (const outcome of ['no-key', 'no-answer', 'broken'] as const) {
    assert.equal(by([signature({ outcome })]), 'pass');
  }
  assert.equal(by([signature({ selector: 'S1' })]), 'pass');
  assert.equal(by([signature({})], 'sender.example', null), 'pass');
  assert.equal(by([signature({ domain: 'mail.sender.example' })], 'mail.sender.example'), 'pass');
  // A signature that is not in the mail, of another selector, of another organisation, or with l=.
  assert.equal(by([]), 'none');
  assert.equal(by([signature({})], 'sender.example', 's2'), 'unverifiable');
  assert.equal(by([signature({ domain: 'other.example' })], 'other.example'), 'unverifiable');
  assert.equal(by([signature({ partial: true })]), 'fail');
});
