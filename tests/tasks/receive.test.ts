import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PosternError } from '#scripts/core/failure.ts';
import { receive } from '#scripts/io/receiver/receive.ts';
import { bucketBox } from '#scripts/io/receiver/worker.ts';
import { startReceiver } from '#scripts/tasks/receive.ts';
import { newSigner, reportJson } from '../io/mail/report-mail.ts';
import { newWorld, type World } from './ingest-world.ts';

/* RFC 8460 §5.4: reports by HTTPS. Nothing proves who sent them, so they are kept and never counted. */

const TOKEN = 'a-token-of-the-lab';
const REPORT = gzipSync(JSON.stringify(reportJson()));

let receiving: Awaited<ReturnType<typeof startReceiver>>;
let world: World;
beforeEach(async () => {
  world = newWorld([newSigner('sender.example')]);
  receiving = await startReceiver(world.data, { host: '127.0.0.1', port: 0, token: TOKEN });
});
afterEach(async () => {
  await receiving.close();
  world.remove();
});

const post = (body: Uint8Array<ArrayBuffer>, path = 'v1/tlsrpt') =>
  fetch(new URL(path, receiving.address), {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/tlsrpt+gzip' },
  }).then((response) => response.status);
const waiting = (): readonly string[] => readdirSync(join(world.data, 'received'));

test('what is posted waits for the next ingest, is stored once and not believed, and is then gone', async () => {
  assert.deepEqual(
    [await post(REPORT), await post(REPORT), await post(Buffer.from('{"policies": broken'))],
    [201, 201, 201],
  );
  assert.equal(waiting().length, 2);
  const dry = await world.ingest({ dryRun: true });
  assert.deepEqual([dry.reports, waiting().length], [1, 2]);
  const result = await world.ingest();
  assert.deepEqual([result.reports, result.unauthenticated, result.quarantined.length], [1, 1, 1]);
  assert.deepEqual(await world.rows('provenance, dkim'), [{ provenance: 'https', dkim: 'unchecked' }]);
  assert.deepEqual(waiting(), []);
  await post(REPORT);
  const again = await world.ingest();
  assert.deepEqual([again.reports, again.duplicates, waiting()], [0, 1, []]);
});

test('an ingest elsewhere fetches it with the token', async () => {
  await post(REPORT);
  const other = newWorld();
  try {
    const settings = `organisation: Test\nreporting: {receiver: '${receiving.address}'}\n`;
    writeFileSync(join(other.root, 'domains/_settings.yaml'), settings);
    for (const environment of [{}, { POSTERN_RECEIVER_TOKEN: 'wrong' }]) {
      await assert.rejects(
        other.ingest({ environment }),
        (error) => error instanceof PosternError && error.code === 'receiver-token' && error.exit === 2,
      );
    }
    assert.equal(waiting().length, 1);
    const result = await other.ingest({ environment: { POSTERN_RECEIVER_TOKEN: TOKEN } });
    assert.deepEqual([result.reports, waiting()], [1, []]);
  } finally {
    other.remove();
  }
  await receiving.close();
  receiving = await startReceiver(world.data, { host: '127.0.0.1', port: 0, token: null });
  assert.equal((await fetch(new URL('pending', receiving.address))).status, 405);
});

test('only the size is judged: empty, too large by its word, and too large in truth', async () => {
  assert.equal(await post(new Uint8Array(0)), 400);
  assert.equal(await post(new Uint8Array(10 * 2 ** 20 + 1)), 413);
  assert.equal(await post(new Uint8Array(10 * 2 ** 20)), 201);
  // Chunks without a length, for as long as somebody listens.
  const status = await new Promise<number>((resolve) => {
    const sending = request(receiving.address, { method: 'POST' }, (response) => resolve(response.statusCode ?? 0));
    sending.on('error', () => resolve(0));
    const chunk = Buffer.alloc(2 ** 20);
    const more = (): void => {
      if (!sending.destroyed) sending.write(chunk, () => setImmediate(more));
    };
    more();
  });
  // The sender is told, or cut off while it still sends.
  assert.ok(status === 413 || status === 0, String(status));
  assert.equal(waiting().length, 1);
});

test('no path leads anywhere else', async () => {
  const authorization = `Bearer ${TOKEN}`;
  const get = async (path: string, method = 'GET') =>
    (await fetch(new URL(path, receiving.address), { method, headers: { authorization } })).status;
  await post(REPORT, 'pending');
  assert.equal(waiting().length, 1);
  assert.equal(await get(''), 405);
  for (const path of ['pending/x', 'pending/..%2f..%2fkeys.txt', `pending/${'0'.repeat(64)}`]) {
    assert.equal(await get(path), 404, path);
  }
  assert.equal(await get(`pending/${waiting()[0]}`, 'PUT'), 404);
  assert.equal(await get(`pending/${waiting()[0]}`), 200);
  assert.equal(await get(`pending/${waiting()[0]}`, 'DELETE'), 204);
  assert.equal(waiting().length, 0);
});

test('the Worker is the same over a bucket', async () => {
  const objects = new Map<string, Uint8Array>();
  const box = bucketBox({
    put: async (key, value) => objects.set(key, value),
    get: async (key) => {
      const bytes = objects.get(key);
      return bytes === undefined ? null : { arrayBuffer: async () => new Uint8Array(bytes).buffer };
    },
    delete: async (key) => {
      objects.delete(key);
    },
    list: async ({ cursor = '0' }) => {
      const keys = [...objects.keys()].slice(Number(cursor), Number(cursor) + 2);
      const next = Number(cursor) + keys.length;
      return { objects: keys.map((key) => ({ key })), truncated: next < objects.size, cursor: String(next) };
    },
  });
  const ask = (method: string, path: string, body?: string) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    return receive(new Request(`https://tls-rpt.example.com/${path}`, init), box, TOKEN);
  };
  for (const body of ['one', 'two', 'three', 'three']) assert.equal((await ask('POST', '', body)).status, 201);
  const names = (await (await ask('GET', 'pending')).json()) as string[];
  assert.deepEqual(names, [...objects.keys()]);
  assert.equal(await (await ask('GET', `pending/${names[2]}`)).text(), 'three');
  assert.equal((await ask('DELETE', `pending/${names[2]}`)).status, 204);
  assert.equal(objects.size, 2);
});
