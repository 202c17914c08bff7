import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { start } from '#scripts/tasks/start.ts';

test('a mailbox that cannot be read is told, and the sites are there all the same', async () => {
  const root = mkdtempSync(join(tmpdir(), 'postern-start-'));
  mkdirSync(join(root, 'domains'));
  writeFileSync(
    join(root, 'domains/_settings.yaml'),
    'organisation: Acme\nreporting: { rua: ["mailto:tls@reports.example"] }\nmailbox: { imap: { host: imap.invalid, user: tls } }\n',
  );
  writeFileSync(join(root, 'domains/acme.example.yaml'), 'mode: testing\nmx: [mx1.acme.example]\n');
  const said: string[] = [];
  const { serving, ingest, mailbox_error, review } = await start({
    root,
    data: join(root, 'data'),
    out: join(root, 'dist'),
    port: 0,
    now: '2026-11-21T06:00:00Z' as Instant,
    now_given: true,
    dry_run: false,
    version: '0.0.0',
    environment: {},
    progress: () => {},
    say: (line) => said.push(line),
  });
  try {
    assert.equal(ingest, null);
    assert.equal(mailbox_error?.code, 'imap-password-missing');
    assert.match(
      said.join('\n'),
      /The mailbox was not read \(imap-password-missing\): .* Hint: set POSTERN_IMAP_PASSWORD/,
    );
    assert.equal(review?.domains.length, 1);
    assert.match(await (await fetch(serving?.reports ?? '')).text(), /acme\.example/);
  } finally {
    await serving?.close();
    rmSync(root, { recursive: true, force: true });
  }
});
