import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { makePlan } from '#scripts/tasks/plan.ts';
import { killWalk, later, someoneActs, standing, WALKS, walk, yaml } from './move-everywhere.ts';

const DOMAIN = 'example.com';
const HOST = `mta-sts.${DOMAIN}`;

for (const [index, one] of WALKS.entries())
  suite(`from ${one.from} to ${one.to ?? 'somebody else'}`, () => {
    test('the new place serves before the name leads there, and the old one lets go last', async () => {
      const { trace, said } = await walk(one);
      const to = one.to ?? 'nobody';
      const order = one.swaps
        ? [`hosted ${to}`, `released ${one.from}`, `moved ${to}`]
        : [`hosted ${to}`, `moved ${to}`, `released ${one.from}`];
      assert.deepEqual(trace.slice(1), order);
      if (one.swaps !== true)
        assert.ok(
          [...said].some((text) => text.startsWith(`caches to forget that ${HOST} stood at`)),
          [...said].join('\n'),
        );
    });

    test('killed, and run again: at some calls here, at every one in the laboratory', async () => {
      assert.ok((await killWalk(one, (call) => call % 20 === index)) > 0);
    });
  });

test('the plan shows the way there and the letting go, and a later one when', async () => {
  const lab = await standing('fleet');
  after(() => lab.close());
  lab.write({ [`${DOMAIN}.yaml`]: yaml('ours') });
  const planned = async (hour: number) => {
    const { root, data, environment } = lab;
    const options = { root, data, domains: [], against: null, offline: false, environment, progress: () => {} };
    return (await makePlan({ ...options, now: later(hour) })).plan.domains[0];
  };
  const shown = async (hour: number) => (await planned(hour))?.hosts.map(({ action, hosting }) => [action, hosting]);
  assert.deepEqual(await shown(0), [
    ['serve', 'ours'],
    ['release', 'fleet'],
  ]);
  await lab.run({ now: later(0) });
  await someoneActs(lab, 'ours');
  await lab.run({ now: later(1) });
  assert.deepEqual(await shown(2), [['release', 'fleet']]);
  assert.match(
    (await planned(2))?.hosts[0]?.steps[0] ?? '',
    /Let go of mta-sts\.example\.com at fleet from 2026-11-22T08:00:00Z on/,
  );
});
