import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { main } from '#scripts/cli/main.ts';
import { fakeWithRepository } from '../io/github/connection.ts';

const TEMPLATE = new URL('../../', import.meta.url).pathname;
const NAMES = [
  'GITHUB_TOKEN',
  'POSTERN_IMAP_PASSWORD',
  'POSTERN_IMAP_TOKEN',
  'POSTERN_IMAP_CLIENT_SECRET',
  'POSTERN_SMTP_PASSWORD',
  'POSTERN_TSIG_SECRET',
  'POSTERN_SOCKS_PASSWORD',
  'CLOUDFLARE_API_TOKEN',
  'DESEC_TOKEN',
  'HCLOUD_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
];
/** Each looks like nothing else, so that finding one is finding a secret. */
const SECRETS = Object.fromEntries(NAMES.map((name, index) => [name, `CANARY${index}${'x'.repeat(24)}`]));
/** Nobody answers at any of these: the secrets are on their way when it fails. */
const SETTINGS = `organisation: Test
reporting: { rua: ["mailto:r@other.example"] }
mailbox: { imap: { host: 127.0.0.1, port: 9, user: reports, tls: false } }
dns: { main: { kind: rfc2136, server: 127.0.0.1, port: 9, zone: own.test, key_name: k, algorithm: hmac-sha256 } }
digest: { from: a@other.example, to: [b@other.example], smtp: { host: 127.0.0.1, port: 9, user: u } }
network: { resolver: "udp://127.0.0.1:9", socks: "socks5://user@127.0.0.1:9", second_look: 0, target_deadline: 1 }
`;
const RUNS = [
  ['check'],
  ['plan', '--offline'],
  ['plan', '--offline', '--format', 'markdown'],
  ['review'],
  ['status', '--offline'],
  ['doctor'],
  ['ingest'],
  ['alert'],
  ['advance'],
  ['publish'],
  ['probe', '--budget', '3'],
  ['digest', 'weekly'],
  ['init', '--checklist'],
  ['data', 'mount'],
];

suite('no command prints a secret', { timeout: 120_000 }, () => {
  let root: string;
  let world: Awaited<ReturnType<typeof fakeWithRepository>>;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'postern-secrets-'));
    cpSync(join(TEMPLATE, 'domains'), join(root, 'domains'), { recursive: true });
    for (const path of ['example.com.yaml', 'example.net.yaml', 'northwind'])
      rmSync(join(root, 'domains', path), { recursive: true });
    writeFileSync(join(root, 'domains/_settings.yaml'), SETTINGS);
    writeFileSync(join(root, 'domains/own.test.yaml'), 'mode: testing\nmx: [mx.own.test]\ndns: main\n');
    world = await fakeWithRepository();
  });
  after(async () => {
    await world.fake.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function outputOf(argv: readonly string[]): Promise<string> {
    let seen = '';
    const stream = new Writable({
      write: (chunk, _, done) => {
        seen += String(chunk);
        done();
      },
    }) as unknown as NodeJS.WriteStream;
    const environment = { ...world.environment, ...SECRETS };
    await main([...argv, '--root', root, '--debug', '--now', '2026-11-21T06:00:00Z'], environment, {
      out: stream,
      err: stream,
      clock: Date.now,
      cwd: root,
    });
    return seen;
  }

  for (const argv of RUNS)
    for (const json of [false, true])
      test(`postern ${[...argv, ...(json ? ['--json'] : [])].join(' ')}`, async () => {
        const seen = await outputOf(json ? [...argv, '--json'] : argv);
        assert.notEqual(seen, '');
        for (const [name, value] of Object.entries(SECRETS)) assert.ok(!seen.includes(value), name);
      });
});
