import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Answer } from 'dns-packet';
import type { Lookup } from '#scripts/core/probe/dns-lookup.ts';
import { type OpenResolver, openResolver } from '#scripts/io/dns/resolver.ts';
import { encodeReply, type FakeDns, type Respond, startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom } from '../../fakes/dns/zone.ts';

const PATIENCE = { udp: [150, 150], tcp: 400 };
const open: { close: () => Promise<void> }[] = [];
after(() => Promise.all(open.map((one) => one.close())));

async function world(
  respond: Respond,
  options: { tcp?: boolean } = {},
): Promise<{ server: FakeDns; resolver: OpenResolver }> {
  const server = await startFakeDns(respond, options);
  const resolver = await openResolver({ resolver: server.url }, { ca: null, patience: PATIENCE });
  open.push(server, resolver);
  return { server, resolver };
}

const a = (name: string, data: string, ttl = 300): Answer => ({ name, type: 'A', class: 'IN', ttl, data });
const alias = (name: string, data: string, ttl = 300): Answer => ({ name, type: 'CNAME', class: 'IN', ttl, data });
const brief = ({ status, secure, records, ttl }: Lookup) => ({ status, secure, records, ttl });

describe('what the DNS says', () => {
  test('each type of record is read as data', async () => {
    const { resolver } = await world(
      respondFrom([
        { name: 'x.test', type: 'A', data: '192.0.2.1' },
        { name: 'x.test', type: 'AAAA', data: '2001:db8::1' },
        { name: 'x.test', type: 'MX', data: { preference: 10, exchange: 'MX1.X.test' } },
        { name: 'x.test', type: 'NS', data: 'NS1.x.test' },
        { name: 'x.test', type: 'TXT', data: ['v=STSv1; ', 'id=1'] },
        {
          name: 'x.test',
          type: 'TLSA',
          data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from('abcd', 'hex') },
        },
        { name: 'x.test', type: 'CAA', data: { flags: 128, tag: 'issue', value: 'ca.test' } },
        {
          name: 'x.test',
          type: 'SOA',
          data: { mname: 'ns1.x.test', rname: 'h.x.test', serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 60 },
        },
        {
          name: 'x.test',
          type: 'DS',
          data: { keyTag: 1, algorithm: 13, digestType: 2, digest: Buffer.from('ab', 'hex') },
        },
        { name: 'null.test', type: 'MX', data: { preference: 0, exchange: '.' } },
      ]),
    );
    const records = async (name: string, type: Parameters<OpenResolver['lookup']>[1]) =>
      (await resolver.lookup(name, type)).records;
    assert.deepEqual(await records('x.test', 'A'), ['192.0.2.1']);
    assert.deepEqual(await records('x.test', 'AAAA'), ['2001:db8::1']);
    assert.deepEqual(await records('x.test', 'MX'), [{ preference: 10, exchange: 'mx1.x.test' }]);
    assert.deepEqual(await records('x.test', 'NS'), ['ns1.x.test']);
    assert.deepEqual(
      await records('x.test', 'TXT'),
      ['v=STSv1; id=1'],
      'RFC 8461 §3.1: strings are joined without a space',
    );
    assert.deepEqual(await records('x.test', 'TLSA'), [new Uint8Array([3, 1, 1, 0xab, 0xcd])]);
    assert.deepEqual(await records('x.test', 'CAA'), [{ critical: true, tag: 'issue', value: 'ca.test' }]);
    assert.deepEqual(await records('x.test', 'SOA'), [
      { mname: 'ns1.x.test', rname: 'h.x.test', serial: 7, minimum: 60 },
    ]);
    assert.deepEqual(await records('x.test', 'DS'), [{ key_tag: 1, algorithm: 13, digest_type: 2 }]);
    assert.deepEqual(await records('null.test', 'MX'), [{ preference: 0, exchange: '.' }], 'RFC 7505 §3');
    assert.deepEqual(brief(await resolver.lookup('x.test', 'CNAME')), {
      status: 'nodata',
      secure: false,
      records: [],
      ttl: 60,
    });
    assert.deepEqual(brief(await resolver.lookup('no.test', 'A')), {
      status: 'nxdomain',
      secure: false,
      records: [],
      ttl: 60,
    });
  });

  test('aliases are followed within the answer, and the least TTL counts', async () => {
    const { resolver } = await world(() => ({
      answers: [
        alias('w.test', 'v.test', 30),
        alias('v.test', 'u.test', 20),
        a('u.test', '192.0.2.9', 900),
        a('other.test', '192.0.2.66'),
      ],
    }));
    const found = await resolver.lookup('w.test', 'A');
    assert.deepEqual(found.records, ['192.0.2.9']);
    assert.deepEqual(found.aliases, [
      { name: 'w.test', target: 'v.test', ttl: 30 },
      { name: 'v.test', target: 'u.test', ttl: 20 },
    ]);
    assert.equal(found.ttl, 20);
  });

  test('an alias to a name that does not exist keeps the alias', async () => {
    const { resolver } = await world(() => ({ rcode: 3, answers: [alias('w.test', 'gone.test')] }));
    const found = await resolver.lookup('w.test', 'A');
    assert.equal(found.status, 'nxdomain');
    assert.equal(found.aliases[0]?.target, 'gone.test');
  });

  test('aliases in a circle and without end are malformed', async () => {
    const circle = await world(() => ({ answers: [alias('w.test', 'v.test'), alias('v.test', 'w.test')] }));
    assert.equal((await circle.resolver.lookup('w.test', 'A')).status, 'malformed');
    const chain = Array.from({ length: 20 }, (_, i) => alias(i === 0 ? 'w.test' : `c${i}.test`, `c${i + 1}.test`));
    const endless = await world(() => ({ answers: chain }));
    assert.equal((await endless.resolver.lookup('w.test', 'A')).status, 'malformed');
  });

  test('signatures: of several over one set the last end counts, of several sets the first', async () => {
    const signature = (name: string, typeCovered: string, inception: number, expiration: number): Answer => ({
      name,
      type: 'RRSIG',
      class: 'IN',
      ttl: 300,
      data: {
        typeCovered,
        algorithm: 13,
        labels: 2,
        originalTTL: 300,
        expiration,
        inception,
        keyTag: 1,
        signersName: 'test',
        signature: Buffer.alloc(64),
      },
    });
    const day = 86_400;
    const { resolver } = await world(() => ({
      ad: true,
      answers: [
        alias('w.test', 'v.test'),
        signature('w.test', 'CNAME', 10 * day, 30 * day),
        a('v.test', '192.0.2.1'),
        signature('v.test', 'A', 9 * day, 20 * day),
        signature('v.test', 'A', 11 * day, 40 * day),
      ],
    }));
    const found = await resolver.lookup('w.test', 'A');
    assert.equal(found.secure, true);
    assert.deepEqual(found.signed, { from: '1970-01-12T00:00:00Z', until: '1970-01-31T00:00:00Z', ttl: 300 });
  });
});

describe('what it costs to be sure', () => {
  test('a truncated reply is asked again over TCP', async () => {
    const many = Array.from({ length: 40 }, (_, i) => a('x.test', `192.0.2.${i}`));
    const { server, resolver } = await world(({ transport }) =>
      transport === 'udp' ? { tc: true } : { answers: many },
    );
    assert.equal((await resolver.lookup('x.test', 'A')).records.length, 40);
    assert.deepEqual(
      server.asked.map(({ transport }) => transport),
      ['udp', 'tcp'],
    );
  });

  test('a truncated reply that ends inside a record is not read', async () => {
    const { resolver } = await world(({ transport, packet }) => {
      const whole = Buffer.from(encodeReply(packet, { tc: transport === 'udp', answers: [a('x.test', '192.0.2.1')] }));
      return transport === 'udp' ? whole.subarray(0, whole.length - 20) : whole;
    });
    assert.deepEqual((await resolver.lookup('x.test', 'A')).records, ['192.0.2.1']);
  });

  test('a lost datagram is sent again; when all are lost TCP is tried', async () => {
    let seen = 0;
    const lossy = await world(() => (++seen === 1 ? null : { answers: [a('x.test', '192.0.2.1')] }));
    assert.equal((await lossy.resolver.lookup('x.test', 'A')).status, 'answer');
    const deaf = await world(({ transport }) => (transport === 'udp' ? null : { answers: [a('x.test', '192.0.2.1')] }));
    assert.equal((await deaf.resolver.lookup('x.test', 'A')).status, 'answer');
    const dead = await world(() => null);
    assert.equal((await dead.resolver.lookup('x.test', 'A')).status, 'timeout');
    const gone = await startFakeDns(() => null);
    await gone.close();
    const resolver = await openResolver({ resolver: gone.url }, { ca: null, patience: PATIENCE });
    assert.equal((await resolver.lookup('x.test', 'A')).status, 'unreachable');
  });

  test('replies with another id, another question or of no shape are passed over (RFC 5452 §4)', async () => {
    const { resolver } = await world(({ packet }) => {
      const good = Buffer.from(encodeReply(packet, { answers: [a('x.test', '192.0.2.1')] }));
      const otherId = Buffer.from(good);
      otherId.writeUInt16BE(good.readUInt16BE(0) ^ 1, 0);
      const forged = { ...packet, questions: [{ name: 'evil.test', type: 'A' as const }] };
      const otherName = encodeReply(forged, { answers: [a('evil.test', '192.0.2.66')] });
      const query = Buffer.from(good);
      query.writeUInt16BE(good.readUInt16BE(2) & 0x7fff, 2);
      return [otherId, otherName, query, Buffer.from('noise'), Buffer.alloc(0), good];
    });
    assert.deepEqual((await resolver.lookup('x.test', 'A')).records, ['192.0.2.1']);
  });

  test('a reply in other letters than the question is asked again over TCP (0x20)', async () => {
    const name = 'a-rather-long-name-of-many-letters.test';
    const { server, resolver } = await world(({ packet, transport }) => {
      const plain = { ...packet, questions: [{ name, type: 'A' as const }] };
      return encodeReply(transport === 'udp' ? plain : packet, {
        answers: [a(name, transport === 'udp' ? '192.0.2.66' : '192.0.2.1')],
      });
    });
    assert.deepEqual((await resolver.lookup(name, 'A')).records, ['192.0.2.1']);
    const spelled = server.asked[0]?.packet.questions?.[0]?.name ?? '';
    assert.notEqual(spelled, name);
    assert.equal(spelled.toLowerCase(), name);
  });

  test('a server that spells names its own way and speaks no TCP is still heard', async () => {
    const name = 'a-rather-long-name-of-many-letters.test';
    const { resolver } = await world(
      ({ packet }) =>
        encodeReply({ ...packet, questions: [{ name, type: 'A' as const }] }, { answers: [a(name, '192.0.2.1')] }),
      { tcp: false },
    );
    assert.deepEqual((await resolver.lookup(name, 'A')).records, ['192.0.2.1']);
  });

  test('a server that cannot read EDNS is asked without (RFC 6891 §7)', async () => {
    const { server, resolver } = await world(({ edns }) =>
      edns ? { rcode: 1 } : { answers: [a('x.test', '192.0.2.1')] },
    );
    assert.equal((await resolver.lookup('x.test', 'A')).status, 'answer');
    assert.deepEqual(
      server.asked.map(({ edns }) => edns),
      [true, false],
    );
  });

  test('ids and ports are by chance', async () => {
    const { server, resolver } = await world(() => ({ answers: [a('x.test', '192.0.2.1')] }));
    await Promise.all(Array.from({ length: 40 }, () => resolver.lookup('x.test', 'A')));
    assert.ok(new Set(server.asked.map(({ packet }) => packet.id)).size > 30);
  });

  test('what no DNS can hold is not asked', async () => {
    const { server, resolver } = await world(() => ({ answers: [] }));
    for (const name of ['', '..', 'a..b', `${'x'.repeat(64)}.test`, `${'abcdefg.'.repeat(40)}test`]) {
      assert.equal((await resolver.lookup(name, 'A')).status, 'malformed', name);
    }
    assert.equal(server.asked.length, 0);
  });
});

describe('DNSSEC', () => {
  test('AD is believed from loopback', async () => {
    const { resolver } = await world(() => ({ ad: true, answers: [a('x.test', '192.0.2.1')] }));
    assert.equal(resolver.trusted, true);
    assert.equal((await resolver.lookup('x.test', 'A')).secure, true);
  });

  test('SERVFAIL is asked again with CD: an answer then means bogus, none means that no server answers', async () => {
    const bogus = await world(({ cd }) => (cd ? { answers: [a('x.test', '192.0.2.1')] } : { rcode: 2 }));
    const found = await bogus.resolver.lookup('x.test', 'A');
    assert.deepEqual(brief(found), { status: 'bogus', secure: false, records: [], ttl: null });
    assert.deepEqual(
      bogus.server.asked.map(({ cd }) => cd),
      [false, true],
    );
    const lame = await world(() => ({ rcode: 2, errors: [{ code: 22, text: 'No Reachable Authority' }] }));
    const servfail = await lame.resolver.lookup('x.test', 'A');
    assert.equal(servfail.status, 'servfail');
    assert.deepEqual(servfail.errors, [{ code: 22, text: 'No Reachable Authority' }]);
  });

  test('an extended error of the validator says bogus too (RFC 8914 §4.7)', async () => {
    const { resolver } = await world(() => ({ rcode: 2, errors: [{ code: 7, text: 'signature expired' }] }));
    assert.equal((await resolver.lookup('x.test', 'A')).status, 'bogus');
  });

  test('REFUSED, NOTIMP and unreadable replies are told apart', async () => {
    const refused = await world(() => ({ rcode: 5 }));
    assert.deepEqual(
      [await refused.resolver.lookup('x.test', 'TLSA')].map(({ status, detail }) => [status, detail]),
      [['refused', 'REFUSED']],
    );
    const notimp = await world(() => ({ rcode: 4 }));
    assert.equal((await notimp.resolver.lookup('x.test', 'TLSA')).detail, 'NOTIMP');
    const unreadable = await world(({ packet }) => {
      const whole = Buffer.from(encodeReply(packet, { answers: [a('x.test', '192.0.2.1')] }));
      whole.writeUInt16BE(9, 6);
      return whole;
    });
    assert.equal((await unreadable.resolver.lookup('x.test', 'A')).status, 'malformed');
  });
});
