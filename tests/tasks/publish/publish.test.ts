import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { lockStore } from '#scripts/io/store/run-lock.ts';
import { fileText } from '../../fakes/github/world.ts';
import { killEverywhere } from './kill-everywhere.ts';
import { changes, events, record } from './publish-traces.ts';
import { NOW, openLab, type PublishLab } from './publish-world.ts';

const labs: PublishLab[] = [];
after(async () => {
  for (const lab of labs) await lab.close();
});

async function lab(domains?: readonly string[]): Promise<PublishLab> {
  const opened = await openLab(domains);
  labs.push(opened);
  return opened;
}

suite('publish', () => {
  test('first the host, then its certificate, then the bytes, then the id; nothing is done twice', async () => {
    const one = await lab();
    const first = await one.run();
    assert.deepEqual([first.done, first.refusals, first.failed], [[], [], []]);
    assert.match(first.waiting[0]?.for ?? '', /certificate of mta-sts\.example\.com at GitHub \(new\)/);
    assert.equal(first.waiting[0]?.since, NOW);
    assert.equal(record(one, '_mta-sts.example.com'), undefined, 'no id before the bytes were seen');
    assert.equal(record(one, 'mta-sts.example.com'), 'acme.github.io');
    assert.deepEqual(
      events(one).map(({ event }) => event),
      ['minted'],
    );
    const site = one.github.world.repositories.get('acme/mta-sts.example.com');
    assert.ok(site !== undefined);
    assert.equal(
      fileText(site, 'main', '.well-known/mta-sts.txt'),
      'version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmax_age: 86400\r\n',
    );
    for (const [path, text] of [
      ['.nojekyll', ''],
      ['CNAME', 'mta-sts.example.com\n'],
    ] as const)
      assert.equal(fileText(site, 'main', path), text);

    const writes = changes(one);
    await one.run();
    assert.equal(changes(one), writes, 'waiting changes nothing');

    one.issueCertificates();
    const second = await one.run({ now: '2026-11-21T07:00:00Z' as Instant });
    assert.deepEqual([second.done, second.waiting], [['example.com'], []]);
    assert.equal(record(one, '_mta-sts.example.com'), 'v=STSv1; id=20261121060000');
    assert.equal(site.pages?.https_enforced, true);
    assert.deepEqual(
      events(one).map(({ event, id, at }) => [event, id, at]),
      [
        ['minted', '20261121060000', NOW],
        ['served', '20261121060000', '2026-11-21T07:00:00Z'],
        ['announced', '20261121060000', '2026-11-21T07:00:00Z'],
      ],
    );

    const before = [changes(one), one.github.requests.length];
    const third = await one.run({ now: '2026-11-21T08:00:00Z' as Instant });
    assert.deepEqual([third.done, third.waiting, third.failed], [[], [], []]);
    assert.deepEqual([changes(one), one.github.requests.length], before, 'what is so already costs no call');
  });

  test('while one address serves the old body the id does not move', async () => {
    const one = await lab();
    await one.run();
    one.issueCertificates();
    await one.run();
    const site = one.github.world.repositories.get('acme/mta-sts.example.com');
    one.stale = site === undefined ? null : fileText(site, 'main', '.well-known/mta-sts.txt');
    one.write({
      'example.com.yaml': 'mode: testing\nmx: [mx1.example.com, mx2.example.com]\nhosting: fleet\ndns: ours\n',
    });
    const later = '2026-11-22T06:00:00Z' as Instant;
    const late = await one.run({ now: later });
    assert.match(late.waiting[0]?.for ?? '', /to serve the new body: 127\.0\.0\.1 \(another body\)/);
    assert.equal(record(one, '_mta-sts.example.com'), 'v=STSv1; id=20261121060000');
    one.stale = null;
    assert.deepEqual((await one.run({ now: later })).done, ['example.com']);
    assert.equal(record(one, '_mta-sts.example.com'), 'v=STSv1; id=20261122060000');
  });

  test('a person’s DNS is told line by line, waited for, and seen when it is there', async () => {
    const one = await lab();
    one.write({ 'example.com.yaml': 'mode: testing\nmx: [mx1.example.com]\nhosting: fleet\ndns: people\n' });
    const told = (await one.run()).waiting.map((waiting) => waiting.for);
    assert.deepEqual(told.slice(0, 2), [
      'a person to set in DNS: _smtp._tls.example.com. 86400 IN TXT "v=TLSRPTv1; rua=mailto:tls@example.com"',
      'a person to set in DNS: mta-sts.example.com. 3600 IN CNAME acme.github.io.',
    ]);
    one.zone.push({ name: 'mta-sts.example.com', type: 'CNAME', data: 'acme.github.io' });
    one.zone.push({ name: '_smtp._tls.example.com', type: 'TXT', data: 'v=TLSRPTv1; rua=mailto:tls@example.com' });
    one.issueCertificates();
    const id = await one.run();
    assert.deepEqual(
      id.waiting.map((waiting) => waiting.for),
      ['a person to set in DNS: _mta-sts.example.com. 300 IN TXT "v=STSv1; id=20261121060000"'],
    );
    one.zone.push({ name: '_mta-sts.example.com', type: 'TXT', data: 'v=STSv1; id=20261121060000' });
    assert.deepEqual((await one.run()).done, ['example.com']);
    assert.deepEqual(one.dnsWrites, []);
  });

  test('only the plan that was looked at; once begun, the rest of it', async () => {
    const one = await lab();
    const other = await one.run({ checksum: 'f'.repeat(64) });
    assert.deepEqual(
      other.refusals.map(({ code }) => code),
      ['plan-changed'],
    );
    assert.deepEqual([changes(one), events(one)], [0, []]);
    const { checksum } = await one.run({ dryRun: true });
    assert.equal((await one.run({ checksum })).waiting.length, 1);
    one.issueCertificates();
    assert.deepEqual((await one.run({ checksum })).done, ['example.com']);
  });

  test('what is refused is not touched, the others are', async () => {
    const one = await lab(['example.com', 'b.example.com']);
    one.write({ 'b.example.com.yaml': 'mode: testing\nmx: [elsewhere.example.com]\nhosting: fleet\ndns: ours\n' });
    const result = await one.run();
    assert.deepEqual(
      result.refusals.map(({ domain, code }) => [domain, code]),
      [['b.example.com', 'mx-not-covered']],
    );
    assert.deepEqual(
      result.waiting.map(({ domain }) => domain),
      ['example.com'],
    );
    assert.equal(one.github.world.repositories.has('acme/mta-sts.b.example.com'), false);
  });

  test('--dry-run says what would be done, and does none of it', async () => {
    const one = await lab();
    const { would } = await one.run({ dryRun: true });
    assert.match(
      would.join('\n'),
      /mint 20261121060000[\s\S]*serve the body[\s\S]*set TXT _mta-sts\.example\.com to v=STSv1; id=20261121060000/,
    );
    assert.deepEqual([changes(one), events(one), one.github.requests], [0, [], []]);
  });

  test('one domain’s failure is told with its step and stops no other', async () => {
    const one = await lab(['example.com', 'b.example.com']);
    one.github.fail(
      { kind: 'answer', status: 403 },
      ({ operation, body }) =>
        operation === 'POST /orgs/{org}/repos' && (body as { name?: string }).name === 'mta-sts.b.example.com',
    );
    const result = await one.run();
    assert.deepEqual(
      result.failed.map(({ domain, step, code }) => [domain, step, code]),
      [['b.example.com', 'host', 'github-forbidden']],
    );
    assert.deepEqual(
      result.waiting.map(({ domain }) => domain),
      ['example.com'],
    );
  });

  test('two publishes at once: the second says so, and changes nothing', async () => {
    const one = await lab();
    const release = lockStore(`${one.data}/policies`);
    await assert.rejects(one.run(), { code: 'store-busy', exit: 3 });
    release();
    assert.equal((await one.run()).waiting.length, 1);
  });
});

suite('killed and run again', () => {
  test('at every outside call: the same end with the same changes', async () => {
    // Before and after in turn, because of the time; the lab does both at each.
    const killed = await killEverywhere((call) => [call % 2 === 0 ? 'before' : 'after']);
    assert.ok(killed > 30);
  });
});
