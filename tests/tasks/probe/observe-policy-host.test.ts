import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { instantOf } from '#scripts/core/clock.ts';
import { foldLedger, type Ledger, NO_LEDGER } from '#scripts/core/policy/versions/ledger.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import { createDial } from '#scripts/io/net/dial.ts';
import { fetchPolicy } from '#scripts/io/net/policy-fetch.ts';
import { createTrust } from '#scripts/io/net/trust.ts';
import { observePolicyHost } from '#scripts/tasks/probe/observe-policy-host.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../../fakes/dns/zone.ts';
import { createPki, type Identity } from '../../fakes/pki.ts';
import { httpAnswer, type PolicyHostOptions, startPolicyHost } from '../../fakes/policy-host.ts';

/** RFC 8461 §3.3, and the vectors H01 to H29 of the checklist, against a real HTTPS server on loopback. */

const HOST = 'mta-sts.example.com';
const now = instantOf(Date.now());
const pki = createPki(Date.now());
const root = pki.certificate({ name: 'Root', ca: true, to: 3000 });
const inter = pki.certificate({ name: 'Intermediate', issuer: root, ca: true, to: 1000 });
const leaf = (dns: readonly string[], more: { name?: string; from?: number; to?: number } = {}) =>
  pki.certificate({ name: dns[0] ?? HOST, issuer: inter, dns, ...more });
const good = [leaf([HOST]), inter];
const trust = createTrust(root.pem);

const NEW = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n';
const OLD = 'version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmax_age: 86400\r\n';
const ledger = ledgerOf([
  { id: '20260101000000', body: OLD, at: '2026-01-01T00:00:00Z' },
  { id: '20260201000000', body: NEW, at: '2026-02-01T00:00:00Z' },
]);

function ledgerOf(versions: readonly { id: string; body: string; at: string; announced?: boolean }[]): Ledger {
  return foldLedger(
    versions.flatMap(({ id, body, at, announced }) => {
      const sha256 = createHash('sha256').update(body).digest('hex');
      const when = at as Observation['at'];
      const minted = {
        at: when,
        event: 'minted',
        id,
        sha256,
        body,
        mode: 'enforce',
        max_age: 1,
        mx: [],
        triggers: [],
        commit: null,
      } as const;
      return announced === false ? [minted] : [minted, { at: when, event: 'announced', id, sha256 } as const];
    }),
  );
}

const closing: (() => Promise<void>)[] = [];
after(() => Promise.all(closing.map((close) => close())));

interface Case {
  readonly chain?: readonly Identity[];
  readonly answer?: PolicyHostOptions['answer'];
  readonly versions?: PolicyHostOptions['versions'];
  readonly zone?: readonly ZoneEntry[];
  readonly ledger?: Ledger;
  readonly announced?: string | null;
  readonly timeoutMs?: number;
  readonly allow_private?: boolean;
  /** Nothing listens on this port. */
  readonly port?: number;
}

async function look(
  one: Case,
): Promise<{ rows: readonly Observation[]; names: readonly Observation[]; requests: readonly { head: string }[] }> {
  const server = await startPolicyHost({
    chain: one.chain ?? good,
    answer: one.answer ?? plain(NEW),
    ...(one.versions === undefined ? {} : { versions: one.versions }),
  });
  const dns = await startFakeDns(respondFrom(one.zone ?? [{ name: HOST, type: 'A', data: '127.0.0.1' }]));
  const resolver = await openResolver({ resolver: dns.url }, { ca: null });
  const dial = createDial({ allow_private: one.allow_private ?? true });
  const options = { dial, trust, port: one.port ?? server.port, timeoutMs: one.timeoutMs ?? 2000 };
  const rows = await observePolicyHost(
    { at: now, vantage: 'test', domain: 'example.com' },
    {
      resolver,
      host: HOST,
      fetchPolicy: (host, address) => fetchPolicy(host, address, options),
      ledger: one.ledger ?? ledger,
      announced_id: one.announced === undefined ? '20260201000000' : one.announced,
      thresholds: 'relative',
      hosting: null,
    },
  );
  await Promise.all([server.close(), dns.close(), resolver.close()]);
  return {
    rows: rows.filter(({ kind }) => kind === 'policy'),
    names: rows.filter(({ kind }) => kind !== 'policy'),
    requests: server.requests,
  };
}

function plain(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Uint8Array {
  return httpAnswer(200, { 'Content-Type': 'text/plain', ...headers }, body);
}

const codes = (rows: readonly Observation[]) => rows.map(({ code }) => code);

const VECTORS: readonly (readonly [vector: string, what: string, one: Case, codes: readonly string[]])[] = [
  ['H01', 'text/plain', {}, ['ok']],
  ['H02', 'a charset', { answer: httpAnswer(200, { 'Content-Type': 'text/plain; charset=utf-8' }, NEW) }, ['ok']],
  ['H03', 'a media type in other case', { answer: httpAnswer(200, { 'Content-Type': 'Text/Plain' }, NEW) }, ['ok']],
  ['H04', 'text/html', { answer: httpAnswer(200, { 'Content-Type': 'text/html' }, NEW) }, ['policy-http-media-type']],
  [
    'H05',
    'octet-stream',
    { answer: httpAnswer(200, { 'Content-Type': 'application/octet-stream' }, NEW) },
    ['policy-http-media-type'],
  ],
  ['H06', 'no media type', { answer: httpAnswer(200, {}, NEW) }, ['policy-http-media-type']],
  ['H07', 'a page as text/plain', { answer: plain('<!doctype html><title>x</title>') }, ['policy-syntax']],
  ...[301, 302, 307, 308].map(
    (status) =>
      [
        'H08',
        `${status} to the policy itself`,
        { answer: httpAnswer(status, { Location: `https://${HOST}/.well-known/mta-sts.txt` }, '') },
        ['policy-http-redirect'],
      ] as const,
  ),
  ['H09', '304', { answer: httpAnswer(304, {}, '') }, ['policy-http-status']],
  ['H10', '204', { answer: httpAnswer(204, {}, '') }, ['policy-http-status']],
  ['H10', '206', { answer: httpAnswer(206, { 'Content-Type': 'text/plain' }, NEW) }, ['policy-http-status']],
  ...[403, 404, 410, 429, 500, 503].map(
    (status) =>
      [
        'H11',
        `${status}`,
        { answer: httpAnswer(status, { 'Content-Type': 'text/plain' }, NEW) },
        ['policy-http-status'],
      ] as const,
  ),
  ['H12', 'port closed', { port: 1 }, ['policy-refused']],
  ['H13', 'a certificate for www', { chain: [leaf(['www.example.com']), inter] }, ['policy-cert-name']],
  ['H14', 'a wildcard', { chain: [leaf(['*.example.com']), inter] }, ['ok']],
  ['H15', 'a partial wildcard', { chain: [leaf(['mta-*.example.com']), inter] }, ['policy-cert-name']],
  ['H16', 'a common name alone', { chain: [leaf([], { name: HOST }), inter] }, ['policy-cert-name']],
  ['H17', 'a star in two labels', { chain: [leaf(['*.*.example.com', '*.*.com']), inter] }, ['policy-cert-name']],
  ['H18', 'expired', { chain: [leaf([HOST], { from: -90, to: -1 }), inter] }, ['policy-cert-expired']],
  ['H18', 'not yet valid', { chain: [leaf([HOST], { from: 1, to: 90 }), inter] }, ['policy-cert-chain']],
  ['H19', 'the intermediate not sent', { chain: [leaf([HOST])] }, ['policy-cert-chain']],
  ['H20', '64 KB and one byte', { answer: plain('x'.repeat(65_537)) }, ['policy-http-size']],
  ['H20', 'endless', { answer: endless }, ['policy-http-size']],
  ['H21', 'a slow drip', { answer: drip, timeoutMs: 400 }, ['policy-http-timeout']],
  ['H21', 'silence', { answer: () => {}, timeoutMs: 300 }, ['policy-http-timeout']],
  ['H23', 'no address', { zone: [{ name: 'example.com', type: 'A', data: '127.0.0.1' }] }, ['policy-host-dns']],
  [
    'H24',
    'compressed although not asked for',
    { answer: plain(gzipSync(NEW), { 'Content-Encoding': 'gzip' }) },
    ['policy-encoding'],
  ],
  ['H25', 'a byte order mark', { answer: plain(`\ufeff${NEW}`) }, ['policy-encoding']],
  ['H26', 'the text of the previous id', { answer: plain(OLD) }, ['out-of-sync']],
  ['H27', 'TLS 1.1 alone', { versions: { min: 'TLSv1.1', max: 'TLSv1.1' } }, ['policy-refused']],
  [
    'H28',
    'HSTS, a cookie and an ETag',
    { answer: plain(NEW, { 'Strict-Transport-Security': 'max-age=1', 'Set-Cookie': 'a=b', ETag: '"x"' }) },
    ['ok'],
  ],
];

function endless(socket: { write: (text: string) => boolean; writable: boolean }): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n');
  const pump = setInterval(() => (socket.writable ? socket.write('x'.repeat(16_384)) : clearInterval(pump)), 1);
}

function drip(socket: { write: (text: string) => boolean; writable: boolean }): void {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${NEW}`;
  let at = 0;
  const pump = setInterval(() => {
    if (socket.writable && at < head.length) socket.write(head[at++] ?? '');
    else clearInterval(pump);
  }, 20);
}

describe('vectors', () => {
  for (const [vector, what, one, expected] of VECTORS) {
    test(`${vector} ${what}`, async () => {
      const { rows } = await look(one);
      assert.deepEqual(codes(rows), expected, JSON.stringify(rows.map(({ facts }) => facts)));
      for (const row of rows) assert.equal(row.outcome, row.code === 'ok' ? 'ok' : 'bad');
    });
  }

  test('H22 one address of two does not listen', async (t) => {
    const here = await new Promise((resolve) => {
      const tried = connect({ host: '::1', port: 1 }).on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code),
      );
      tried.unref();
    });
    if (here !== 'ECONNREFUSED') return t.skip('this machine has no IPv6 on loopback');
    const { rows } = await look({
      zone: [
        { name: HOST, type: 'A', data: '127.0.0.1' },
        { name: HOST, type: 'AAAA', data: '::1' },
      ],
    });
    assert.deepEqual(
      rows.map(({ address, code }) => [address, code]),
      [
        ['127.0.0.1', 'ok'],
        ['::1', 'policy-refused'],
      ],
    );
  });

  test('H29 two addresses serve two texts: the one with the wrong one is named', async () => {
    const first = await startPolicyHost({ chain: good, answer: plain(NEW) });
    const second = await startPolicyHost({ chain: good, answer: plain(OLD), address: '127.0.0.2', port: first.port });
    closing.push(first.close, second.close);
    const { rows } = await look({
      port: first.port,
      zone: ['127.0.0.1', '127.0.0.2'].map((data) => ({ name: HOST, type: 'A', data })),
    });
    assert.deepEqual(
      rows.map(({ address, code }) => [address, code]),
      [
        ['127.0.0.1', 'ok'],
        ['127.0.0.2', 'out-of-sync'],
        ['127.0.0.2', 'policy-edge-skew'],
      ],
    );
  });
});

describe('what is asked', () => {
  test('one GET of the path with the host name, not compressed, and the name in the handshake (§7.1)', async () => {
    const { requests } = await look({});
    assert.equal(requests.length, 1);
    const { head } = requests[0] ?? { head: '' };
    assert.match(head, /^GET \/\.well-known\/mta-sts\.txt HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nhost: mta-sts\.example\.com\r\n/i);
    assert.match(head, /\r\naccept-encoding: identity\r\n/i);
  });

  test('a private address is not connected to and is unknown', async () => {
    const { rows, requests } = await look({ allow_private: false });
    assert.deepEqual(
      rows.map(({ outcome, code, address }) => [outcome, code, address]),
      [['unknown', 'private-address', '127.0.0.1']],
    );
    assert.equal(requests.length, 0);
  });

  test('a name that cannot be looked up is unknown, one that is bogus is bad', async () => {
    const fails = (how: 'servfail' | 'bogus') => ['A', 'AAAA'].map((type) => ({ name: HOST, type, fails: how }));
    assert.deepEqual(
      (await look({ zone: fails('servfail') })).rows.map(({ outcome, code }) => [outcome, code]),
      [
        ['unknown', 'dns-servfail'],
        ['unknown', 'dns-servfail'],
      ],
    );
    assert.deepEqual(codes((await look({ zone: fails('bogus') })).rows), ['dnssec-bogus', 'dnssec-bogus']);
  });
});

describe('several faults', () => {
  test('an expired certificate does not hide a wrong name, nor the page behind it', async () => {
    const chain = [leaf(['www.example.com'], { from: -90, to: -1 })];
    const { rows } = await look({ chain, answer: httpAnswer(404, {}, '') });
    assert.deepEqual(codes(rows), [
      'policy-cert-name',
      'policy-cert-expired',
      'policy-cert-chain',
      'policy-http-status',
    ]);
  });

  test('a self-signed certificate, a foreign root, a link that did not sign, and a link past its end', async () => {
    const self = pki.certificate({ name: HOST, dns: [HOST] });
    const foreign = pki.certificate({ name: 'Foreign', ca: true });
    const stranger = pki.certificate({ name: 'Intermediate', ca: true, issuer: root });
    const ended = pki.certificate({ name: 'Ended', ca: true, issuer: root, from: -90, to: -1 });
    const detail = async (chain: readonly Identity[]) => {
      const { rows } = await look({ chain });
      assert.deepEqual(codes(rows), ['policy-cert-chain']);
      return String(rows[0]?.facts['detail']);
    };
    assert.match(await detail([self]), /signed itself/);
    assert.match(
      await detail([pki.certificate({ name: HOST, dns: [HOST], issuer: foreign }), foreign]),
      /no trusted root/,
    );
    assert.match(await detail([leaf([HOST]), stranger]), /did not sign/);
    assert.match(await detail([pki.certificate({ name: HOST, dns: [HOST], issuer: ended }), ended]), /not valid now/);
    assert.match(
      await detail([pki.certificate({ name: HOST, dns: [HOST], issuer: inter, usage: 'client' }), inter]),
      /strict verifier/,
    );
  });

  test('strays, a wrong order and the root in the chain do no harm', async () => {
    const stray = pki.certificate({ name: 'Stray', ca: true });
    assert.deepEqual(codes((await look({ chain: [good[0] as Identity, stray, root, inter] })).rows), ['ok']);
  });

  test('a certificate near its end says at which stage', async () => {
    const { rows } = await look({ chain: [leaf([HOST], { from: -85, to: 5 }), inter] });
    assert.deepEqual(
      rows.map(({ code, facts }) => [code, facts['stage']]),
      [['policy-cert-expiring', 'critical']],
    );
  });
});

describe('the right text', () => {
  test('only line ends differ: out of sync, no fault of grammar', async () => {
    for (const body of [NEW.replaceAll('\r\n', '\n'), NEW.replaceAll('\r\n', '\r'), NEW.slice(0, -2)]) {
      const { rows } = await look({ answer: plain(body) });
      assert.deepEqual(
        rows.map(({ code, facts }) => [code, facts['line_ends_only']]),
        [['out-of-sync', true]],
      );
    }
  });

  test('a valid text that the ledger does not hold is out of sync; without a ledger there is nothing to compare', async () => {
    const body = NEW.replace('mx1', 'mx2');
    assert.deepEqual(codes((await look({ answer: plain(body) })).rows), ['out-of-sync']);
    assert.deepEqual(codes((await look({ answer: plain(body), ledger: NO_LEDGER, announced: null })).rows), ['ok']);
  });

  test('a blank line at the end is a fault of grammar', async () => {
    assert.deepEqual(codes((await look({ answer: plain(`${NEW}\r\n`) })).rows), ['policy-syntax']);
  });

  test('UTF-16 and NUL are no text', async () => {
    assert.deepEqual(codes((await look({ answer: plain(Buffer.from(`\ufeff${NEW}`, 'utf16le')) })).rows), [
      'policy-encoding',
    ]);
    assert.deepEqual(codes((await look({ answer: plain(NEW.replace(':', '\0')) })).rows), ['policy-encoding']);
  });

  test('DNS shows an older id than the one in force: its text is not right again', async () => {
    assert.deepEqual(codes((await look({ answer: plain(OLD), announced: '20260101000000' })).rows), ['out-of-sync']);
  });

  test('the host goes first: a version just minted may be served before DNS moves, for an hour', async () => {
    const minted = (at: string) =>
      ledgerOf([
        { id: '20260101000000', body: OLD, at: '2026-01-01T00:00:00Z' },
        { id: '20260201000000', body: NEW, at, announced: false },
      ]);
    const ago = (ms: number) => instantOf(Date.now() - ms);
    const at = (when: string, body: string) =>
      look({ answer: plain(body), announced: '20260101000000', ledger: minted(when) });
    assert.deepEqual(codes((await at(ago(60_000), NEW)).rows), ['ok']);
    assert.deepEqual(codes((await at(ago(60_000), OLD)).rows), ['ok']);
    assert.deepEqual(codes((await at(ago(7_200_000), NEW)).rows), ['out-of-sync']);
    assert.deepEqual(
      codes((await at(ago(7_200_000), OLD)).rows),
      ['ok'],
      'the host was not published yet: nothing has moved',
    );
  });
});

test('after a retirement the policy host is not missed', async () => {
  const version = { at: now, id: '20260101000000', sha256: createHash('sha256').update(OLD).digest('hex') };
  const retired = foldLedger([
    { ...version, event: 'minted', body: OLD, mode: 'none', max_age: 1, mx: [], triggers: [], commit: null },
    { ...version, event: 'announced' },
    { ...version, event: 'withdrawn' },
  ]);
  assert.deepEqual(codes((await look({ ledger: retired, announced: null, zone: [] })).rows), ['ok']);
  assert.deepEqual(codes((await look({ announced: null, zone: [] })).rows), ['policy-host-dns']);
});

describe('names beside the policy', () => {
  const a = { name: HOST, type: 'A', data: '127.0.0.1' };
  const caa = (name: string, value: string, tag = 'issue', flags = 0): ZoneEntry => ({
    name,
    type: 'CAA',
    data: { flags, tag, value },
  });
  const encrypt = pki.certificate({ name: "Let's Encrypt R99", issuer: root, ca: true });
  const chain = [pki.certificate({ name: HOST, dns: [HOST], issuer: encrypt }), encrypt];
  const seen = async (kind: string, one: Case) =>
    (await look({ chain, ...one })).names
      .filter((row) => row.kind === kind)
      .map(({ outcome, code }) => `${outcome} ${code}`);

  test('CAA: the first name upwards with records counts, against the CA of the certificate (RFC 8659 §3)', async () => {
    assert.deepEqual(await seen('caa', { zone: [a] }), ['ok ok']);
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', 'letsencrypt.org')] }), ['ok ok']);
    assert.deepEqual(
      await seen('caa', { zone: [a, caa('example.com', 'LetsEncrypt.org; validationmethods=http-01')] }),
      ['ok ok'],
    );
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', 'digicert.com')] }), ['bad caa-blocks']);
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', ';')] }), ['bad caa-blocks']);
    assert.deepEqual(
      await seen('caa', { zone: [a, caa('example.com', 'digicert.com'), caa(HOST, 'letsencrypt.org')] }),
      ['ok ok'],
    );
    assert.deepEqual(await seen('caa', { zone: [a, caa('com', 'digicert.com')] }), ['bad caa-blocks']);
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', 'mailto:x@example.com', 'iodef')] }), ['ok ok']);
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', ';', 'issuewild')] }), ['ok ok']);
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', 'x', 'novel', 128)] }), ['bad caa-blocks']);
    assert.deepEqual(await seen('caa', { zone: [a, caa('example.com', 'x', 'novel', 0)] }), ['ok ok']);
  });

  test('CAA: a CA that is not known is not judged, and a look-up that fails is unknown', async () => {
    assert.deepEqual(await seen('caa', { chain: good, zone: [a, caa('example.com', 'digicert.com')] }), [
      'unknown ca-unknown',
    ]);
    assert.deepEqual(await seen('caa', { zone: [a, { name: 'example.com', type: 'CAA', fails: 'servfail' }] }), [
      'unknown dns-servfail',
    ]);
  });

  test('an alias to what nobody holds: it does not exist, or the provider does not know the name', async () => {
    const to = (data: string): readonly ZoneEntry[] => [
      { name: HOST, type: 'CNAME', data },
      { name: data, type: 'A', data: '127.0.0.1' },
    ];
    const missing = httpAnswer(404, { 'Content-Type': 'text/html' }, "<p>There isn't a GitHub Pages site here.</p>");
    const pages = [pki.certificate({ name: '*.github.io', dns: ['*.github.io'], issuer: encrypt }), encrypt];
    assert.deepEqual(await seen('cname', { zone: to('acme.github.io') }), ['ok ok']);
    assert.deepEqual(await seen('cname', { zone: [{ name: HOST, type: 'CNAME', data: 'gone.test' }] }), [
      'bad dangling-cname',
    ]);
    assert.deepEqual(await seen('cname', { zone: to('acme.github.io'), answer: missing, chain: pages }), [
      'bad dangling-cname',
    ]);
    assert.deepEqual(await seen('cname', { zone: to('acme.github.io'), answer: missing }), ['bad dangling-cname']);
    assert.deepEqual(
      await seen('cname', { zone: to('acme.github.io'), answer: httpAnswer(404, {}, ''), chain: pages }),
      ['bad dangling-cname'],
    );
    assert.deepEqual(
      await seen('cname', { zone: to('acme.github.io'), answer: httpAnswer(404, {}, '') }),
      ['ok ok'],
      'claimed, and the file is missing',
    );
    assert.deepEqual(
      await seen('cname', { zone: to('web.example.net'), answer: missing, chain: pages }),
      ['ok ok'],
      'a server of somebody',
    );
  });
});
