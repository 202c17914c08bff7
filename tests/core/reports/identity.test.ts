import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { identityText, reporterOf } from '#scripts/core/reports/identity.ts';
import type { DkimVerdict } from '#scripts/core/reports/rows.ts';

const signed = (dkim: DkimVerdict, domain: string | null) => ({ dkim, domain, selector: 's', key: 'k' });
const report = { contact_info: 'tls@corp.sender.example', organization_name: 'Sender Inc.' };

test('the reporter: verified signature, then contact-info, then the name', () => {
  assert.equal(reporterOf(signed('pass', 'mail.signer.example'), report), 'signer.example');
  assert.equal(reporterOf(signed('misaligned', 'signer.example'), report), 'signer.example');
  for (const dkim of ['fail', 'none', 'temporary', 'unverifiable', 'unchecked'] as const) {
    assert.equal(reporterOf(signed(dkim, 'signer.example'), report), 'sender.example', dkim);
  }
  assert.equal(reporterOf(signed('none', null), { ...report, contact_info: 'nobody' }), 'Sender Inc.');
  assert.equal(reporterOf(signed('none', null), { contact_info: null, organization_name: null }), 'unknown');
});

const base = {
  reporter: 'sender.example',
  organization_name: 'Sender Inc.',
  report_id: 'r1',
  start: '2026-11-18T00:00:00Z',
  end: '2026-11-18T23:59:59Z',
  policy_domains: ['b.example', 'a.example'],
  report_sha256: 'aa',
};

test('what makes two reports the same: everything but the order of domains and, with an id, the content', () => {
  const same = [
    { ...base, policy_domains: ['a.example', 'b.example'] },
    { ...base, policy_domains: ['a.example', 'a.example', 'b.example'] },
    { ...base, report_sha256: 'bb' },
  ];
  for (const one of same) assert.equal(identityText(one), identityText(base));
  const other = [
    { ...base, reporter: 'other.example' },
    { ...base, organization_name: null },
    { ...base, report_id: 'r2' },
    { ...base, report_id: null },
    { ...base, start: '2026-11-17T00:00:00Z' },
    { ...base, end: '2026-11-19T00:00:00Z' },
    { ...base, policy_domains: ['a.example'] },
    { ...base, policy_domains: ['a.example', 'b.example', null] },
  ];
  for (const one of other) assert.notEqual(identityText(one), identityText(base), JSON.stringify(one));
});

test('without an id the content is the identity, and no id can pretend to be one', () => {
  const anonymous = { ...base, report_id: null };
  assert.notEqual(identityText(anonymous), identityText({ ...anonymous, report_sha256: 'bb' }));
  assert.notEqual(identityText(anonymous), identityText({ ...base, report_id: 'aa' }));
});

test('no text of a stranger can make the parts of two identities run together', () => {
  const text = fc.string({ unit: fc.constantFrom('"', ',', '[', ']', 'a', '\\', '\n') });
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      const first = identityText({ ...base, reporter: a, organization_name: b });
      const second = identityText({ ...base, reporter: c, organization_name: d });
      assert.equal(first === second, a === c && b === d);
    }),
  );
});
