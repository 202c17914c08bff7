import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reportsByDomain } from '#scripts/core/analysis/reports-by-domain.ts';
import { editYaml } from '#scripts/core/config/yaml/edit.ts';
import type { TlsaPlan } from '#scripts/core/dane/tlsa-plan.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { type LiveMx, seen } from '#scripts/core/policy/live-facts.ts';
import { dueProposals } from '#scripts/core/policy/rollout/advance.ts';
import type { Looks } from '#scripts/core/policy/rollout/promotion-probes.ts';
import { proposalBody } from '#scripts/core/policy/rollout/proposal-text.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { domainName, onDays, pattern, type Said, view } from '../../analysis/world.ts';
import { policy, published } from '../ledger-events.ts';
import { factsOf, type Situation } from '../plan-world.ts';
import { ago, clean, days, GREEN, liveWith, look, MX, NOW, TESTING } from '../promotion-world.ts';

const ENFORCE = policy('enforce', ...MX);
const testing = published(ago(20), TESTING);
const enforcing = [...published(ago(60), TESTING), ...published(ago(30), ENFORCE, published(ago(60), TESTING))];
const live = (events: typeof testing, hosts: readonly string[] = MX) => {
  const { current } = foldLedger(events);
  return liveWith(hosts, current?.body ?? null, current?.id ?? null);
};
const reports = (said: readonly Said[] = clean(days(19)), domain = 'example.com') =>
  reportsByDomain(
    view(
      said.map((one) => ({ ...one, domain })),
      NOW,
    ),
  )(domain);
const ready: Situation = { events: testing, live: live(testing), reports: reports(), observations: GREEN };
const forced = { mode: 'enforce', max_age: 604_800 } as const;
const due = (situations: readonly Situation[], findings: readonly Finding[] = []) =>
  dueProposals({ now: NOW, facts: situations.map(factsOf), findings });

const sev1: Finding = {
  rule: 'mx-cert-expired',
  domain: domainName('example.com'),
  domains: [],
  subject: { kind: 'mx', name: MX[0], mx: MX[0], reporter: null, result_type: null, policy_type: null },
  severity: 'sev1',
  state: 'open',
  since: '2026-11-20' as never,
  last_seen: '2026-11-21' as never,
  detected_at: NOW,
  actor: 'you',
  summary: 'The certificate of mx1.example.com has expired.',
  evidence: [{ kind: 'observation', at: NOW, text: 'not after 2026-11-20', ref: null }],
  action: 'Renew it.',
  fingerprint: 'mx-cert-expired/example.com/mx:mx1.example.com/-',
  incident: null,
};

suite('what is due', () => {
  test('promotion when every condition is met, with each of them as evidence', () => {
    const { proposals } = due([ready]);
    assert.deepEqual(
      proposals.map(({ kind, title }) => [kind, title]),
      [['promotion', 'example.com: enforce']],
    );
    const [one] = proposals;
    assert.ok(one && one.edits !== 'delete');
    assert.equal(
      editYaml('# ours\nmode: testing # since May\nmax_age: 86400\nmx: [a.example]\n', one.edits),
      '# ours\nmode: enforce # since May\nmx: [a.example]\n',
    );
    assert.equal(one.evidence.length, 9);
    assert.match(proposalBody(one, null), /14 clean days in a row|18 of 14 clean days|clean days in a row/);
  });

  for (const [what, change] of [
    ['nobody probed', { observations: null }],
    ['no reports', { reports: null }],
    ['on hold', { config: { rollout: { hold: true, clean_days: 14, reason: 'x' } } }],
    ['nothing published', { events: [] }],
    ['enforced already', { config: forced, events: enforcing, live: live(enforcing) }],
  ] as const) {
    test(`nothing: ${what}`, () => assert.deepEqual(due([{ ...ready, ...change } as Situation]).proposals, []));
  }

  test('domains that share are promoted where they share, and only together', () => {
    const sharer = domainName('example.net');
    const other = {
      ...ready,
      reports: reports(clean(days(19)), sharer),
      config: { domain: sharer, same_as: domainName('example.com') },
    };
    assert.deepEqual(
      due([ready, other]).proposals.map(({ domain }) => domain),
      ['example.com'],
    );
    assert.deepEqual(due([ready, { ...other, observations: null }]).proposals, []);
  });

  test('a rollout that takes longer than 30 days is told, with what stands in the way', () => {
    const old = published(ago(40), TESTING);
    const { proposals, stalled } = due([{ ...ready, events: old, live: live(old), observations: null }]);
    assert.deepEqual([proposals, stalled.map(({ domain }) => domain)], [[], ['example.com']]);
    assert.ok(stalled[0]?.blocked_by.some((text) => /not probed/.test(text)));
  });

  test('an MX that no pattern covers: the file grows by it, before anything else', () => {
    const { proposals } = due([{ ...ready, live: live(testing, [...MX, 'alt1.aspmx.l.google.com']) }]);
    assert.deepEqual(
      proposals.map(({ kind }) => kind),
      ['mx-drift'],
    );
    assert.deepEqual(proposals[0]?.edits, [
      { kind: 'list', key: 'mx', values: [...MX, 'aspmx.l.google.com', '*.aspmx.l.google.com'] },
    ]);
    // An MX that left DNS is told and not taken out: senders may still have mail on the way to it.
    const gone = due([{ ...ready, live: live(testing, [MX[0], 'mx9.example.com']) }]).proposals[0];
    assert.match(gone?.checks.join(' ') ?? '', /nothing matches mx2\.example\.com any more/);
  });

  test('an MX that is not known, null or none at all is no drift', () => {
    for (const mx of [
      seen<LiveMx>({ kind: 'null', hosts: [] }),
      seen<LiveMx>({ kind: 'absent', hosts: [] }),
      { known: false, why: 'servfail' } as const,
    ])
      assert.deepEqual(due([{ ...ready, live: { ...live(testing), mx } }]).proposals, []);
  });

  test('rollback is proposed for a Sev 1 that is not the sender’s, in enforce only', () => {
    const inForce: Situation = { config: forced, events: enforcing, live: live(enforcing), reports: reports() };
    const [one] = due([inForce], [sev1]).proposals;
    assert.deepEqual(
      [one?.kind, one?.edits !== 'delete' && one?.edits[0]],
      ['rollback', { kind: 'set', key: 'mode', value: 'testing' }],
    );
    for (const finding of [
      { ...sev1, actor: 'sender' },
      { ...sev1, state: 'filtered' },
      { ...sev1, severity: 'sev2' },
      { ...sev1, domain: domainName('other.example') },
    ] as const)
      assert.deepEqual(due([inForce], [finding]).proposals, []);
    assert.deepEqual(
      due([ready], [sev1]).proposals.map(({ kind }) => kind),
      ['promotion'],
      'testing has nothing to roll back',
    );
  });

  test('rollback is proposed when two reporters fail above 5 %, not for one', () => {
    const on = days(2);
    const fails = (reporter: string) =>
      onDays(on, { reporter, successful: 80, details: [['certificate-expired', MX[0], 20]] });
    const inForce = (said: readonly Said[]): Situation => ({
      config: forced,
      events: enforcing,
      live: live(enforcing),
      reports: reports(said),
    });
    assert.deepEqual(
      due([inForce([...fails('google.com'), ...fails('microsoft.com')])]).proposals.map(({ kind }) => kind),
      ['rollback'],
    );
    assert.deepEqual(due([inForce(fails('google.com'))]).proposals, []);
  });

  test('removal only after the last cached policy has expired', () => {
    const none = policy('none', ...MX);
    const retire = { ...forced, retire: true };
    const at = (daysAgo: number) => [...enforcing, ...published(ago(daysAgo), none, enforcing)];
    const proposed = (daysAgo: number) =>
      due([{ config: retire, events: at(daysAgo), live: live(at(daysAgo)) }]).proposals;
    assert.deepEqual(proposed(7.9), []);
    const [one] = proposed(8.1);
    assert.deepEqual([one?.kind, one?.edits, one?.checks], ['removal', 'delete', []]);
    const gone = due([
      {
        config: retire,
        events: at(9),
        live: { ...live(at(9)), mta_sts: seen({ values: [], aliases: [], ttl: null }) },
      },
    ]).proposals[0];
    assert.match(gone?.checks.join('') ?? '', /never saw mode none/);
  });

  test('hostile evidence stays text', () => {
    const evil = { ...sev1, summary: '@everyone <script>alert(1)</script> | x', evidence: [] };
    const [one] = due(
      [{ config: { ...forced, mx: MX.map(pattern) }, events: enforcing, live: live(enforcing) }],
      [evil],
    ).proposals;
    assert.doesNotMatch(proposalBody(one ?? assert.fail(), null), /@everyone|<script>|1\)<\/script> \| x/);
  });
});

/** MX records as probes saw them from one day ago to another. */
const mxSet = (hosts: readonly string[], from: number, until: number): Looks => ({
  ...look('mx-set', 'example.com'),
  address: null,
  at: ago(until),
  first: ago(from),
  facts: { set: hosts.map((host) => ({ host, preference: 10 })), ttl: 3600 },
});

suite('an MX that left DNS leaves the policy some days later (rollout rules §5)', () => {
  const one = [MX[0]];
  const narrowed = (changes: Partial<Situation>): unknown => {
    const situation = { ...ready, config: forced, events: enforcing, live: live(enforcing, one), reports: null };
    const { proposals } = due([{ ...situation, ...changes } as Situation]);
    return proposals.map(({ kind, edits }) => [kind, edits]);
  };
  const yes = [['mx-narrowing', [{ kind: 'list', key: 'mx', values: one }]]];
  const looks = (gone: number) => [...GREEN, mxSet(MX, 14, gone), mxSet(one, gone - 0.04, 0)];

  test('after the TTL and five days of queues', () => assert.deepEqual(narrowed({ observations: looks(6) }), yes));
  test('not before', () => assert.deepEqual(narrowed({ observations: looks(5) }), []));
  test('not when nobody looked for so long', () =>
    assert.deepEqual(narrowed({ observations: [...GREEN, mxSet(one, 4, 0)] }), []));
  test('not while it is in DNS', () =>
    assert.deepEqual(narrowed({ observations: looks(6), live: live(enforcing, MX) }), []));
  test('not when DNS does not answer', () =>
    assert.deepEqual(
      narrowed({ observations: looks(6), live: { ...live(enforcing), mx: { known: false, why: 'servfail' } } }),
      [],
    ));
  test('one that no probe ever saw: only after a month in the policy, because its MX may be still to come', () => {
    const never = [...GREEN, mxSet(one, 14, 0)];
    assert.deepEqual(narrowed({ observations: never }), yes);
    const young = [
      ...published(ago(60), policy('enforce', MX[0])),
      ...published(ago(20), ENFORCE, published(ago(60), policy('enforce', MX[0]))),
    ];
    assert.deepEqual(narrowed({ observations: never, events: young, live: live(young, one) }), []);
  });
  test('not in testing: the clean days would begin anew', () =>
    assert.deepEqual(
      due([{ ...ready, observations: looks(6), live: live(testing, one) }]).proposals.map(({ kind }) => kind),
      ['promotion'],
    ));
  test('not the last one, and not one that a domain which shares the list still uses', () => {
    const other = {
      ...ready,
      config: { ...forced, domain: domainName('example.net'), same_as: domainName('example.com') },
      events: enforcing,
    };
    const facts = [
      { ...ready, config: forced, events: enforcing, live: live(enforcing, one), observations: looks(6) },
      { ...other, live: live(enforcing, MX), observations: looks(6) },
    ] as readonly Situation[];
    assert.deepEqual(due(facts).proposals, []);
  });
});

suite('max_age of two weeks after 30 clean days in enforce (rollout rules §3)', () => {
  const old = published(ago(60), TESTING);
  const since = (daysAgo: number) => [...old, ...published(ago(daysAgo), ENFORCE, old)];
  const kinds = (daysAgo: number, changes: Partial<Situation> = {}): unknown => {
    const events = since(daysAgo);
    const situation = { ...ready, config: forced, events, live: live(events), reports: reports(clean(days(59))) };
    return due([{ ...situation, ...changes } as Situation]).proposals.map(({ kind, edits }) => [kind, edits]);
  };
  const yes = [['max-age', [{ kind: 'set', key: 'max_age', value: 1_209_600 }]]];

  test('32 days, 30 of them complete and clean', () => assert.deepEqual(kinds(32), yes));
  test('29 clean days are not enough', () => assert.deepEqual(kinds(31), []));
  test('a policy host that is not known', () => assert.deepEqual(kinds(40, { observations: null }), []));
  test('an MX that changed on the way counts on, because the policy went on in enforce', () => {
    const first = since(40);
    const events = [...first, ...published(ago(3), policy('enforce', ...MX, 'mx3.example.com'), first)];
    const hosts = [...MX, 'mx3.example.com'];
    const observations = [...GREEN, look('mx', 'mx3.example.com')];
    const mx = hosts.map(pattern);
    assert.deepEqual(kinds(40, { events, config: { ...forced, mx }, live: live(events, hosts), observations }), yes);
  });
  test('one that is longer already, or on hold', () => {
    assert.deepEqual(kinds(40, { config: { ...forced, max_age: 2_592_000 } }), []);
    const rollout = { hold: true, clean_days: 14, reason: 'x' };
    assert.deepEqual(kinds(40, { config: { ...forced, rollout } }), []);
  });
});

test('the change of a key is told as dated steps: what publish does, what a person does, and from when', () => {
  const host = MX[0];
  const plan = (step: TlsaPlan['step'], due_at: TlsaPlan['due_at'] = null): TlsaPlan => ({
    host,
    step,
    records: null,
    in_use: [],
    due_at,
    reason: `${step} of ${host}`,
  });
  const tlsa = [plan('publish-next'), plan('wait', ago(-1)), plan('swap'), plan('steady')];
  assert.deepEqual(
    due([{ ...ready, tlsa }]).steps.map(({ at, what }) => [at, what]),
    [
      [null, 'TLSA: publish-next of mx1.example.com; npx postern publish writes the records'],
      [null, 'TLSA: swap of mx1.example.com'],
      [ago(-1), 'TLSA: wait of mx1.example.com'],
    ],
  );
});

suite('a key that was next and is in use is taken out of next_keys', () => {
  const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
  const plan = (host: string, ...in_use: readonly string[]): TlsaPlan => {
    return { host, step: 'settle', records: null, in_use, due_at: null, reason: '' };
  };
  const dane = { managed: true, required: false, next_keys: [B] };
  for (const [what, tlsa, checks] of [
    ['at every address of the only host', [plan('mx1.example.com', B)], []],
    [
      'another host has a key of its own: a person says that it stays so',
      [plan('mx1.example.com', B), plan('mx2.example.com', A)],
      ['mx2.example.com will not change to this key.'],
    ],
    ['not yet: nobody presents it', [plan('mx1.example.com', A)], null],
    ['not yet: one address still presents the old key', [plan('mx1.example.com', A, B)], null],
    ['not yet: of two hosts one is half way', [plan('mx1.example.com', B), plan('mx2.example.com', A, B)], null],
    ['not known: the key was not seen', [plan('mx1.example.com')], null],
  ] as const) {
    test(what, () => {
      const { proposals } = due([{ events: testing, config: { dane }, tlsa }]);
      assert.deepEqual(
        proposals.map(({ kind, edits, checks: shown }) => [kind, edits, shown]),
        checks === null ? [] : [['next-keys', [{ kind: 'take', map: 'dane', key: 'next_keys', values: [B] }], checks]],
      );
    });
  }

  test('nothing else that is due is kept back by it', () => {
    const { proposals } = due([{ ...ready, config: { dane }, tlsa: [plan('mx1.example.com', B)] }]);
    assert.deepEqual(
      proposals.map(({ kind }) => kind),
      ['next-keys', 'promotion'],
    );
  });
});
