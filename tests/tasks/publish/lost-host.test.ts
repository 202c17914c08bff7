import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import { makePlan } from '#scripts/tasks/plan.ts';
import { probe } from '#scripts/tasks/probe.ts';
import { publishDue } from '#scripts/tasks/publish-due.ts';
import { commitFiles, fileText } from '../../fakes/github/world.ts';
import { changes, events, record } from './publish-traces.ts';
import { NOW, openLab, type PublishLab } from './publish-world.ts';

/** What was published and served once, and then was lost at its hosting: the next run puts it back. */

const DOMAIN = 'example.com';
const SITE = `acme/mta-sts.${DOMAIN}`;
const PATH = '.well-known/mta-sts.txt';
const labs: PublishLab[] = [];
after(async () => {
  for (const lab of labs) await lab.close();
});
const later = (hours: number): Instant => instantOf(Date.parse(NOW) + hours * 3_600_000);

async function inForce(): Promise<PublishLab> {
  const one = await openLab();
  labs.push(one);
  await one.run();
  one.issueCertificates();
  assert.deepEqual((await one.run({ now: later(1) })).done, [DOMAIN]);
  return one;
}

const planned = async (one: PublishLab, now: Instant) => {
  const { root, data, environment } = one;
  const options = { root, data, now, domains: [], against: null, offline: false, environment, progress: () => {} };
  return (await makePlan(options)).plan.domains[0];
};

function site(one: PublishLab) {
  const found = one.github.world.repositories.get(SITE);
  assert.ok(found);
  return found;
}

suite('lost at its hosting', () => {
  for (const [what, lose] of [
    ['the repository', (one) => one.github.world.repositories.delete(SITE)],
    [
      'the Pages site',
      (one) => {
        site(one).pages = null;
      },
    ],
    [
      'the custom domain',
      (one) => {
        const { pages } = site(one);
        if (pages !== null) pages.cname = null;
      },
    ],
    ['the file', (one) => commitFiles(one.github.world, site(one), 'main', { [PATH]: 'version: STSv1\r\n' })],
  ] as const satisfies readonly (readonly [string, (one: PublishLab) => unknown])[])
    test(`${what}: put back under the same id, and then no call is made for it`, async () => {
      const one = await inForce();
      const before = events(one);
      const body = fileText(site(one), 'main', PATH);
      const dns = one.dnsWrites.length;
      lose(one);

      const plan = await planned(one, later(5));
      assert.deepEqual(
        plan?.hosts.map(({ action, host }) => [action, host]),
        [['serve', `mta-sts.${DOMAIN}`]],
      );
      assert.equal(plan?.version, null);
      const ended: string[] = [];
      for (let run = 0; run < 3 && ended.length === 0; run++) {
        const { done, waiting, failed, refusals } = await one.run({ now: later(5 + run) });
        assert.deepEqual([failed, refusals], [[], []]);
        if (done.length === 0)
          assert.match(waiting[0]?.for ?? '', /the certificate of mta-sts\.example\.com at GitHub/);
        if (waiting.length > 0) assert.equal(waiting[0]?.since, later(5 + run));
        one.issueCertificates();
        if (done.length > 0 || (await planned(one, later(5 + run)))?.hosts.length === 0) ended.push(DOMAIN);
      }
      assert.equal(fileText(site(one), 'main', PATH), body);
      assert.equal(site(one).pages?.cname, `mta-sts.${DOMAIN}`);
      assert.deepEqual(events(one), before, 'the version and its id stay');
      assert.equal(one.dnsWrites.length, dns);
      const calls = one.github.requests.length;
      const writes = changes(one);
      assert.deepEqual((await one.run({ now: later(9) })).waiting, []);
      assert.deepEqual([one.github.requests.length, changes(one)], [calls, writes]);
    });

  test('an address that answers otherwise for a moment: looked at, nothing written', async () => {
    const one = await inForce();
    one.stale = 'version: STSv1\r\n';
    const writes = changes(one);
    const { waiting } = await one.run({ now: later(5) });
    assert.match(waiting[0]?.for ?? '', /to serve the published body again: 127\.0\.0\.1 \(another body\)/);
    assert.equal(changes(one), writes);
    one.stale = null;
    assert.deepEqual((await one.run({ now: later(6) })).waiting, []);
  });

  test('what is refused meanwhile keeps nothing from being put back, and moves no id', async () => {
    const one = await inForce();
    one.write({ [`${DOMAIN}.yaml`]: 'mode: enforce\nmx: [mx1.example.com]\nhosting: fleet\ndns: ours\n' });
    one.github.world.repositories.delete(SITE);
    const { refusals, waiting } = await one.run({ now: later(5) });
    assert.deepEqual(refusals.map(({ code }) => code).sort(), ['out-of-sync', 'promotion-guard']);
    assert.match(waiting[0]?.for ?? '', /certificate/);
    assert.match(fileText(site(one), 'main', PATH) ?? '', /mode: testing/);
    one.issueCertificates();
    const after = await one.run({ now: later(6) });
    assert.deepEqual(
      after.refusals.map(({ code }) => code),
      ['promotion-guard'],
    );
    assert.equal(record(one, `_mta-sts.${DOMAIN}`), 'v=STSv1; id=20261121060000');
  });

  test('moved here from another place: claimed and filled here before the name leads here', async () => {
    const one = await inForce();
    one.elsewhere = fileText(site(one), 'main', PATH);
    one.zone.push({ name: 'elsewhere.example', type: 'A', data: '127.0.0.1' });
    const alias = one.zone.find(({ name, type }) => name === `mta-sts.${DOMAIN}` && type === 'CNAME');
    assert.ok(alias);
    Object.assign(alias, { data: 'elsewhere.example' });
    one.github.world.repositories.delete(SITE);
    let claimed: boolean | null = null;
    const push = one.dnsWrites.push.bind(one.dnsWrites);
    one.dnsWrites.push = (...lines) => {
      claimed ??= one.github.world.repositories.get(SITE)?.pages?.cname === `mta-sts.${DOMAIN}`;
      return push(...lines);
    };
    const { waiting, failed } = await one.run({ now: later(5) });
    assert.deepEqual([failed, claimed], [[], true]);
    assert.match(waiting[0]?.for ?? '', /certificate/);
    assert.equal(record(one, `mta-sts.${DOMAIN}`), 'acme.github.io');
    one.issueCertificates();
    await one.run({ now: later(6) });
    assert.equal(events(one).length, 3, 'the bytes are the same, so it is no new version');
  });

  test('in a fleet too large to look at as a whole: the probe sees it, publish is due, mends it, and is not due again', async () => {
    const one = await inForce();
    const settings = join(one.root, 'domains', '_settings.yaml');
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('network: {', 'network: { second_look: 0,'));
    for (let index = 0; index < 200; index++) {
      const name = `d${index}.example`;
      one.write({ [`${name}.yaml`]: 'mode: testing\nmx: [mx1.example.com]\nhosting: fleet\ndns: ours\n' });
      copyFileSync(join(one.data, 'policies', `${DOMAIN}.jsonl`), join(one.data, 'policies', `${name}.jsonl`));
    }
    const hourly = async (hours: number) => {
      const { root, data, environment } = one;
      const shard = { index: 1, count: 1 };
      const options = { root, data, now: later(hours), shard, budgetSeconds: 60, dryRun: false, environment };
      await probe({ ...options, domains: [DOMAIN], progress: () => {} });
      return publishDue(data, later(hours));
    };
    assert.equal(await hourly(4), false);
    one.github.world.repositories.delete(SITE);
    assert.deepEqual((await one.run({ now: later(4) })).waiting, [], 'nobody has seen it yet');
    assert.equal(await hourly(5), true);
    assert.match((await one.run({ now: later(5) })).waiting[0]?.for ?? '', /certificate/);
    one.issueCertificates();
    assert.equal(await hourly(6), true, 'served again, and publish has not seen it yet');
    assert.deepEqual((await one.run({ now: later(6) })).failed, []);
    assert.match(fileText(site(one), 'main', PATH) ?? '', /mode: testing/);
    assert.equal(await hourly(7), false);
  });
});
