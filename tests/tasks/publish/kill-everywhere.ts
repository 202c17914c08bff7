import assert from 'node:assert/strict';
import { fileText } from '../../fakes/github/world.ts';
import { changes, events } from './publish-traces.ts';
import { Killed, openLab, type PublishLab } from './publish-world.ts';

type When = 'before' | 'after';

/**
 * From nothing to a policy in force, once in peace and then once for each outside call, killed there before or after it
 * took effect and run again: the end and the number of changes must be the same. Returns how many runs were killed.
 */
export async function killEverywhere(whens: (call: number) => readonly When[]): Promise<number> {
  const whole = await toTheEnd(null);
  const wanted = endOf(whole);
  const calls = whole.killer.calls;
  await whole.close();
  assert.ok(calls > 30, `${calls} calls`);
  assert.deepEqual(
    wanted.events.map((line) => line.split(' ')[0]),
    ['minted', 'served', 'announced'],
  );
  let killed = 0;
  for (let at = 1; at <= calls; at++) {
    for (const when of whens(at)) {
      const one = await toTheEnd({ at, when });
      const end = endOf(one);
      await one.close();
      assert.deepEqual(end, wanted, `killed ${when} call ${at}`);
      killed++;
    }
  }
  return killed;
}

/** From nothing to in force. Returns the lab with everything as it is then. */
async function toTheEnd(kill: { readonly at: number; readonly when: 'before' | 'after' } | null): Promise<PublishLab> {
  const one = await openLab();
  Object.assign(one.killer, kill ?? {});
  for (let run = 0; run < 8; run++) {
    try {
      const { done } = await one.run();
      if (done.length > 0) break;
    } catch (error) {
      if (error instanceof Killed) continueAfter(one);
      else {
        await one.close();
        throw error;
      }
    }
    if (one.killer.dead) continueAfter(one);
    one.issueCertificates();
  }
  return one;
}

function continueAfter({ killer }: PublishLab): void {
  Object.assign(killer, { dead: false, at: null });
}

const endOf = (one: PublishLab) => ({
  events: events(one).map(({ event, id }) => `${event} ${id}`),
  zone: one.zone.map(({ name, type, data }) => `${name} ${type} ${JSON.stringify(data)}`).sort(),
  files: ['.nojekyll', 'CNAME', 'index.html', '.well-known/mta-sts.txt'].map((path) => {
    const site = one.github.world.repositories.get('acme/mta-sts.example.com');
    return site === undefined ? null : fileText(site, 'main', path);
  }),
  https: one.github.world.repositories.get('acme/mta-sts.example.com')?.pages?.https_enforced,
  changes: changes(one),
});
