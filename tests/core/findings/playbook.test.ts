import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAYBOOK, PLAYBOOK_RULES, playbookEntry } from '#scripts/core/findings/playbook.ts';
import { explanationText, playbookMarkdown } from '#scripts/core/findings/playbook-text.ts';
import { RESULT_TYPES } from '#scripts/standards/tls-rpt-results.ts';

const entries = PLAYBOOK.flatMap((group) => group.entries);

test('every registered result type (RFC 8460 §4.3) has an entry, and so have failures without one', () => {
  for (const type of [...RESULT_TYPES, 'other', 'unspecified']) assert.notEqual(playbookEntry(type), null, type);
});

test('every fault of the interface has an entry', () => {
  const rules = `
    txt-missing txt-multiple txt-invalid txt-id-unknown out-of-sync id-reused dangling-cname domain-expiring
    policy-host-dns policy-http-status policy-http-redirect policy-http-media-type policy-http-size policy-http-timeout
    policy-cert-name policy-cert-expired policy-cert-chain policy-cert-expiring policy-syntax policy-edge-skew
    policy-refused policy-encoding caa-blocks
    mx-not-covered pattern-unused pattern-broad mx-unreachable probe-blocked mx-no-starttls mx-handshake mx-cert-name
    mx-cert-expired mx-cert-chain mx-tls-old mx-backup-only mx-sni-required mx-null mx-changed
    mx-cert-expiring mx-cert-not-yet-valid mx-cert-revoked mx-cert-weak-key
    tlsa-mismatch tlsa-malformed tlsa-missing-host tlsa-usage dnssec-bogus dnssec-expiring dns-lame
    tlsrpt-missing tlsrpt-invalid tlsrpt-multiple reports-silent reports-unparsed
    coverage-gap anomaly-rate anomaly-new-failure anomaly-volume rollout-stalled automation-stale`;
  for (const rule of rules.trim().split(/\s+/)) assert.notEqual(playbookEntry(rule), null, rule);
});

test('rule ids are unique and kebab-case', () => {
  assert.equal(new Set(entries.map(({ rule }) => rule)).size, entries.length);
  for (const rule of PLAYBOOK_RULES) assert.match(rule, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
});

test('every entry is complete: no empty text, a cause, and only placeholders that exist', () => {
  for (const entry of entries) {
    const { title, meaning, causes, confirm, recommend, effect, confirms_repair, reference, severity } = entry;
    assert.ok(causes.length > 0, `${entry.rule} has no cause`);
    const texts = [
      title,
      meaning,
      ...causes,
      confirm,
      recommend,
      effect,
      confirms_repair,
      reference,
      severity.note ?? 'none',
    ];
    for (const text of texts) {
      assert.ok(text.trim().length >= 4 && text === text.trim(), `${entry.rule}: ${JSON.stringify(text)}`);
      for (const [placeholder] of text.matchAll(/\{[^}]*\}/g)) {
        assert.ok(['{domain}', '{mx}', '{reporter}', '{file}'].includes(placeholder), `${entry.rule}: ${placeholder}`);
      }
      assert.equal(text.split('`').length % 2, 1, `${entry.rule} leaves a code span open: ${text}`);
    }
    for (const sentence of [meaning, ...causes, confirm, recommend, effect])
      assert.match(sentence, /[.!?:]$/, entry.rule);
    assert.doesNotMatch(title, /[.!]$/, entry.rule);
  }
});

test('what is often told wrongly is told right', () => {
  const text = (rule: string) => JSON.stringify(playbookEntry(rule));
  // RFC 8461 §4.2: the certificate is matched to the MX host name, not to the pattern.
  assert.match(text('certificate-host-mismatch'), /Changing the `mx` patterns of the policy does not help/);
  // RFC 8461 §3.3: a failed fetch is a downgrade, never a refusal.
  for (const rule of ['sts-policy-fetch-error', 'policy-http-status', 'policy-host-dns'])
    assert.match(text(rule), /No mail is refused/);
  // RFC 8461 §5: first delay, then a bounce.
  assert.match(text('certificate-expired'), /delay for hours or days, then a bounce/);
  // DANE has no testing mode.
  assert.deepEqual(playbookEntry('tlsa-invalid')?.severity.testing, 'sev1');
});

test('an explanation fits a terminal and leaves no placeholder', () => {
  for (const entry of entries) {
    const text = explanationText(entry);
    for (const line of text.split('\n')) assert.ok(line.length <= 100, `${entry.rule}: ${line}`);
    assert.doesNotMatch(text, /\{(?:domain|mx|reporter|file)\}/);
    assert.ok(text.startsWith(`${entry.rule}: `));
  }
});

test('the page has every entry, with nothing that Markdown would take for HTML', () => {
  const page = playbookMarkdown();
  for (const { rule } of entries) assert.ok(page.includes(`\n### ${rule}\n`), rule);
  const prose = page.replace(/`[^`\n]*`/g, '');
  assert.doesNotMatch(prose, /<|\{/);
});
