import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { isOurName } from '#scripts/core/dns/our-names.ts';
import { zoneLines } from '#scripts/core/dns/record-set.ts';
import { REFUSALS } from '#scripts/core/policy/plan/refusal.ts';
import { nextState, ROLLOUT_STATES, type RolloutState, transitionOf } from '#scripts/core/policy/rollout/state.ts';
import { config, domainName, pattern } from '../../analysis/world.ts';

suite('rollout never skips a state (rollout rules §2)', () => {
  for (const [from, to, transition] of [
    ['absent', 'reporting', 'guarded'],
    ['reporting', 'testing', 'guarded'],
    ['testing', 'enforce', 'guarded'],
    ['enforce', 'testing', 'free'],
    ['testing', 'retiring', 'free'],
    ['enforce', 'retiring', 'free'],
    ['retiring', 'removed', 'guarded'],
    ['retiring', 'testing', 'guarded'],
    ['absent', 'enforce', 'forbidden'],
    ['reporting', 'enforce', 'forbidden'],
    ['retiring', 'enforce', 'forbidden'],
    ['enforce', 'removed', 'forbidden'],
    ['testing', 'removed', 'forbidden'],
    ['enforce', 'enforce', 'none'],
  ] as const) {
    test(`${from} → ${to}: ${transition}`, () => assert.equal(transitionOf(from, to), transition));
  }

  test('from anywhere to enforce or removed there is a way, and no step on it is forbidden', () => {
    const states = fc.constantFrom(...ROLLOUT_STATES);
    fc.assert(
      fc.property(states, fc.constantFrom<RolloutState>('testing', 'enforce', 'retiring'), (from, to) => {
        let here = from;
        for (let steps = 0; here !== to; steps++) {
          const next = nextState(here, to);
          assert.ok(next !== null && steps < 4, `${from} → ${to}`);
          assert.notEqual(transitionOf(here, next), 'forbidden');
          here = next;
        }
      }),
    );
  });

  test('rollback is free from every enforced state', () => assert.equal(transitionOf('enforce', 'testing'), 'free'));
});

suite('names and records', () => {
  test('only our names, whatever a plan says', () => {
    const domain = config({ dane: { managed: true, required: false, next_keys: [] } });
    const zone = domainName('sts.acme.example');
    const ours = [
      '_mta-sts.example.com',
      '_smtp._tls.example.com',
      'mta-sts.example.com',
      '_mta-sts.example.com.sts.acme.example',
      '_25._tcp.mx1.example.com',
    ];
    const others = [
      'example.com',
      'www.example.com',
      '_mta-sts.sub.example.com',
      '_mta-sts.example.com.evil.test',
      '_25._tcp.mx9.example.com',
      '_dmarc.example.com',
      '',
    ];
    const mx = [pattern('mx1.example.com'), pattern('*.in.example.com')];
    for (const name of ours) assert.ok(isOurName(name, domain, zone, mx), name);
    for (const name of others) assert.ok(!isOurName(name, domain, zone, mx), name);
    assert.ok(isOurName('_25._tcp.a.in.example.com', domain, zone, mx), 'a host that a wildcard covers');
    assert.ok(!isOurName('_25._tcp.mx1.example.com', config(), zone, mx), 'DANE is not managed');
  });

  test('a long or strange text is still one TXT record', () => {
    const [line = ''] = zoneLines({ name: 'a.example', type: 'TXT', ttl: 60, values: [`${'x'.repeat(300)}"\\`] });
    assert.equal(line, `a.example. 60 IN TXT "${'x'.repeat(255)}" "${'x'.repeat(45)}\\"\\\\"`);
  });
});

test('docs/rollout.md lists every refusal with its override', () => {
  const text = readFileSync(new URL('../../../../docs/rollout.md', import.meta.url), 'utf8');
  for (const [code, { override }] of Object.entries(REFUSALS)) {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
    assert.ok(row?.endsWith(override === null ? '| never |' : `| \`${override}\` |`), code);
  }
});
