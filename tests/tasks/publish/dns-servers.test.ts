import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import { failedLookup } from '#scripts/io/dns/ask.ts';
import { askPatientlyOnce } from '#scripts/tasks/publish/ask-patiently.ts';
import { type FakeDns, type Respond, startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../../fakes/dns/zone.ts';
import { events, record } from './publish-traces.ts';
import { NOW, openLab, type PublishLab } from './publish-world.ts';

/** A zone with two servers, of which the second is not like the first: the id counts when both have it. */

const DOMAIN = 'example.com';
const RECORD = `_mta-sts.${DOMAIN}`;
const ID = 'v=STSv1; id=20261121060000';
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});
const later = (hours: number): Instant => instantOf(Date.parse(NOW) + hours * 3_600_000);

/** Where everything stands but the id, with a second server that answers so. */
async function openWith(respond: (own: Respond) => Respond, options: { readonly tcp?: boolean } = {}) {
  const one = await openLab();
  closing.push(one.close);
  const copy: ZoneEntry[] = [];
  const own = respondFrom(copy, { aa: true });
  const second: FakeDns = await startFakeDns(respond(own), { address: '127.0.0.2', port: one.dnsPort, ...options });
  closing.push(second.close);
  one.zone.push(
    { name: DOMAIN, type: 'NS', data: 'ns2.example.com' },
    { name: 'ns2.example.com', type: 'A', data: '127.0.0.2' },
  );
  /** What a zone transfer does. */
  const transfer = () => copy.splice(0, copy.length, ...one.zone);
  transfer();
  await one.run();
  one.issueCertificates();
  transfer();
  return { one, second, transfer };
}

const waits = async (one: PublishLab, now: Instant): Promise<readonly string[]> => {
  const { waiting, failed, done } = await one.run({ now });
  assert.deepEqual([failed, done], [[], []]);
  return waiting.map((some) => some.for);
};

suite('two servers of one zone', () => {
  test('the second has an older copy: written once, told by name, announced when it has caught up', async () => {
    const { one, transfer } = await openWith((own) => own);
    assert.deepEqual(await waits(one, later(1)), [`TXT ${RECORD}: not yet at ns2.example.com: ${ID}`]);
    assert.equal(record(one, RECORD), ID);
    const writes = one.dnsWrites.length;
    assert.deepEqual(await waits(one, later(2)), [`TXT ${RECORD}: not yet at ns2.example.com: ${ID}`]);
    assert.equal(one.dnsWrites.length, writes);
    assert.deepEqual(
      events(one).map(({ event }) => event),
      ['minted', 'served'],
    );
    transfer();
    assert.deepEqual((await one.run({ now: later(3) })).done, [DOMAIN]);
  });

  test('the second still says an id of before beside the new one', async () => {
    const { one, transfer } = await openWith((own) => (asked) => {
      const reply = own(asked);
      if (asked.type !== 'TXT' || asked.name !== RECORD || reply === null || !('answers' in reply)) return reply;
      const old = { name: RECORD, type: 'TXT', ttl: 300, data: 'v=STSv1; id=20250101000000', class: 'IN' } as const;
      return { ...reply, rcode: 0, answers: [...(reply.answers ?? []), old] };
    });
    assert.deepEqual(await waits(one, later(1)), [`TXT ${RECORD}: not yet at ns2.example.com: ${ID}`]);
    transfer();
    assert.match((await waits(one, later(2)))[0] ?? '', /not yet at ns2\.example\.com/);
  });

  const cutOverUdp: (own: Respond) => Respond = (own) => (asked) =>
    asked.transport === 'udp' && asked.type === 'TXT' ? { aa: true, tc: true, answers: [] } : own(asked);

  test('the second cuts TXT over UDP: asked again over TCP', async () => {
    const { one, second, transfer } = await openWith(cutOverUdp);
    assert.deepEqual(await waits(one, later(1)), [`TXT ${RECORD}: not yet at ns2.example.com: ${ID}`]);
    transfer();
    assert.deepEqual((await one.run({ now: later(2) })).done, [DOMAIN]);
    assert.ok(second.asked.some(({ name, transport }) => name === RECORD && transport === 'tcp'));
  });

  test('and has no TCP: not known, so not announced', async () => {
    const { one, transfer } = await openWith(cutOverUdp, { tcp: false });
    await waits(one, later(1));
    transfer();
    assert.ok((await waits(one, later(2))).includes(`TXT ${RECORD}: no answer from ns2.example.com (unreachable)`));
  });

  test('a server that is silent is waited for once in a run, not for each record', async () => {
    const asked: string[] = [];
    const ask = askPatientlyOnce(async (address, name, type) => {
      asked.push(`${address} ${name}`);
      return failedLookup(name, type, { status: address === '192.0.2.1' ? 'timeout' : 'malformed', detail: 'so' });
    });
    for (const address of ['192.0.2.1', '192.0.2.2'])
      for (const name of ['a.example', 'b.example']) {
        const { status, name: of } = await ask(address, name, 'TXT');
        assert.deepEqual([of, status], [name, address === '192.0.2.1' ? 'timeout' : 'malformed']);
      }
    assert.deepEqual(asked, ['192.0.2.1 a.example', '192.0.2.2 a.example', '192.0.2.2 b.example']);
  });
});
