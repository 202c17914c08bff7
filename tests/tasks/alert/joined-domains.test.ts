import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import {
  config,
  domainName,
  instant,
  onDays,
  pattern,
  type Said,
  says,
  span,
  view,
} from '../../core/analysis/world.ts';
import { FakeTracker } from '../../fakes/issue-tracker.ts';
import { AlertWorld } from '../alert-world.ts';

const NAMES = ['a.example', 'b.example', 'c.example'];
const SENDER = 'sender.example';
const TYPE = 'starttls-not-supported';
/** Days on which the sender fails at a domain; `mx` gives the host that its reports name. */
type Faults = Readonly<Record<string, readonly string[]>>;

/** What is reported up to `now`: two clean reporters everywhere, and the sender, whose reports come the day after. */
function reported(faults: Faults, mx: (domain: string) => string | null, now: string): readonly Said[] {
  const last = now.slice(0, 10);
  return NAMES.flatMap((domain) => {
    const days = span('2026-10-10', '2026-12-20').filter((on) => on < last);
    const clean = ['x.example', 'y.example'].flatMap((name) => onDays(days, { ...says(name, 500), domain }));
    const own = days.flatMap((on) =>
      onDays(
        [on],
        (faults[domain] ?? []).includes(on)
          ? { ...says(SENDER, 60, [TYPE, mx(domain), 40]), domain }
          : { ...says(SENDER, 100), domain },
      ),
    );
    return [...clean, ...own];
  });
}

async function follow(
  faults: Faults,
  mx: (domain: string) => string | null,
  hosts: (domain: string) => string,
): Promise<{ readonly told: readonly string[]; readonly world: AlertWorld<FakeTracker> }> {
  const world = new AlertWorld(new FakeTracker());
  world.configured = NAMES;
  const domains = NAMES.map((name) => config({ domain: domainName(name), mx: [pattern(hosts(name))] }));
  const told: string[] = [];
  for (const on of span('2026-11-16', '2026-12-02')) {
    const now = instant(`${on}T10:00:00Z`);
    const { findings } = reviewDomains({ domains, reports: view(reported(faults, mx, now), now), now });
    const { opened, closed } = await world.run(now, findings);
    for (const number of opened) told.push(`${on} opened #${number}`);
    for (const number of closed) told.push(`${on} closed #${number}`);
  }
  return { told, world };
}

const FAULTS: Faults = {
  'a.example': span('2026-11-16', '2026-11-21'),
  'b.example': span('2026-11-18', '2026-11-26'),
  'c.example': span('2026-11-19', '2026-11-21'),
};

test('a sender’s fault that reaches more domains and leaves them one by one is one issue', async () => {
  const shared = () => 'mx.shared.example';
  const own = (domain: string) => `mx.${domain}`;
  for (const [what, mx, hosts] of [
    ['reports that name no host', () => null, own],
    ['a host of each domain', own, own],
    ['a shared host', shared, shared],
  ] as const) {
    const { told, world } = await follow(FAULTS, mx, hosts);
    assert.deepEqual(told, ['2026-11-17 opened #1', '2026-11-30 closed #1'], what);
    for (const domain of NAMES) assert.ok(world.tracker.issue(1).body.includes(domain), `${what}: ${domain}`);
  }
});
