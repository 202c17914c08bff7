import assert from 'node:assert/strict';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { after, test } from 'node:test';
import { decode } from 'dns-packet';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import { encodeReply } from '../../fakes/dns/server.ts';
import { createPki } from '../../fakes/pki.ts';

/** DNS over HTTPS (RFC 8484) against a real HTTP/2 server on loopback. */

const pki = createPki(Date.now());
const root = pki.certificate({ name: 'Root', ca: true });
const leaf = pki.certificate({ name: 'localhost', dns: ['localhost'], issuer: root });
const closing: (() => unknown)[] = [];
after(() => Promise.all(closing.map((close) => close())));

type Answer = (query: Buffer, response: Http2ServerResponse, request: Http2ServerRequest) => void;

async function ask(answer: Answer, ca: string | null = root.pem) {
  const server = createSecureServer({ key: leaf.keyPem, cert: leaf.pem + root.pem });
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(Buffer.concat(chunks), response, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const resolver = await openResolver(
    { resolver: `https://localhost:${port}/dns-query` },
    { ca, patience: { udp: [400], tcp: 400 } },
  );
  closing.push(resolver.close, () => server.close());
  return resolver.lookup('x.test', 'A');
}

const reply = (query: Buffer, name = 'x.test') =>
  Buffer.from(
    encodeReply(
      { ...decode(query), questions: [{ name, type: 'A', class: 'IN' }] },
      { ad: true, answers: [{ name, type: 'A', class: 'IN', ttl: 60, data: '192.0.2.1' }] },
    ),
  );
const TYPE = { 'content-type': 'application/dns-message' };

test('one POST over HTTP/2 with id 0; AD is believed, because the server is known', async () => {
  let seen = '';
  const found = await ask((query, response, request) => {
    seen = `${request.httpVersion} ${request.method} ${request.headers['content-type']} ${query.readUInt16BE(0)}`;
    response.writeHead(200, TYPE).end(reply(query));
  });
  assert.equal(seen, '2.0 POST application/dns-message 0');
  assert.deepEqual([found.status, found.secure, found.records], ['answer', true, ['192.0.2.1']]);
});

test('other statuses, redirects, other media types, other questions, silence and a strange certificate are no answer', async () => {
  const status = async (answer: Answer, ca?: string) => (await ask(answer, ca ?? root.pem)).status;
  assert.equal(await status((query, response) => response.writeHead(503, TYPE).end(reply(query))), 'unreachable');
  assert.equal(
    await status((_, response) => response.writeHead(302, { location: 'https://localhost:1/' }).end()),
    'unreachable',
  );
  assert.equal(
    await status((query, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(reply(query))),
    'malformed',
  );
  assert.equal(
    await status((query, response) => response.writeHead(200, TYPE).end(reply(query, 'evil.test'))),
    'malformed',
  );
  assert.equal(await status((_, response) => response.writeHead(200, TYPE).end(Buffer.alloc(200_000))), 'unreachable');
  assert.equal(await status(() => {}), 'timeout');
  const stranger = pki.certificate({ name: 'Stranger', ca: true });
  assert.equal(
    await status((query, response) => response.writeHead(200, TYPE).end(reply(query)), stranger.pem),
    'unreachable',
  );
});
