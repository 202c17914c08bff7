import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import type { PublishResult } from '#scripts/core/publish/publish-result.ts';
import type { ZoneEntry } from '../../fakes/dns/zone.ts';
import type { Fault } from '../../fakes/github/server.ts';
import { events, record } from './publish-traces.ts';
import { NOW, openLab, type PublishLab } from './publish-world.ts';

/** What may go wrong outside, tried through the whole task: a clear message, nothing lost, and the next run finishes. */

const DOMAIN = 'example.com';
const RECORD = `_mta-sts.${DOMAIN}`;
const ID = 'v=STSv1; id=20261121060000';
const labs: PublishLab[] = [];
after(async () => {
  for (const lab of labs) await lab.close();
});
async function lab(): Promise<PublishLab> {
  const opened = await openLab();
  labs.push(opened);
  return opened;
}
const later = (hours: number): Instant => instantOf(Date.parse(NOW) + hours * 3_600_000);

async function inForce(): Promise<PublishLab> {
  const one = await lab();
  await finishes(one, 1);
  return one;
}

/** Runs until it is done; the version keeps its id, and nothing stands twice in the ledger. */
async function finishes(one: PublishLab, from: number): Promise<void> {
  let last: PublishResult | null = null;
  for (let run = 0; run < 4 && last?.done.length !== 1; run++) {
    last = await one.run({ now: run === 0 && from === 1 ? NOW : later(from + run) });
    one.issueCertificates();
  }
  assert.deepEqual([last?.done, last?.failed], [[DOMAIN], []], JSON.stringify(last));
  assert.equal(record(one, RECORD), ID);
  assert.deepEqual(
    events(one).map(({ event, id }) => `${event} ${id}`),
    ['minted', 'served', 'announced'].map((event) => `${event} 20261121060000`),
  );
}

suite('GitHub', () => {
  const rows: readonly (readonly [what: string, fault: Fault, operation: string, code: string | null])[] = [
    ['403', { kind: 'answer', status: 403 }, 'POST /orgs/{org}/repos', 'github-forbidden'],
    ['404', { kind: 'answer', status: 404 }, 'POST /orgs/{org}/repos', 'github-not-found'],
    ['409 on a commit', { kind: 'answer', status: 409 }, 'POST /repos/{owner}/{repo}/git/trees', 'github-conflict'],
    ['422', { kind: 'answer', status: 422 }, 'POST /orgs/{org}/repos', 'github-invalid'],
    [
      '429 with retry-after',
      { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
      'POST /orgs/{org}/repos',
      null,
    ],
    ['502 on a write', { kind: 'answer', status: 502 }, 'POST /orgs/{org}/repos', 'github-write-unsure'],
    [
      'cut before it was made',
      { kind: 'cut', applied: false },
      'POST /repos/{owner}/{repo}/pages',
      'github-write-unsure',
    ],
    [
      'cut after it was made',
      { kind: 'cut', applied: true },
      'POST /repos/{owner}/{repo}/pages',
      'github-write-unsure',
    ],
    ['half an answer to a write', { kind: 'half' }, 'POST /orgs/{org}/repos', 'github-write-unsure'],
  ];
  for (const [what, fault, operation, code] of rows)
    test(what, async () => {
      const one = await lab();
      one.github.fail(fault, (request) => request.operation === operation, 1);
      const { failed, waiting } = await one.run();
      if (code === null) assert.deepEqual([failed, waiting.length], [[], 1], 'waited for, then made');
      else {
        assert.deepEqual(
          failed.map(({ domain, step, code: found }) => [domain, step, found]),
          [[DOMAIN, 'host', code]],
        );
        assert.ok((failed[0]?.message.length ?? 0) > 40, failed[0]?.message);
      }
      assert.equal(record(one, RECORD), undefined);
      await finishes(one, 2);
    });
});

suite('DNS', () => {
  const broken = async (one: PublishLab, entry: ZoneEntry, told: RegExp): Promise<void> => {
    one.zone.unshift(entry);
    one.issueCertificates();
    await one.run();
    one.issueCertificates();
    const { waiting, failed, done } = await one.run({ now: later(1) });
    assert.deepEqual([failed, done], [[], []]);
    assert.match(waiting.map((some) => some.for).join(' | '), told);
    one.zone.splice(one.zone.indexOf(entry), 1);
    await finishes(one, 2);
  };
  for (const fails of ['servfail', 'refused'] as const)
    test(`${fails} for the id: announced only when it was seen at every server`, async () =>
      broken(
        await lab(),
        { name: RECORD, type: 'TXT', fails },
        /TXT _mta-sts\.example\.com: no answer from ns1\.example\.com \((servfail|refused)\)/,
      ));
  test('the servers of the zone are not known', async () =>
    broken(await lab(), { name: DOMAIN, type: 'NS', fails: 'servfail' }, /which servers hold its zone is not known/));

  for (const [what, values] of [
    ['a second record with an id that is not ours', [ID, 'v=STSv1; id=evil']],
    ['only a strange id', ['v=STSv1; id=evil']],
    ['a record that was cut', ['v=STSv1; id=']],
  ] as const)
    test(`${what}: refused, left as it is, and mended when it is gone`, async () => {
      const one = await inForce();
      const put = (now: readonly string[]): void => {
        for (const old of one.zone.filter(({ name, type }) => name === RECORD && type === 'TXT'))
          one.zone.splice(one.zone.indexOf(old), 1);
        for (const text of now) one.zone.push({ name: RECORD, type: 'TXT', data: text });
      };
      put(values);
      const writes = one.dnsWrites.length;
      const { refusals, done } = await one.run({ now: later(5) });
      assert.deepEqual([refusals.map(({ code }) => code), done], [['txt-not-ours'], []]);
      assert.match(refusals[0]?.reason ?? '', /stands at _mta-sts and is not ours\. Find out who set it/);
      assert.equal(one.dnsWrites.length, writes);
      put([]);
      assert.deepEqual((await one.run({ now: later(6) })).done, [DOMAIN]);
      assert.equal(record(one, RECORD), ID);
    });

  test('other TXT records at the name stay and refuse nothing', async () => {
    const one = await lab();
    one.zone.push({ name: RECORD, type: 'TXT', data: 'of somebody else' });
    one.issueCertificates();
    await one.run();
    one.issueCertificates();
    assert.deepEqual((await one.run()).done, [DOMAIN]);
    assert.deepEqual(
      one.zone.filter(({ name }) => name === RECORD).map(({ data }) => data),
      ['of somebody else', ID],
    );
  });
});

suite('the ledger', () => {
  for (const [what, text] of [
    ['a line that was half written', '{"at":"2026-11-21T06:30:00Z","event":"served","id":"2026112106'],
    ['a line of rubbish with its end', '\u0000\u0000\u0000\n'],
  ] as const)
    test(`${what}: stepped over, kept, and the run goes on`, async () => {
      const one = await lab();
      await one.run();
      appendFileSync(join(one.data, 'policies', `${DOMAIN}.jsonl`), text);
      one.issueCertificates();
      const { done, failed } = await one.run({ now: later(1) });
      assert.deepEqual([done, failed], [[DOMAIN], []]);
      assert.equal(record(one, RECORD), ID);
      assert.deepEqual((await one.run({ now: later(2) })).done, []);
    });

  test('two publishes at the same time: one does it all, the other says so', async () => {
    const one = await lab();
    const both = await Promise.allSettled([one.run(), one.run()]);
    const refused = both.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 1);
    assert.match(String(Object(refused[0]?.reason).code), /^store-busy$/);
    await finishes(one, 2);
  });
});
