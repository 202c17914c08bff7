import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playbookEntry } from '#scripts/core/findings/playbook.ts';
import { REMEDIES } from '#scripts/core/findings/remedies.ts';
import { mailFaults, mailIdentities } from '../../fakes/smtp/faults.ts';

/** For these the general advice of the playbook is the right one. */
const GENERAL = [
  ...['mx-cert-chain missing-intermediate', 'mx-cert-name other-name', 'mx-cert-weak-key short-key'],
  ...['mx-handshake alert', 'mx-no-starttls not-offered'],
];

test('every reason of the laboratory under these rules has advice of its own, or the general one fits', () => {
  const faults = mailFaults(mailIdentities(Date.now(), 'mx1.example.com', 'http://127.0.0.1:9'));
  const seen = new Set(
    Object.values(faults)
      .flatMap((one) => one.seen)
      .flatMap((line) => (line.startsWith('bad ') ? [line.slice(4)] : [])),
  );
  let tried = 0;
  for (const line of seen) {
    const [rule = '', reason = ''] = line.split(' ');
    const known = REMEDIES[rule];
    if (known === undefined) continue;
    tried++;
    assert.equal(known[reason] === undefined, GENERAL.includes(line), line);
  }
  assert.ok(tried > 15, `${tried}`);
});

test('each stands under a rule of the playbook and uses its placeholders', () => {
  for (const [rule, texts] of Object.entries(REMEDIES)) {
    assert.ok(playbookEntry(rule) !== null, rule);
    for (const [reason, text] of Object.entries(texts)) {
      assert.ok(text.length > 60 && text.endsWith('.'), `${rule} ${reason}`);
      assert.ok(
        [...text.matchAll(/\{(\w*)\}/g)].every(([, name = '']) => ['domain', 'mx'].includes(name)),
        text,
      );
    }
  }
});
