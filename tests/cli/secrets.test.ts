import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { main } from '#scripts/cli/main.ts';
import { startFakeStore } from '../fakes/object-store.ts';
import { startSmtpSink } from '../fakes/smtp-sink.ts';
import { fakeWithRepository } from '../io/github/connection.ts';

const TEMPLATE = new URL('../../', import.meta.url).pathname;
const SCRIPTS = globSync('scripts/**/*.ts', { cwd: TEMPLATE }).map((file) =>
  readFileSync(join(TEMPLATE, file), 'utf8'),
);
const NAMES = [
  'GITHUB_TOKEN',
  'POSTERN_IMAP_PASSWORD',
  'POSTERN_IMAP_TOKEN',
  'POSTERN_IMAP_CLIENT_SECRET',
  'POSTERN_IMAP_REFRESH_TOKEN',
  'POSTERN_SMTP_PASSWORD',
  'POSTERN_TSIG_SECRET',
  'POSTERN_SOCKS_PASSWORD',
  'CLOUDFLARE_API_TOKEN',
  'DESEC_TOKEN',
  'HCLOUD_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'POSTERN_RECEIVER_TOKEN',
];
/** Each looks like nothing else, so that finding one is finding a secret. */
const canary = (index: number) => `CANARY${index}${'x'.repeat(24)}`;
const SECRETS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NAMES.map((name, index) => [name, canary(index)])),
  // Both have a form of their own; nobody answers there.
  POSTERN_HEARTBEAT_URL: `http://127.0.0.1:9/${canary(100)}`,
  POSTERN_DATA_KEY: `id:${canary(101)}`,
};
/** What must be found nowhere: of an address only its secret part. */
const CANARIES = Object.values(SECRETS).map((value) => /CANARY\d+x+/.exec(value)?.[0] ?? value);
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
  ['digest', 'monthly', '--no-pdf'],
  ['release', '--no-pdf'],
  ['build'],
  ['compact'],
  ['upgrade', '--from', 'file:///nowhere'],
];

const NOW = '2026-11-21T06:00:00Z';

suite('no command prints a secret', { timeout: 600_000 }, () => {
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

  async function outputOf(argv: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    let seen = '';
    const stream = new Writable({
      write: (chunk, _, done) => {
        seen += String(chunk);
        done();
      },
    }) as unknown as NodeJS.WriteStream;
    // The toolkit of Actions reads the process's own environment.
    const actions = { GITHUB_STEP_SUMMARY: join(root, 'summary.md'), GITHUB_OUTPUT: join(root, 'outputs') };
    for (const [name, path] of Object.entries(actions)) {
      if (!existsSync(path)) writeFileSync(path, '');
      process.env[name] = path;
    }
    const environment = { ...world.environment, ...SECRETS, GITHUB_ACTIONS: 'true', ...actions, ...more };
    await main([...argv, '--root', root, '--debug', '--now', NOW], environment, {
      out: stream,
      err: stream,
      clock: Date.now,
      cwd: root,
    });
    for (const name of Object.keys(actions)) delete process.env[name];
    return seen;
  }

  const assertClean = (text: string, where: string) => {
    for (const value of CANARIES) assert.ok(!text.includes(value), `${where}: ${value}`);
  };

  for (const argv of RUNS)
    for (const json of [false, true])
      test(`postern ${[...argv, ...(json ? ['--json'] : [])].join(' ')}`, async () => {
        const seen = await outputOf(json ? [...argv, '--json'] : argv);
        assert.notEqual(seen, '');
        assertClean(seen, 'output');
      });

  test('a bucket that refuses its key does not show it', async () => {
    const store = await startFakeStore('acme', { id: 'other', secret: 'other' });
    const url = `s3://acme?endpoint=${store.endpoint}`;
    for (const action of ['mount', 'save']) {
      const seen = await outputOf(['data', action], { POSTERN_DATA_URL: url });
      assert.match(seen, /data-store-forbidden/);
      assertClean(seen, action);
    }
    await store.close();
  });

  test('with GitHub at hand: issues, pull requests, releases, mails, both sites, data/, summaries and outputs', async () => {
    const sink = await startSmtpSink();
    writeFileSync(
      join(root, 'domains/_settings.yaml'),
      SETTINGS.replace('port: 9, user: u } }', `port: ${sink.port} } }`).replace(
        ', socks: "socks5://user@127.0.0.1:9"',
        '',
      ),
    );
    try {
      const token = { GITHUB_TOKEN: 'secret' };
      for (const argv of RUNS) assertClean(await outputOf(argv, token), argv.join(' '));
      // It is tried on something: each of these was made.
      assert.ok(world.fake.writes().length > 0);
      assert.ok(sink.mails.length > 0);
      assertClean(JSON.stringify(world.fake.requests), 'requests to GitHub');
      assertClean(JSON.stringify(sink.mails), 'mails');
      const files = globSync('**/*', { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile());
      assert.ok(readFileSync(join(root, 'summary.md'), 'utf8').length > 1000);
      assert.ok(files.some(({ parentPath }) => parentPath.includes('dist/reports')));
      for (const { parentPath, name } of files) assertClean(readFileSync(join(parentPath, name), 'latin1'), name);
    } finally {
      await sink.close();
    }
  });

  test('every secret that the code asks for is planted here', () => {
    const asked = new Set(
      SCRIPTS.join('\n').match(
        /\b(?:POSTERN_\w+_(?:PASSWORD|TOKEN|SECRET|KEY)|POSTERN_HEARTBEAT_URL|\w+_(?:TOKEN|SECRET_ACCESS_KEY))\b/g,
      ),
    );
    // Needs a form of its own: tests/io/github/connect.test.ts looks for it in every message about it.
    asked.delete('POSTERN_APP_KEY');
    for (const name of asked) assert.ok(name in SECRETS || /^\w*(?:MAX|MIN)_/.test(name), name);
  });
});
