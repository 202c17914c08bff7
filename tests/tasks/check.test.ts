import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Instant } from '#scripts/core/clock.ts';
import { PosternError } from '#scripts/core/failure.ts';
import { check } from '#scripts/tasks/check.ts';

const NOW = '2026-11-21T06:00:00Z' as Instant;
const root = mkdtempSync(join(tmpdir(), 'postern-check-'));
after(() => rmSync(root, { recursive: true, force: true }));

mkdirSync(join(root, 'domains', 'acme'), { recursive: true });
for (const [path, text] of Object.entries({
  '_settings.yaml': 'organisation: Example\nsite: {redact: false}\n',
  'example.com.yaml': 'mode: testing\nmx: [mx.example.com]\nmaxage: 1\n',
  'acme/example.net.yaml': 'mode: none\noverrides: [{code: mass-change, reason: y, until: 2026-11-20}]\n',
  'acme/xn--mller-kva.example.yaml': 'mode: none\n',
})) {
  writeFileSync(join(root, 'domains', path), text);
}

suite('check', () => {
  test('all files: all problems in order, and the domains without an error', async () => {
    const { problems, domains } = await check({ root, domains: [], now: NOW });
    assert.deepEqual(problems, [
      {
        rule: 'site-unredacted',
        severity: 'warning',
        file: 'domains/_settings.yaml',
        line: 2,
        column: 16,
        message:
          'The site is public and not redacted: it shows sender IPs, contact addresses and text that strangers wrote.',
        hint: 'Remove redact, or set visibility: artifact.',
      },
      {
        rule: 'override-expired',
        severity: 'warning',
        file: 'domains/acme/example.net.yaml',
        line: 2,
        column: 51,
        message: 'The override of mass-change ended on 2026-11-20.',
        hint: 'Remove it, or give it a new date.',
      },
      {
        rule: 'unknown-key',
        severity: 'error',
        file: 'domains/example.com.yaml',
        line: 3,
        column: 1,
        message: 'There is no key `maxage`.',
        hint: 'Did you mean `max_age`?',
      },
    ]);
    assert.deepEqual(domains, ['example.net', 'xn--mller-kva.example']);
  });

  test('an exception that lasts until today has not ended', async () => {
    const { problems } = await check({ root, domains: ['example.net'], now: '2026-11-20T23:59:59Z' as Instant });
    assert.deepEqual(
      problems.map(({ rule }) => rule),
      ['site-unredacted'],
    );
  });

  test('named domains: their files and the settings only', async () => {
    const { problems, domains } = await check({ root, domains: ['example.com'], now: NOW });
    assert.deepEqual(
      problems.map(({ file }) => file),
      ['domains/_settings.yaml', 'domains/example.com.yaml'],
    );
    assert.deepEqual(domains, []);
  });

  test('a name is understood in any case, and in U-labels', async () => {
    const { domains } = await check({ root, domains: ['EXAMPLE.net', 'müller.example'], now: NOW });
    assert.deepEqual(domains, ['example.net', 'xn--mller-kva.example']);
  });

  test('an unknown name is refused with the nearest one: domain-unknown, exit 2', async () => {
    const refused = (hint: RegExp) => (error: unknown) =>
      error instanceof PosternError &&
      error.code === 'domain-unknown' &&
      error.exit === 2 &&
      hint.test(error.hint ?? '');
    await assert.rejects(check({ root, domains: ['exmaple.com'], now: NOW }), refused(/Did you mean example\.com\?/));
    await assert.rejects(check({ root, domains: ['nothing-like-it.org'], now: NOW }), refused(/named by their files/));
    await assert.rejects(check({ root, domains: ['\u001b[2J'], now: NOW }), (error) => {
      assert.ok(error instanceof PosternError);
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      return true;
    });
  });

  test('no domains/: root-missing, exit 2', async () => {
    const refused = (error: unknown) =>
      error instanceof PosternError && error.code === 'root-missing' && error.exit === 2;
    await assert.rejects(check({ root: join(root, 'absent'), domains: [], now: NOW }), refused);
  });

  test('the example configuration of this repository has no problem', async () => {
    const here = fileURLToPath(new URL('../..', import.meta.url));
    const { problems, domains } = await check({ root: here, domains: [], now: NOW });
    assert.deepEqual(problems, []);
    assert.ok(domains.length > 0);
  });
});
