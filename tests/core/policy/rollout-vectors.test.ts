import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { addDays, type Day, dayOf, epochMs, instantOf } from '#scripts/core/clock.ts';
import { type LiveMx, seen } from '#scripts/core/policy/live-facts.ts';
import { unprotectedNames } from '#scripts/core/policy/plan/unprotected.ts';
import { type Approval, judgeApproval } from '#scripts/core/policy/rollout/approval.ts';
import { retirementNotBefore, retirementStep } from '#scripts/core/policy/rollout/retirement.ts';
import { oldPolicyInReport } from '#scripts/core/policy/rollout/sender-cache.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { judgeVersion, mayAnnounce } from '#scripts/core/policy/versions/publication.ts';
import { onDays, pattern, type Said } from '../analysis/world.ts';
import { configurationOf } from '../config/entries.ts';
import { at, observed, policy, published, story } from './ledger-events.ts';
import { codes, planOne } from './plan-world.ts';
import { ago, clean, days, GREEN, liveWith, look, MX, NOW, open, promotion, TESTING } from './promotion-world.ts';

const ENFORCE = policy('enforce', ...MX);
const ENFORCING = published(ago(30), ENFORCE, published(ago(60), TESTING));
const enforcing: readonly LedgerEvent[] = [...published(ago(60), TESTING), ...ENFORCING];
const inForce = foldLedger(enforcing).in_force;
const LIVE = liveWith(MX, inForce?.body ?? null, inForce?.id ?? null);

const noisy: readonly Said[] = [
  ...clean(days(19)),
  ...onDays(days(5), { reporter: 'old.example', successful: 10, details: [['starttls-not-supported', MX[0], 4]] }),
];
const filter = (until: string) => ({
  known_sender_issues: [
    { reporter: 'old.example', result_type: 'starttls-not-supported', reason: 'their proxy', until: until as Day },
  ],
});
const by = (approvers: readonly string[], emergency = false): Approval => ({ author: 'ann', approvers, emergency });
const PROMOTION = { from: 'testing', to: 'enforce', overridden: false } as const;

suite('rollout-rules.md §9, each vector as it is decided there', () => {
  test('S01 14 d testing, 14 clean, all green: allowed', () => {
    const result = promotion({ since: 17, said: clean(days(15)) });
    assert.deepEqual(open(result), []);
    assert.deepEqual([result.allowed, result.clean_days], [true, 14]);
  });

  test('S02 13 clean: denied', () => {
    assert.deepEqual(open(promotion({ said: clean(days(14)) })), ['clean-days unmet']);
  });

  test('S03 7 clean without an override: denied', () => {
    assert.deepEqual(open(promotion({ said: clean(days(8)) })), ['clean-days unmet']);
  });

  test('S04 7 clean, override by a second approver, 14 d elapsed: allowed', () => {
    const rollout = { hold: false, clean_days: 7, reason: 'both large senders are clean' };
    assert.equal(promotion({ said: clean(days(8)), config: { rollout } }).allowed, true);
    assert.equal(judgeApproval(by(['ben', 'eve']), { ...PROMOTION, overridden: true }).verdict, 'approved');
    assert.equal(judgeApproval(by(['ben']), { ...PROMOTION, overridden: true }).verdict, 'missing');
  });

  test('S05 the certificate of the backup MX expired: denied, and nothing lifts it', () => {
    const observations = [
      ...GREEN.filter(({ subject }) => subject !== MX[1]),
      look('mx', MX[1], 'bad', 'mx-cert-expired'),
    ];
    const result = promotion({ observations });
    assert.equal(result.allowed, false);
    assert.deepEqual(
      result.conditions.filter(({ state }) => state === 'unmet').map(({ code }) => code),
      ['promotion-guard', 'certificate-expired'],
    );
    const plan = planOne({
      config: {
        mode: 'enforce',
        max_age: 604_800,
        overrides: [{ code: 'certificate-expired', reason: 'no', until: '2027-01-01' as Day }],
      },
      events: published(ago(20), TESTING),
      observations,
    });
    assert.ok(plan.refusals.some(({ code, override }) => code === 'certificate-expired' && override === null));
  });

  test('S06 no reports: denied, because nothing is known', () => {
    assert.deepEqual(open(promotion({ said: [] })), ['clean-days unknown', 'reporters unmet']);
  });

  test('S07 14 clean, one day without reports in between: allowed', () => {
    const result = promotion({ said: clean(days(16).filter((on) => on !== days(8)[0])) });
    assert.deepEqual([result.allowed, result.clean_days], [true, 14]);
  });

  test('S08 4 days in a row without reports: the count begins anew', () => {
    const result = promotion({ since: 40, said: clean([...days(35, 12), ...days(7)]) });
    assert.equal(result.clean_days, days(7).length);
    assert.equal(result.allowed, false);
  });

  test('S09 failures only of one filtered sender: allowed, and still counted in the reports shown', () => {
    assert.equal(promotion({ said: noisy, config: filter('2026-12-31') }).allowed, true);
  });

  test('S10 the filter expired yesterday: denied', () => {
    assert.deepEqual(open(promotion({ said: noisy, config: filter('2026-11-20') })), [
      'clean-days unmet',
      'reporters unmet',
    ]);
  });

  test('S11 body changed 5 d ago: time and clean days begin anew; another id alone changes nothing', () => {
    const narrow = published(ago(20), policy('testing', MX[0]));
    const widened = [...narrow, ...published(ago(5), TESTING, narrow)];
    const result = promotion({ ledger: foldLedger(widened) });
    assert.deepEqual(open(result), ['elapsed unmet', 'clean-days unmet']);
    const [first] = published(ago(20), TESTING);
    assert.ok(first?.event === 'minted');
    const again = { ...first, id: '20261116060000', at: ago(5) };
    const idOnly = [
      ...published(ago(20), TESTING),
      again,
      observed(again, 'served', ago(5)),
      observed(again, 'announced', ago(5)),
    ];
    assert.equal(promotion({ ledger: foldLedger(idOnly) }).allowed, true);
  });

  test('S12 only Google reports, low volume: allowed', () => {
    const said = clean(days(19)).filter(({ reporter }) => reporter === 'google.com');
    assert.equal(promotion({ said, config: { volume: 'low' } }).allowed, true);
    assert.deepEqual(open(promotion({ said })), ['reporters unmet']);
  });

  test('S13 day 31, still failing: told to somebody, nothing moves', () => {
    const failing = onDays(days(30), {
      reporter: 'google.com',
      successful: 60,
      details: [['certificate-expired', MX[0], 40]],
    });
    const result = promotion({ since: 31, said: failing });
    assert.deepEqual([result.allowed, result.stalled], [false, true]);
    assert.equal(promotion({ since: 29, said: failing }).stalled, false);
  });

  test('S14 rollback at 03:00 with one approver: allowed', () => {
    assert.equal(judgeApproval(by(['ann']), { from: 'enforce', to: 'testing', overridden: false }).verdict, 'approved');
    const plan = planOne({ config: { mode: 'testing' }, events: enforcing });
    assert.deepEqual([plan.state, plan.target, codes(plan)], ['enforce', 'testing', []]);
    assert.notEqual(plan.version, null);
  });

  test('S15 rollback under the id from before enforce: rejected; the plan mints a fresh one', () => {
    const ledger = foldLedger(enforcing);
    const [first] = ledger.versions;
    assert.ok(first);
    assert.deepEqual(judgeVersion(ledger, first, NOW), { verdict: 'rejected', code: 'id-reused' });
    const { version } = planOne({ config: { mode: 'testing' }, events: enforcing });
    assert.equal(version?.sha256, first.sha256);
    assert.notEqual(version?.id, first.id);
  });

  test('S16 body changed, id unchanged: rejected', () => {
    const ledger = foldLedger(enforcing);
    const proposed = { id: ledger.current?.id ?? '', sha256: 'f'.repeat(64) };
    assert.deepEqual(judgeVersion(ledger, proposed, NOW), { verdict: 'rejected', code: 'id-unchanged' });
  });

  test('S17 id changed, body unchanged: allowed, and told apart', () => {
    const ledger = foldLedger(enforcing);
    const proposed = { id: '20261121060000', sha256: ledger.current?.sha256 ?? '' };
    assert.deepEqual(judgeVersion(ledger, proposed, NOW), { verdict: 'id-only' });
  });

  test('S18 id `2026-11-21`: rejected', () => {
    const verdict = judgeVersion(foldLedger([]), { id: '2026-11-21', sha256: 'f'.repeat(64) }, NOW);
    assert.deepEqual(verdict, { verdict: 'rejected', code: 'id-syntax' });
    assert.deepEqual(judgeVersion(foldLedger([]), { id: '20261121060501', sha256: 'f'.repeat(64) }, NOW), {
      verdict: 'rejected',
      code: 'id-future',
    });
  });

  test('S19 one edge still serves the old body: the TXT step is blocked', () => {
    const now = { address: '192.0.2.1', code: 'ok', sha256: 'b' };
    const old = { address: '192.0.2.2', code: 'ok', sha256: 'a' };
    assert.deepEqual(mayAnnounce('b', [now, old]), { allowed: false, waiting_for: ['192.0.2.2'] });
    assert.deepEqual(mayAnnounce('b', [now, { ...now, code: 'policy-redirect' }]).allowed, false);
    assert.deepEqual(mayAnnounce('b', [now]), { allowed: true });
    assert.deepEqual(mayAnnounce('b', []).allowed, false, 'what nobody served is not served');
  });

  test('S20 new MX in DNS before the policy covers it: told, whatever the plan changes', () => {
    const live = { ...liveWith([...MX, 'mx3.example.com'], inForce?.body ?? null, inForce?.id ?? null) };
    const plan = planOne({ config: { mode: 'enforce', max_age: 604_800 }, events: enforcing, live });
    const mx = plan.facts.find(({ name }) => name === 'mx');
    assert.equal(mx?.state, 'bad');
    assert.match(mx?.text ?? '', /not covered: mx3\.example\.com/);
    // The way out is never refused: the policy that only grows.
    const grown = planOne({
      config: { mode: 'enforce', max_age: 604_800, mx: [...MX, 'mx3.example.com'].map(pattern) },
      events: enforcing,
      live,
    });
    assert.deepEqual(codes(grown), []);
  });

  test('S21 MX removed from the policy while in DNS (enforce): rejected', () => {
    const plan = planOne({
      config: { mode: 'enforce', max_age: 604_800, mx: [pattern(MX[0])] },
      events: enforcing,
      live: LIVE,
    });
    assert.deepEqual(codes(plan), ['mx-removed']);
    assert.equal(plan.refusals[0]?.override, null);
  });

  const none = policy('none', ...MX);
  const retiring = [...enforcing, ...published(ago(1), none, enforcing)];

  test('S22 retiring, TXT gone on day 1 of 7: the plan says so and puts it back', () => {
    const live = liveWith(MX, foldLedger(retiring).current?.body ?? null, null);
    const plan = planOne({ config: { mode: 'enforce', retire: true }, events: retiring, live });
    assert.equal(plan.facts.find(({ name }) => name === 'record')?.state, 'bad');
    assert.equal(
      plan.dns.find(({ name }) => name === '_mta-sts.example.com')?.after,
      `v=STSv1; id=${foldLedger(retiring).current?.id}`,
    );
    assert.deepEqual(codes(planOne({ config: null, events: retiring, live })), ['retirement-window']);
  });

  test('S23 max_age history 604800 and 31557600: not before the larger', () => {
    const year = { ...ENFORCE, max_age: 31_557_600 };
    const first = published('2026-01-01T00:00:00Z', year);
    const second = [...first, ...published('2026-02-01T10:00:00Z', ENFORCE, first)];
    const ledger = foldLedger([...second, ...published('2026-06-01T10:00:00Z', none, second)]);
    // 31557600 s are 365 days and 6 hours, and a day of margin.
    assert.equal(retirementNotBefore(ledger), '2027-02-02T16:00:00Z');
    const short = foldLedger([
      ...published('2026-02-01T10:00:00Z', ENFORCE),
      ...published('2026-06-01T10:00:00Z', none, published('2026-02-01T10:00:00Z', ENFORCE)),
    ]);
    assert.equal(retirementNotBefore(short), '2026-06-09T10:00:00Z');
  });

  test('S24 the policy host’s certificate expires inside the window: the host must go on working', () => {
    const plan = planOne({ config: { mode: 'enforce', retire: true }, events: enforcing });
    assert.ok(plan.notes.some((note) => /certificate must go on working/.test(note)));
    assert.equal(plan.dates.length, 0, 'until none is served, no end can be named');
  });

  test('S25 the claim is released last, after the name is gone from DNS', () => {
    const gone = foldLedger([
      ...retiring,
      ...foldLedger(retiring)
        .versions.slice(-1)
        .map((v) => observed({ ...v, event: 'minted' } as never, 'withdrawn', ago(0))),
    ]);
    const steps = (seconds: number, exists: boolean | null) =>
      retirementStep({
        ledger: gone,
        now: instantOf(epochMs(ago(0)) + seconds * 1000),
        txt_ttl: 300,
        host_name_exists: exists,
      }).step;
    assert.equal(steps(10, true), 'wait-ttl');
    assert.equal(steps(301, true), 'remove-host-name');
    assert.equal(steps(301, null), 'remove-host-name', 'what nobody saw gone is not gone');
    assert.equal(steps(301, false), 'release-claim');
  });

  test('S26 enforce → removed in one step: rejected', () => {
    const plan = planOne({ config: null, events: enforcing, live: LIVE });
    assert.deepEqual([codes(plan), plan.refusals[0]?.override, plan.dns], [['retire-first'], null, []]);
  });

  for (const [vector, max_age] of [
    ['S27 max_age 3600 in enforce', 3600],
    ['S28 max_age 31557601', 31_557_601],
  ] as const) {
    test(`${vector}: rejected`, () => {
      const { problems, domains } = configurationOf({
        'example.com.yaml': `mode: enforce\nmx: [mx1.example.com]\nmax_age: ${max_age}\n`,
      });
      assert.deepEqual(domains, []);
      const errors = problems.filter(({ severity }) => severity === 'error');
      const plan = planOne({ config: null, problems: errors, events: enforcing });
      assert.deepEqual([codes(plan), plan.refusals[0]?.override], [['max-age-bounds'], null]);
      assert.equal(plan.version, null);
    });
  }

  test('S29 a domain with null MX asks for testing: denied', () => {
    const live = { ...liveWith([], null, null), mx: seen<LiveMx>({ kind: 'null', hosts: [] }) };
    assert.deepEqual(codes(planOne({ live })), ['mx-null']);
  });

  test('S30 the author is the only approver: denied', () => {
    assert.deepEqual(judgeApproval(by(['ann']), PROMOTION), { verdict: 'missing', needed: 1 });
    assert.deepEqual(judgeApproval(by(['Ann']), PROMOTION), { verdict: 'missing', needed: 1 });
  });

  test('S31 merged by an administrator in an emergency: allowed, as an exception on record', () => {
    assert.deepEqual(judgeApproval(by([], true), PROMOTION), { verdict: 'exception' });
  });

  test('S32 a report shows testing 10 d after enforce, its max_age 86400: asked about, no state moves', () => {
    const replaced = dayOf(ago(10));
    assert.equal(oldPolicyInReport({ replaced, max_age: 86_400, day: addDays(replaced, 10) }), 'investigate');
    assert.equal(oldPolicyInReport({ replaced, max_age: 86_400, day: addDays(replaced, 3) }), 'ordinary');
    assert.equal(planOne({ config: { mode: 'enforce', max_age: 604_800 }, events: enforcing }).state, 'enforce');
  });

  test('S33 a subdomain receives mail, only its parent has a policy: not protected', () => {
    const managed = new Set(['example.com', 'own.example.com']);
    assert.deepEqual(
      unprotectedNames(managed, ['sub.example.com', 'own.example.com', 'example.org', 'a.b.example.com']),
      ['a.b.example.com', 'sub.example.com'],
    );
  });
});

suite('what is not known is never met', () => {
  for (const [what, world, names] of [
    ['no probes', { observations: null }, ['mx-probes unknown', 'policy-host unknown', 'certificates unknown']],
    ['nobody looked at DNS', { live: null }, ['coverage unknown', 'sync unknown']],
    [
      'nothing published',
      { ledger: foldLedger([]) },
      ['elapsed unknown', 'clean-days unmet', 'reporters unmet', 'sync unknown'],
    ],
    [
      'probe-blocked on one MX',
      { observations: [...GREEN, look('mx', 'mx3.example.com', 'unknown', 'probe-blocked')] },
      ['mx-probes unknown', 'certificates unknown'],
    ],
    [
      'nothing was reached, so no certificate was seen',
      {
        observations: [
          ...MX.map((host) => look('mx', host, 'unknown', 'connect-refused')),
          look('policy', 'mta-sts.example.com', 'bad', 'policy-host-dns'),
        ],
      },
      ['mx-probes unknown', 'policy-host unmet', 'certificates unknown'],
    ],
    [
      'a certificate that ended since it was seen',
      {
        observations: [...GREEN, { ...look('mx', MX[0]), facts: { certificate: { not_after: ago(0.01) } } }],
      },
      ['certificates unmet'],
    ],
    [
      'an MX seen on three days only',
      { observations: [...GREEN.slice(1), look('mx', MX[0], 'ok', 'ok', 2)] },
      ['mx-probes unknown'],
    ],
    ['another body served', { live: liveWith(MX, 'other', null) }, ['sync unmet']],
    [
      'DANE broken on one host',
      { observations: [...GREEN, look('dane', MX[1], 'bad', 'tlsa-mismatch')] },
      ['dane unmet'],
    ],
    ['on hold', { config: { rollout: { hold: true, clean_days: 14, reason: 'freeze' } } }, ['hold unmet']],
  ] as const) {
    test(what, () => {
      const result = promotion(world as never);
      assert.deepEqual(open(result), names);
      assert.equal(result.allowed, false);
    });
  }

  test('promotion is at the earliest 14 days after this body was announced', () => {
    assert.equal(promotion({ since: 5 }).earliest, instantOf(epochMs(ago(5)) + 14 * 86_400_000));
    assert.equal(at('2026-11-21T06:00:00Z'), NOW);
    assert.equal(story([ago(3), TESTING]).length, 1);
  });
});
