import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { type Serving, serve } from '#scripts/tasks/serve.ts';

const POLICY = 'version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n';
let folder: string;
let serving: Serving;

suite('serving on this machine', () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-serve-'));
    mkdirSync(join(folder, 'dist', 'policies', 'example.com', '.well-known'), { recursive: true });
    mkdirSync(join(folder, 'dist', 'reports', 'about'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'dist', 'policies', 'example.com', '.well-known', 'mta-sts.txt'), POLICY);
    writeFileSync(join(folder, 'dist', 'policies', 'example.com', 'index.html'), '<p>policy host</p>');
    writeFileSync(join(folder, 'dist', 'reports', 'index.html'), '<p>overview</p>');
    writeFileSync(join(folder, 'dist', 'reports', 'about', 'index.html'), '<p>about</p>');
    symlinkSync(join(folder, 'secret.txt'), join(folder, 'dist', 'reports', 'link.txt'));
    serving = await serve({ out: join(folder, 'dist'), base: '/postern/', port: 0 });
  });
  after(async () => {
    await serving.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One request exactly as written: fetch would tidy the path and own the Host header. */
  function ask(address: string, path: string, options: { method?: string; host?: string } = {}) {
    const { port } = new URL(address);
    return new Promise<{ status: number; type: string; location: string; body: string }>((resolve, reject) => {
      const headers = options.host === undefined ? {} : { host: options.host };
      request({ host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            location: response.headers.location ?? '',
            body,
          }),
        );
      })
        .on('error', reject)
        .end();
    });
  }

  test('the reports site stands at its base path, and everything else leads there', async () => {
    assert.match(serving.reports, /^http:\/\/localhost:\d+\/postern\/$/);
    assert.equal((await ask(serving.reports, '/postern/')).body, '<p>overview</p>');
    assert.equal((await ask(serving.reports, '/')).location, '/postern/');
    assert.equal((await ask(serving.reports, '/postern/about')).location, '/postern/about/');
    assert.equal((await ask(serving.reports, '/postern/about/')).body, '<p>about</p>');
    assert.equal((await ask(serving.reports, '/elsewhere')).status, 404);
  });

  test('where there is nothing the site says so with its own page, a policy host in a line', async () => {
    writeFileSync(join(folder, 'dist', 'reports', '404.html'), '<p>nothing here</p>');
    for (const path of ['/postern/nowhere/', '/postern/about/nothing.txt']) {
      const { status, type, body } = await ask(serving.reports, path);
      assert.deepEqual([status, type, body], [404, 'text/html; charset=utf-8', '<p>nothing here</p>'], path);
    }
    const { status, body } = await ask(serving.policies, '/example.com/nowhere');
    assert.deepEqual([status, body], [404, 'There is nothing at this address.\n']);
  });

  test('a policy host answers below its domain and at its own name, with the exact bytes as text/plain', async () => {
    const below = await ask(serving.policies, '/example.com/.well-known/mta-sts.txt');
    assert.deepEqual([below.status, below.type, below.body], [200, 'text/plain; charset=utf-8', POLICY]);
    for (const host of ['mta-sts.example.com', 'MTA-STS.example.com:4322', 'mta-sts.example.com.localhost:4322']) {
      assert.equal((await ask(serving.policies, '/.well-known/mta-sts.txt', { host })).body, POLICY, host);
    }
    assert.match((await ask(serving.policies, '/')).body, /mta-sts\.example\.com/);
  });

  test('nothing outside the folder is served, whatever the path', async () => {
    const paths = [
      '/postern/../../secret.txt',
      '/postern/%2e%2e/%2e%2e/secret.txt',
      '/postern/..%2f..%2fsecret.txt',
      '/postern/..%5c..%5csecret.txt',
      '/postern/link.txt',
      '/postern//etc/passwd',
      '/postern/%00',
      '/postern/%',
      `/postern/${'a'.repeat(5000)}`,
    ];
    for (const path of paths) {
      const { status, body } = await ask(serving.reports, path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.doesNotMatch(body, /secret$|root:/);
    }
  });

  test('only this machine is answered', async () => {
    for (const address of [serving.reports, serving.policies]) {
      // Another address of this machine, where a server on all of them would answer.
      const socket = connect(Number(new URL(address).port), '127.0.0.2');
      const answer = await new Promise<string>((resolve) => {
        socket.once('connect', () => resolve('connected'));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      });
      socket.destroy();
      assert.match(answer, /^(?:ECONNREFUSED|EADDRNOTAVAIL|EHOSTUNREACH)$/);
    }
  });

  test('only GET and HEAD', async () => {
    assert.equal((await ask(serving.reports, '/postern/', { method: 'POST' })).status, 405);
    const head = await ask(serving.reports, '/postern/', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body], [200, '']);
  });

  test('nothing built: says so, and what to run', async () => {
    await assert.rejects(
      serve({ out: join(folder, 'nowhere'), base: '/', port: 0 }),
      (error: unknown) =>
        error instanceof PosternError && error.code === 'not-built' && error.hint === 'npx postern build',
    );
  });
});
