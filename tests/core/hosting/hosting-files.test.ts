import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { caddyfile } from '#scripts/core/hosting/caddyfile.ts';
import { nginxChallenges, nginxConfiguration } from '#scripts/core/hosting/nginx.ts';
import { policyHostFiles, policySite } from '#scripts/core/hosting/policy-host-files.ts';
import { workerConfiguration, workerScript } from '#scripts/core/hosting/worker-script.ts';
import { domainName } from '../analysis/world.ts';

const body = (mode: string) => `version: STSv1\r\nmode: ${mode}\r\nmx: *.example.com\r\nmax_age: 86400\r\n`;
const sites = [
  policySite(domainName('b.example'), body('testing')),
  policySite(domainName('a.example'), body('enforce')),
];
const folder = mkdtempSync(join(tmpdir(), 'postern-worker-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a document root: the body byte for byte, and what Pages needs', () => {
  const files = new Map(policyHostFiles(sites[0] as (typeof sites)[number]).map(({ path, text }) => [path, text]));
  assert.deepEqual([...files.keys()].sort(), ['.nojekyll', '.well-known/mta-sts.txt', 'CNAME', 'index.html']);
  assert.equal(files.get('.well-known/mta-sts.txt'), body('testing'));
  assert.equal(files.get('CNAME'), 'mta-sts.b.example\n');
  assert.doesNotMatch(files.get('index.html') ?? '', /https?:\/\/(?!mta-sts)|<script/);
});

test('Caddyfile and nginx: a block for each host, the same bytes whatever the order', () => {
  assert.equal(caddyfile(sites), caddyfile(sites.toReversed()));
  assert.match(
    caddyfile(sites),
    /mta-sts\.a\.example \{\n\troot \* \{\$POSTERN_BUNDLE:\.\}\/policies\/a\.example\n\timport policy_host\n\}/,
  );
  const nginx = nginxConfiguration(sites, '/srv/postern');
  assert.match(nginx, /server_name mta-sts\.b\.example;[^}]*root \/srv\/postern\/policies\/b\.example;/);
  assert.match(nginx, /certbot certonly --webroot -w \/var\/www\/acme -d mta-sts\.a\.example/);
  assert.equal(nginx, nginxConfiguration(sites.toReversed(), '/srv/postern'));
  assert.doesNotMatch(nginx, /listen 80|server_names_hash/);
  assert.match(nginxConfiguration(sites, '/srv/my "mail"'), /root "\/srv\/my \\"mail\\"\/policies\/b\.example";/);
  assert.match(nginxChallenges(), /server_name mta-sts\.\*;[^}]*acme-challenge/);
  const long = policySite(domainName(`${'a'.repeat(50)}.example`), body('testing'));
  assert.match(nginxConfiguration([long], '/srv'), /http block: server_names_hash_bucket_size 128;/);
});

suite('the Worker, run as it is deployed', async () => {
  const path = join(folder, 'worker.mjs');
  writeFileSync(path, workerScript(sites));
  const worker = (
    (await import(pathToFileURL(path).href)) as { default: { fetch: (request: Request) => Promise<Response> } }
  ).default;
  const ask = (url: string, method = 'GET') => worker.fetch(new Request(url, { method }));

  test('answers by host name, with the exact bytes as text/plain', async () => {
    for (const [host, mode] of [
      ['mta-sts.a.example', 'enforce'],
      ['MTA-STS.b.example', 'testing'],
    ] as const) {
      const response = await ask(`https://${host}/.well-known/mta-sts.txt?x=1`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
      assert.equal(await response.text(), body(mode));
    }
  });

  test('nothing else: no other host, path or method, and never a redirect (RFC 8461 §3.3)', async () => {
    assert.equal((await ask('https://mta-sts.c.example/.well-known/mta-sts.txt')).status, 404);
    assert.equal((await ask('https://mta-sts.a.example/')).status, 404);
    assert.equal((await ask('https://mta-sts.a.example/.well-known/mta-sts.txt/')).status, 404);
    assert.equal((await ask('https://mta-sts.a.example/.well-known/mta-sts.txt', 'POST')).status, 405);
    const head = await ask('https://mta-sts.a.example/.well-known/mta-sts.txt', 'HEAD');
    assert.deepEqual([head.status, await head.text()], [200, '']);
    assert.equal((await ask('https://constructor/.well-known/mta-sts.txt')).status, 404);
  });

  test('each host is a custom domain, so Cloudflare makes its record and certificate', () => {
    const { routes } = JSON.parse(workerConfiguration(sites)) as { routes: unknown };
    assert.deepEqual(routes, [
      { pattern: 'mta-sts.a.example', custom_domain: true },
      { pattern: 'mta-sts.b.example', custom_domain: true },
    ]);
  });
});
