import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { mxSightings } from '#scripts/core/probe/mx-sightings.ts';
import type { Sighting } from '#scripts/core/probe/sighting.ts';
import { createDial } from '#scripts/io/net/dial.ts';
import { fetchUrl } from '#scripts/io/net/fetch-url.ts';
import { openRevocationLists } from '#scripts/io/smtp/revocation.ts';
import { lookAtMx, type MxEyes } from '#scripts/tasks/probe/look-at-mx.ts';
import { startHttpFolder } from '../../fakes/http-folder.ts';
import { laboratoryEyes, NO_RESOLVER } from '../../fakes/smtp/eyes.ts';
import { type Peculiarity, startFaultServer } from '../../fakes/smtp/fault-server.ts';
import { type MailIdentities, mailFaults, mailIdentities } from '../../fakes/smtp/faults.ts';

const HOST = 'mx1.lab.test';
const DEADLINE_MS = 20_000;
/** For servers that never answer: they are asked last and alone, so that a busy machine makes nobody else late. */
const HANGING_MS = 1500;

describe('one MX host at one address', () => {
  const nowMs = Date.now();
  const now = instantOf(nowMs);
  let http: Awaited<ReturnType<typeof startHttpFolder>>;
  let id: MailIdentities;

  before(async () => {
    http = await startHttpFolder({});
    id = mailIdentities(nowMs, HOST, http.url);
    http.put('/inter.der', id.inter.der);
    http.put('/inter.crl', id.revocationList);
  });
  after(() => http.close());

  type Facts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  async function sightsOf(server: Peculiarity, deadlineMs = DEADLINE_MS): Promise<readonly Sighting[]> {
    const running = await startFaultServer(server);
    try {
      const eyes = laboratoryEyes(running.port, id.root.pem, now);
      let open = 0;
      const dial: typeof eyes.dial = async (...to) => {
        const socket = await eyes.dial(...to);
        if ('status' in socket) return socket;
        open += 1;
        assert.equal(open, 1, 'one connection at a time');
        socket.once('close', () => {
          open -= 1;
        });
        return socket;
      };
      const target = { host: HOST, address: '127.0.0.1' };
      const look = await lookAtMx({ ...eyes, dial }, target, performance.now() + deadlineMs);
      assert.ok(running.seen.connections <= 3, `${running.seen.connections} connections`);
      assert.ok(!running.seen.commands.some((command) => /^(MAIL|RCPT|DATA)/i.test(command)), 'mail was sent');
      return mxSightings(look, { now, certificate_thresholds: 'relative' });
    } finally {
      await running.close();
    }
  }

  const words = (sights: readonly Sighting[]): readonly string[] =>
    sights
      .map(({ outcome, code, facts }) =>
        outcome === 'bad' ? `bad ${code} ${facts['reason']}` : outcome === 'ok' ? 'ok' : `unknown ${code}`,
      )
      .sort();

  test('every fault is told apart, and everything sound is sound', async () => {
    const faults = Object.entries(mailFaults(id));
    assert.ok(faults.length > 40);
    const seen: (readonly [string, readonly Sighting[]])[] = [];
    const look = async (some: typeof faults, deadlineMs: number): Promise<void> => {
      const looks = some.map(async ([name, { server }]) => [name, await sightsOf(server, deadlineMs)] as const);
      seen.push(...(await Promise.all(looks)));
    };
    const lively = faults.filter(([, { hangs }]) => hangs !== true);
    for (let index = 0; index < lively.length; index += 8) await look(lively.slice(index, index + 8), DEADLINE_MS);
    await look(
      faults.filter(([, { hangs }]) => hangs === true),
      HANGING_MS,
    );
    assert.deepEqual(
      Object.fromEntries(seen.map(([name, sights]) => [name, words(sights)])),
      Object.fromEntries(faults.map(([name, fault]) => [name, fault.seen])),
    );
    for (const [name, sights] of seen) {
      const wanted = mailFaults(id)[name]?.notes ?? [];
      const notes = (sights[0]?.facts['notes'] ?? []) as readonly string[];
      for (const note of wanted) assert.ok(notes.includes(note), `${name}: ${notes.join(', ')}`);
    }
  });

  test('the facts of a sound host: versions, cipher, names, dates, serial, key and the chain as sent', async () => {
    const [sight] = await sightsOf({ chain: [id.good, id.inter, id.root] });
    const { certificate, chain, tls, path, revocation, notes } = (sight?.facts ?? {}) as Facts;
    assert.deepEqual(tls?.['versions'], ['TLSv1.3', 'TLSv1.2']);
    assert.match(String(tls?.['cipher']), /^TLS_/);
    assert.equal(certificate?.['serial'], id.good.serial);
    assert.deepEqual(certificate?.['dns_names'], [HOST]);
    assert.equal(certificate?.['key'], 'EC prime256v1');
    assert.equal(certificate?.['signature'], 'ecdsa-with-SHA256');
    assert.match(String(certificate?.['not_after']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(String(certificate?.['spki_sha256']), /^[0-9a-f]{64}$/);
    assert.deepEqual(
      (chain as unknown as readonly { subject: string }[]).map(({ subject }) => subject),
      ['CN=Lab Intermediate R1', 'CN=Lab Root'],
    );
    assert.deepEqual([path, revocation, notes], [[0, 1], 'good', ['root-included']]);
  });

  test('two looks at the same host give the same facts, byte for byte', async () => {
    const server = { chain: [id.good, id.inter] };
    assert.equal(JSON.stringify(await sightsOf(server)), JSON.stringify(await sightsOf(server)));
  });

  test('a closed port and a private address are unknown, and the latter is never dialled', async () => {
    const eyes = laboratoryEyes(1, id.root.pem, now);
    const target = { host: HOST, address: '127.0.0.1' };
    const closed = await lookAtMx(eyes, target, performance.now() + 1000);
    assert.deepEqual(words(mxSightings(closed, { now, certificate_thresholds: 'relative' })), [
      'unknown connect-refused',
    ]);
    const guarded = { ...eyes, dial: createDial({ allow_private: false }) };
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fe80::1', '::ffff:127.0.0.1']) {
      const look = await lookAtMx(guarded, { host: HOST, address }, performance.now() + 1000);
      const sights = mxSightings(look, { now, certificate_thresholds: 'relative' });
      assert.deepEqual(words(sights), ['unknown private-address'], address);
    }
  });

  test('what a certificate names is not fetched from an address that is nobody’s: no issuer and no list', async () => {
    const named: string[] = [];
    const before = http.asked.length;
    const guarded: MxEyes['fetchIssuerAt'] = async (url) => {
      named.push(url);
      const dial = createDial({ allow_private: false });
      const options = { resolver: NO_RESOLVER, dial, allow_private: true, ca: null, limit: 65_536, timeoutMs: 2000 };
      return fetchUrl(url, options);
    };
    const look = async (server: Peculiarity) => {
      const running = await startFaultServer(server);
      const eyes = laboratoryEyes(running.port, id.root.pem, now);
      const lists = openRevocationLists(guarded, eyes.trust, now);
      const seen = await lookAtMx(
        { ...eyes, fetchIssuerAt: guarded, lists },
        { host: HOST, address: '127.0.0.1' },
        performance.now() + DEADLINE_MS,
      );
      await running.close();
      return mxSightings(seen, { now, certificate_thresholds: 'relative' });
    };
    const [missing] = await look({ chain: [id.good] });
    assert.equal(missing?.code, 'mx-cert-chain');
    assert.match(
      JSON.stringify(missing?.facts['fetched_issuer']),
      /"completes":false,"detail":"127\.0\.0\.1 is a loopback address"/,
    );
    const [revoked] = await look({ chain: [id.revoked, id.inter] });
    assert.deepEqual([revoked?.code, revoked?.facts['revocation']], ['ok', 'unavailable']);
    assert.deepEqual(named, [`${http.url}/inter.der`, `${http.url}/inter.crl`]);
    assert.equal(http.asked.length, before, 'nobody was asked');
  });

  test('an issuer that stands in a certs-only message is found among the others', async () => {
    const { oid, integer, sequence, tlv } = await import('../../fakes/der.ts');
    const held = tlv(0xa0, id.stray.der, id.inter.der);
    const signed = sequence(integer('01'), tlv(0x31), sequence(oid('1.2.840.113549.1.7.1')), held, tlv(0x31));
    http.put('/inter.der', sequence(oid('1.2.840.113549.1.7.2'), tlv(0xa0, signed)));
    const sights = await sightsOf({ chain: [id.good] });
    http.put('/inter.der', id.inter.der);
    assert.deepEqual(words(sights), ['bad mx-cert-chain missing-intermediate']);
  });

  test('IPv6 is looked at like IPv4', async () => {
    const running = await startFaultServer({ chain: [id.good, id.inter] }, { host: '::1' });
    try {
      const eyes = laboratoryEyes(running.port, id.root.pem, now);
      const look = await lookAtMx(eyes, { host: HOST, address: '::1' }, performance.now() + 2000);
      assert.deepEqual(words(mxSightings(look, { now, certificate_thresholds: 'relative' })), ['ok']);
    } finally {
      await running.close();
    }
  });

  test('the clock is the given one: a certificate is judged as of then', async () => {
    const running = await startFaultServer({ chain: [id.good, id.inter] });
    try {
      const later = instantOf(nowMs + 200 * 86_400_000);
      const eyes = laboratoryEyes(running.port, id.root.pem, now);
      const target = { host: HOST, address: '127.0.0.1' };
      const look = await lookAtMx(eyes, target, performance.now() + 2000);
      assert.deepEqual(words(mxSightings(look, { now: later, certificate_thresholds: 'relative' })), [
        'bad mx-cert-expired expired',
      ]);
    } finally {
      await running.close();
    }
  });
});
