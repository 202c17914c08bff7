import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { publish } from '#scripts/tasks/publish.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../../fakes/dns/zone.ts';

/** Hostings that are files here: whatever one run is about, they hold every policy host that is in service. */

const zone: readonly ZoneEntry[] = ['a', 'b', 'c'].map((name) => ({
  name: `${name}.example`,
  type: 'MX',
  data: { preference: 10, exchange: 'mx.example' },
}));
let dns: Awaited<ReturnType<typeof startFakeDns>>;
const roots: string[] = [];
before(async () => {
  dns = await startFakeDns((asked) => respondFrom(zone, { aa: true })(asked));
});
after(async () => {
  await dns.close();
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

type Kind = 'caddy' | 'nginx' | 'worker';
const PLACE: Readonly<Record<Kind, string>> = {
  caddy: '{ kind: bundle, server: caddy }',
  nginx: '{ kind: bundle, server: nginx }',
  worker: '{ kind: worker }',
};
const FILE: Readonly<Record<Kind, string>> = {
  caddy: 'Caddyfile',
  nginx: 'nginx.conf',
  worker: 'worker/worker.mjs',
};

function makeRoot(kind: Kind) {
  const root = mkdtempSync(join(tmpdir(), 'postern-file-hosting-'));
  roots.push(root);
  mkdirSync(join(root, 'domains'));
  const write = (name: string, text: string | null) => {
    const path = join(root, 'domains', name);
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
  };
  write(
    '_settings.yaml',
    `organisation: E\nreporting: { rua: ["mailto:t@other.example"] }\nhosting: { here: ${PLACE[kind]}, elsewhere: { kind: pages-here } }\n` +
      `network: { resolver: "${dns.url}", dns_port: ${dns.port}, allow_private: true }\n`,
  );
  for (const name of ['a', 'b']) write(`${name}.example.yaml`, yaml());
  const run = (now: string, ...domains: readonly string[]) =>
    publish({
      root,
      data: join(root, 'data'),
      now: now as Instant,
      domains,
      checksum: null,
      dryRun: false,
      environment: {},
      progress: () => {},
    });
  const held = () => {
    const text = readFileSync(join(root, 'dist', FILE[kind]), 'utf8');
    return ['a', 'b', 'c'].filter((name) => text.includes(`mta-sts.${name}.example`));
  };
  return { root, write, run, held };
}

const yaml = (mx = 'mx.example', hosting = 'here') => `mode: testing\nmx: [${mx}]\nhosting: ${hosting}\n`;

for (const kind of ['caddy', 'nginx', 'worker'] as const)
  suite(kind, () => {
    test('publishing one domain leaves the others in', async () => {
      const { write, run, held } = makeRoot(kind);
      await run('2026-11-21T06:00:00Z');
      assert.deepEqual(held(), ['a', 'b']);
      write('a.example.yaml', yaml('mx.example, mx2.example'));
      assert.deepEqual((await run('2026-11-21T07:00:00Z', 'a.example')).failed, []);
      assert.deepEqual(held(), ['a', 'b']);
    });

    test('a file that was deleted too early, or is broken, takes no host away', async () => {
      const { write, run, held } = makeRoot(kind);
      await run('2026-11-21T06:00:00Z');
      for (const text of ['mode: [', null]) {
        write('b.example.yaml', text);
        write('a.example.yaml', yaml(`mx.example, mx${String(text).length}.example`));
        await run('2026-11-21T07:00:00Z');
        assert.deepEqual(held(), ['a', 'b']);
      }
    });

    test('in a fresh checkout everything is written again, though nothing changed', async () => {
      const { root, run, held } = makeRoot(kind);
      await run('2026-11-21T06:00:00Z');
      const files = ['policies/a.example/.well-known/mta-sts.txt', 'policies/b.example/.well-known/mta-sts.txt'];
      rmSync(join(root, 'dist'), { recursive: true });
      await run('2026-11-21T07:00:00Z', 'a.example');
      assert.deepEqual(held(), ['a', 'b']);
      if (kind !== 'worker') for (const file of files) assert.ok(existsSync(join(root, 'dist', file)), file);
    });

    test('a domain that moves elsewhere is served on here, also in a fresh checkout, until it is let go', async () => {
      const { root, write, run, held } = makeRoot(kind);
      write('c.example.yaml', yaml('mx.example', 'here'));
      await run('2026-11-21T06:00:00Z', 'c.example');
      write('c.example.yaml', yaml('mx.example', 'elsewhere'));
      rmSync(join(root, 'dist'), { recursive: true });
      await run('2026-11-21T07:00:00Z', 'a.example');
      assert.deepEqual(held(), ['a', 'c']);
    });
  });
