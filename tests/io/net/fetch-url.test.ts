import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import type { Resolver } from '#scripts/core/probe/dns-lookup.ts';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import { createDial } from '#scripts/io/net/dial.ts';
import { fetchUrl } from '#scripts/io/net/fetch-url.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom } from '../../fakes/dns/zone.ts';

const closing: (() => unknown)[] = [];
after(() => Promise.all(closing.map((close) => close())));

async function webServer(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function dns(address: string): Promise<Resolver> {
  const server = await startFakeDns(respondFrom([{ name: 'aia.test', type: 'A', data: address }]));
  const resolver = await openResolver({ resolver: server.url }, { ca: null });
  closing.push(server.close, resolver.close);
  return resolver;
}

const limits = { ca: null, limit: 1000, timeoutMs: 2000 };
const lab = async (address = '127.0.0.1') => ({
  ...limits,
  resolver: await dns(address),
  dial: createDial({ allow_private: true }),
  allow_private: true,
});
const strict = async (address = '127.0.0.1') => ({
  ...limits,
  resolver: await dns(address),
  dial: createDial({ allow_private: false }),
  allow_private: false,
});

describe('addresses that belong to nobody on the internet', () => {
  for (const url of [
    'http://127.0.0.1/inter.der',
    'http://[::1]/inter.der',
    'http://[::ffff:127.0.0.1]/inter.der',
    'http://169.254.169.254/latest/meta-data/',
    // The URL standard makes addresses of these.
    'http://2130706433/',
    'http://0x7f.1/',
    'http://aia.test/inter.der',
  ]) {
    test(`${url} is refused`, async () => {
      assert.equal((await fetchUrl(url, await strict())).status, 'private-address');
    });
  }

  test('no connection is made', async () => {
    let connections = 0;
    const port = await webServer((_, response) => response.end('x'));
    const { dial } = await strict();
    const counted: typeof dial = (...where) => {
      connections += 1;
      return dial(...where);
    };
    const options = { ...(await strict()), allow_private: true, dial: counted };
    const found = await fetchUrl(`http://aia.test:${port}/`, options);
    assert.equal(found.status, 'private-address');
    assert.equal(connections, 1, 'the dial was asked and refused');
  });

  test('a name that is public when it is judged and private when it is dialled does not get through', async () => {
    let asked = 0;
    const server = await startFakeDns(({ type, name }) => {
      const data = asked++ < 2 ? '192.88.99.1' : '127.0.0.1';
      return { answers: type === 'A' ? [{ name, type: 'A', class: 'IN', ttl: 0, data }] : [] };
    });
    const resolver = await openResolver({ resolver: server.url }, { ca: null });
    closing.push(server.close, resolver.close);
    const dialled: string[] = [];
    const options = {
      ...(await strict()),
      resolver,
      dial: async (address: string) => {
        dialled.push(address);
        return { status: 'timeout' as const, detail: '' };
      },
    };
    await fetchUrl('http://aia.test/', options);
    assert.deepEqual(dialled, ['192.88.99.1'], 'the address that was resolved is the one that is dialled, once');
  });

  test('a redirect to one is refused', async () => {
    const port = await webServer((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    );
    const options = await lab();
    const guarded = createDial({ allow_private: false });
    const dial: typeof guarded = (address, p, ms) =>
      address === '127.0.0.1' ? options.dial(address, p, ms) : guarded(address, p, ms);
    assert.equal((await fetchUrl(`http://aia.test:${port}/`, { ...options, dial })).status, 'private-address');
  });
});

describe('bounds', () => {
  test('only http and https, without a user, and outside a laboratory only on their own ports', async () => {
    for (const url of [
      'ftp://aia.test/',
      'file:///etc/passwd',
      'ldap://aia.test/cn=x',
      'http://u:p@aia.test/',
      'http://aia.test:25/',
      'nonsense',
      `http://aia.test/${'x'.repeat(3000)}`,
    ]) {
      assert.equal((await fetchUrl(url, await strict('8.8.8.8'))).status, 'url', url);
    }
  });

  test('bytes as they are, at most so many, no redirect without end', async () => {
    const port = await webServer((request, response) => {
      if (request.url === '/ok') response.end(Buffer.from([0, 1, 2]));
      else if (request.url === '/big') response.end(Buffer.alloc(5000));
      else if (request.url === '/hop') response.writeHead(302, { location: '/ok' }).end();
      else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
      else response.writeHead(404).end('no');
    });
    const at = async (path: string) => fetchUrl(`http://aia.test:${port}${path}`, await lab());
    assert.deepEqual(await at('/ok'), { status: 'ok', bytes: new Uint8Array([0, 1, 2]) });
    assert.deepEqual(await at('/hop'), { status: 'ok', bytes: new Uint8Array([0, 1, 2]) });
    assert.equal((await at('/big')).status, 'size');
    assert.equal((await at('/round')).status, 'url');
    assert.equal((await at('/none')).status, 'http-status');
  });

  test('a slow drip ends at the deadline', async () => {
    const port = await webServer((_, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const began = performance.now();
    const found = await fetchUrl(`http://aia.test:${port}/`, { ...(await lab()), timeoutMs: 300 });
    assert.equal(found.status, 'timeout');
    assert.ok(performance.now() - began < 1500);
  });

  test('a closed port and a name without an address are failures as values', async () => {
    const port = await webServer(() => {});
    await Promise.all(closing.splice(-1).map((close) => close()));
    assert.equal((await fetchUrl(`http://aia.test:${port}/`, await lab())).status, 'refused');
    assert.equal((await fetchUrl('http://none.test/', await lab())).status, 'dns');
  });
});
