import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, suite, test } from 'node:test';
import { dayAfter, MailWorld } from './mail-world.ts';

/** How the sessions of senders that report in their own way are counted, as `review --json` tells it. */

interface Entry {
  readonly type: 'sts' | 'tlsa' | 'no-policy-found';
  readonly string?: readonly string[];
  readonly sessions: readonly [successful: number, failed: number];
}
interface Told {
  readonly domains: readonly { readonly sessions: Readonly<Record<string, unknown>> | null }[];
  readonly rollouts: readonly { readonly clean_days: number }[];
}

const DAYS = 16;
const OLDER = ['version: STSv1', 'mode: testing', 'mx: mx1.example.com', 'max_age: 86400'];
const NEWER = [...OLDER.slice(0, 3), 'max_age: 604800'];
const TLSA = [JSON.stringify(['3 1 1 AA'])];

const cases: readonly {
  readonly name: string;
  readonly reporter: string;
  readonly entries: readonly Entry[];
  readonly counted: readonly [type: string, successful: number, failed: number];
  readonly clean: number;
}[] = [
  {
    name: 'the same sessions under sts and tlsa (J50) count once',
    reporter: 'microsoft.com',
    entries: [
      { type: 'sts', sessions: [100, 0] },
      { type: 'tlsa', string: TLSA, sessions: [100, 0] },
    ],
    counted: ['sts', 1600, 0],
    clean: DAYS,
  },
  {
    name: 'a failure under tlsa alone is none of sts',
    reporter: 'microsoft.com',
    entries: [
      { type: 'sts', sessions: [100, 0] },
      { type: 'tlsa', string: TLSA, sessions: [60, 40] },
    ],
    counted: ['sts', 1600, 0],
    clean: DAYS,
  },
  {
    name: 'several policies of one day, each with sessions of its own, add up',
    reporter: 'google.com',
    entries: [
      { type: 'sts', string: OLDER, sessions: [60, 0] },
      { type: 'sts', string: NEWER, sessions: [40, 0] },
      { type: 'no-policy-found', sessions: [5, 0] },
    ],
    counted: ['sts', 1600, 0],
    clean: DAYS,
  },
  {
    name: 'a failure under one of several policies is a failure of the day',
    reporter: 'google.com',
    entries: [
      { type: 'sts', string: OLDER, sessions: [30, 30] },
      { type: 'sts', string: NEWER, sessions: [40, 0] },
    ],
    counted: ['sts', 1120, 480],
    clean: 0,
  },
];

suite('sessions', () => {
  let world: MailWorld;
  afterEach(() => world.remove());

  for (const { name, reporter, entries, counted, clean } of cases)
    test(name, async () => {
      world = new MailWorld({ 'example.com': 'mode: testing\nmx: [mx1.example.com]\n' });
      for (let index = 0; index < DAYS; index++)
        world.write(`reports/${index}.json`, reportOf(reporter, dayAfter('2026-11-01', index), entries));
      const { exit } = await world.run('2026-11-18T06:00:00Z', 'ingest', join(world.root, 'reports'));
      assert.equal(exit, 0);
      const { json } = await world.run<Told>('2026-11-18T06:00:00Z', 'review');
      const { policy_type, successful, failed } = json.domains[0]?.sessions ?? {};
      assert.deepEqual([policy_type, successful, failed], counted);
      assert.equal(json.rollouts[0]?.clean_days, clean);
    });
});

function reportOf(reporter: string, day: string, entries: readonly Entry[]): string {
  return JSON.stringify({
    'organization-name': reporter,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': `tls@${reporter}`,
    'report-id': `${day}.${reporter}`,
    policies: entries.map(({ type, string, sessions: [successful, failed] }) => ({
      policy: {
        'policy-type': type,
        'policy-domain': 'example.com',
        ...(string === undefined ? {} : { 'policy-string': string }),
      },
      summary: { 'total-successful-session-count': successful, 'total-failure-session-count': failed },
      ...(failed === 0
        ? {}
        : { 'failure-details': [{ 'result-type': 'validation-failure', 'failed-session-count': failed }] }),
    })),
  });
}
