import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reportsByDomain } from '#scripts/core/analysis/reports-by-domain.ts';
import type { Day } from '#scripts/core/clock.ts';
import { seen, unseen } from '#scripts/core/policy/live-facts.ts';
import { planFleet } from '#scripts/core/policy/plan/plan.ts';
import { planMarkdown } from '#scripts/core/policy/plan/plan-markdown.ts';
import { planText } from '#scripts/core/policy/plan/plan-text.ts';
import { policyDiff } from '#scripts/core/policy/plan/policy-diff.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { config, domainName, pattern, view } from '../../analysis/world.ts';
import { at, observed, policy, published } from '../ledger-events.ts';
import { codes, factsOf, LIVE_NOTHING, planAll, planOne, type Situation, settings } from '../plan-world.ts';
import { ago, clean, days, GREEN, liveWith, MX, NOW, TESTING } from '../promotion-world.ts';

const ENFORCE = policy('enforce', ...MX);
const testing = published(ago(20), TESTING);
const enforcing = [...published(ago(60), TESTING), ...published(ago(30), ENFORCE, published(ago(60), TESTING))];
const forced = { mode: 'enforce', max_age: 604_800 } as const;
const until = (code: string, day: string) => [{ code, reason: 'the migration of Sunday', until: day as Day }];
const liveTesting = liveWith(MX, foldLedger(testing).current?.body ?? null, foldLedger(testing).current?.id ?? null);
const liveEnforcing = liveWith(
  MX,
  foldLedger(enforcing).current?.body ?? null,
  foldLedger(enforcing).current?.id ?? null,
);
const green = {
  live: liveTesting,
  reports: reportsByDomain(view(clean(days(19)), NOW))('example.com'),
  observations: GREEN,
};

suite('the plan of one domain', () => {
  test('a first testing policy: nothing has to be known, everything to do is listed', () => {
    const plan = planOne();
    assert.deepEqual([plan.state, plan.target, codes(plan)], ['absent', 'testing', []]);
    assert.equal(plan.version?.id, '20261121060000');
    assert.equal(plan.version?.commit, null);
    assert.deepEqual([plan.policy.before, plan.policy.after], [null, plan.version?.body]);
    assert.deepEqual(
      plan.dns.map(({ name, type, before, after, by, known }) => [name, type, before, after, by, known]),
      [
        ['_mta-sts.example.com', 'TXT', null, 'v=STSv1; id=20261121060000', 'person', false],
        ['_smtp._tls.example.com', 'TXT', null, 'v=TLSRPTv1; rua=mailto:tls-reports@example.com', 'person', false],
      ],
    );
    assert.deepEqual(plan.dns[0]?.lines, ['_mta-sts.example.com. 300 IN TXT "v=STSv1; id=20261121060000"']);
  });

  test('as published and as seen: nothing to do', () => {
    const plan = planOne({ events: testing, live: liveTesting });
    assert.deepEqual([plan.version, plan.dns, plan.hosts, codes(plan)], [null, [], [], []]);
    assert.deepEqual(
      plan.facts.map(({ name, state }) => [name, state]),
      [
        ['mx', 'ok'],
        ['served', 'ok'],
        ['record', 'ok'],
        ['reports-record', 'ok'],
      ],
    );
    assert.equal(plan.dates[0]?.at, undefined, 'the 14 days are over');
  });

  test('a changed id in DNS comes back, whoever changed it', () => {
    const plan = planOne({
      events: testing,
      live: { ...liveTesting, mta_sts: seen({ values: [], aliases: [], ttl: null }) },
    });
    assert.deepEqual(
      plan.dns.map(({ name, before, known }) => [name, before, known]),
      [['_mta-sts.example.com', null, true]],
    );
  });

  test('testing → enforce with everything met', () => {
    const plan = planOne({ config: forced, events: testing, ...green });
    assert.deepEqual(
      [plan.state, plan.target, codes(plan), plan.triggers],
      ['testing', 'enforce', [], ['mode', 'max-age']],
    );
  });

  test('testing → enforce where nobody looked: refused, each reason in words', () => {
    const plan = planOne({ config: forced, events: testing });
    assert.deepEqual(codes(plan), ['promotion-guard']);
    assert.match(plan.refusals[0]?.reason ?? '', /Reports could not be read.*not probed.*MX in DNS is not known/);
    assert.equal(plan.refusals[0]?.override, 'promotion-guard');
  });

  test('an override lifts what it names until the end of its day, and nothing else', () => {
    const lifted = planOne({
      config: { ...forced, overrides: until('promotion-guard', '2026-11-21') },
      events: testing,
    });
    assert.deepEqual([codes(lifted), lifted.lifted.map(({ code }) => code)], [[], ['promotion-guard']]);
    for (const overrides of [until('promotion-guard', '2026-11-20'), until('mass-change', '2026-12-31')])
      assert.deepEqual(codes(planOne({ config: { ...forced, overrides }, events: testing })), ['promotion-guard']);
    const never = planOne({
      config: { mx: [pattern('mx1.example.com')], overrides: until('mx-not-covered', '2026-12-31') },
      live: liveWith(MX, null, null),
    });
    assert.deepEqual(codes(never), ['mx-not-covered']);
  });

  test('an id at _mta-sts that is not ours is not overwritten', () => {
    const live = { ...liveTesting, mta_sts: seen({ values: ['v=STSv1; id=stranger'], aliases: [], ttl: 300 }) };
    const plan = planOne({ config: { mx: [...MX, 'mx3.example.com'].map(pattern) }, events: testing, live });
    assert.deepEqual(codes(plan), ['txt-not-ours']);
  });

  test('CAA that forbids the CA of the hosting', () => {
    const made = settings('organisation: Example\nhosting: { fleet: { kind: pages-fleet, owner: acme } }\n');
    const caa = (...values: string[]) => seen(values.map((value) => ({ critical: false, tag: 'issue', value })));
    const of = (records: ReturnType<typeof caa>) =>
      codes(planOne({ config: { hosting: 'fleet' }, live: { ...liveWith(MX, null, null), caa: records } }, made));
    assert.deepEqual(of(caa('pki.goog')), ['caa-blocks']);
    assert.deepEqual(of(caa(';')), ['caa-blocks']);
    assert.deepEqual(of(caa('pki.goog', 'letsencrypt.org; accounturi=x')), []);
    assert.deepEqual(of(caa()), []);
    const bundle = settings('organisation: E\nhosting: { own: { kind: bundle, server: caddy } }\n');
    for (const [records, refused] of [
      [caa(';'), ['caa-blocks']],
      [caa(';', 'pki.goog'), []],
    ] as const) {
      const live = { ...liveWith(MX, null, null), caa: records };
      assert.deepEqual(
        codes(planOne({ config: { hosting: 'own' }, live }, bundle)),
        refused,
        'a web server asks anybody',
      );
    }
  });

  test('an enforced policy from before is taken over, not weakened, and its max_age is remembered', () => {
    const body = 'version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: mx2.example.com\nmax_age: 31557600\n';
    const live = liveWith(MX, body, 'old1');
    const plan = planOne({ config: { ...forced, max_age: 31_557_600 }, live });
    assert.deepEqual([plan.state, plan.target, codes(plan)], ['enforce', 'enforce', []]);
    assert.deepEqual(
      plan.adopt.map(({ event, id }) => [event, id]),
      [
        ['minted', 'old1'],
        ['served', 'old1'],
        ['announced', 'old1'],
      ],
    );
    // Line ends differ, so there is a new version all the same, under an id of ours.
    assert.equal(plan.version?.id, '20261121060000');
    const weaker = planOne({ live });
    assert.ok(weaker.notes.some((note) => /weakens/.test(note)));
  });

  test('records for a customer who delegated: CNAMEs by a person once, ids by us', () => {
    const made = settings(
      'organisation: E\ndelegation_zone: sts.acme.example\ndns: { ours: { kind: desec, zone: sts.acme.example } }\n',
    );
    const plan = planOne({ config: { delegation: 'cname', dns: 'ours' } }, made);
    assert.deepEqual(
      plan.dns.map(({ name, type, by }) => `${name} ${type} ${by}`),
      [
        '_mta-sts.example.com.sts.acme.example TXT us',
        '_smtp._tls.example.com.sts.acme.example TXT us',
        '_mta-sts.example.com CNAME person',
        '_smtp._tls.example.com CNAME person',
        'mta-sts.example.com CNAME person',
      ],
    );
    const at = 'example.com.sts.acme.example';
    const chained = (name: string, ...values: string[]) => seen({ values, aliases: [`${name}.${at}`], ttl: 300 });
    const live = {
      ...liveTesting,
      mta_sts: chained('_mta-sts', `v=STSv1; id=${testing[0]?.id}`),
      tls_rpt: chained('_smtp._tls', 'v=TLSRPTv1; rua=mailto:tls-reports@example.com'),
      policy_host: chained('mta-sts', '192.0.2.1'),
    };
    assert.deepEqual(planOne({ config: { delegation: 'cname', dns: 'ours' }, events: testing, live }, made).dns, []);
  });

  test('the last step of a delegated domain names the record in our zone, and its target as seen from the domain', () => {
    const made = settings(
      'organisation: E\ndelegation_zone: sts.acme.example\ndns: { ours: { kind: desec, zone: sts.acme.example } }\n',
    );
    const none = published(ago(40), policy('none', ...MX), enforcing);
    const [last] = none.slice(-1);
    const withdrawn = { at: ago(2), event: 'withdrawn', id: last?.id ?? '', sha256: last?.sha256 ?? '' } as const;
    const twin = 'mta-sts.example.com.sts.acme.example';
    const changes = (aliases: readonly string[], values: readonly string[]) =>
      planOne(
        {
          config: null,
          last: config({ delegation: 'cname', dns: 'ours' }),
          events: [...enforcing, ...none, withdrawn],
          live: { ...LIVE_NOTHING, policy_host: seen({ values, aliases, ttl: 300 }) },
        },
        made,
      ).dns.map(({ name, type, before, after, by }) => [name, type, before, after, by]);
    assert.deepEqual(changes([twin, 'acme.github.io'], ['192.0.2.1']), [[twin, 'CNAME', 'acme.github.io', null, 'us']]);
    assert.deepEqual(changes(['elsewhere.example'], ['192.0.2.1']), [[twin, 'CNAME', null, null, 'us']]);
  });

  test('a file with errors is refused, and never taken for one that is gone', () => {
    const plan = planOne({
      config: null,
      problems: [{ rule: 'unknown-key', message: 'what is this' }],
      events: enforcing,
    });
    assert.deepEqual([codes(plan), plan.state, plan.target, plan.dns], [['configuration'], 'enforce', 'enforce', []]);
  });

  test('retirement step by step: none, wait, TXT, name, claim', () => {
    const retire = { ...forced, retire: true };
    const first = planOne({ config: retire, events: enforcing, live: liveEnforcing });
    assert.deepEqual(
      [first.target, codes(first), first.version?.mode, first.version?.mx],
      ['retiring', [], 'none', [...MX]],
    );

    const none = policy('none', ...MX);
    const waiting = [...enforcing, ...published(ago(1), none, enforcing)];
    assert.deepEqual(
      planOne({ config: retire, events: waiting }).dates.map((date) => date.at),
      ['2026-11-28T06:00:00Z'],
    );
    assert.deepEqual(codes(planOne({ config: null, events: waiting })), ['retirement-window']);

    const over = [...enforcing, ...published(ago(9), none, enforcing)];
    const id = foldLedger(over).current?.id ?? '';
    const host = seen({ values: ['192.0.2.1'], aliases: ['acme.github.io'], ttl: 3600 });
    const last = config({ ...forced, retire: true, hosting: 'fleet', dns: 'ours' });
    const made = settings(
      'organisation: E\nhosting: { fleet: { kind: pages-fleet, owner: acme } }\ndns: { ours: { kind: desec } }\n',
    );
    const due = planOne(
      { config: null, last, events: over, live: { ...liveWith(MX, none.mode, id), policy_host: host } },
      made,
    );
    assert.deepEqual(
      [codes(due), due.dns.map(({ name, before, after, by }) => [name, before, after, by])],
      [[], [['_mta-sts.example.com', `v=STSv1; id=${id}`, null, 'us']]],
    );

    const minted = over.at(-3);
    assert.ok(minted?.event === 'minted');
    const gone = [...over, observed(minted, 'withdrawn', '2026-11-21T05:00:00Z')];
    const name = planOne(
      { config: null, last, events: gone, live: { ...liveWith(MX, null, null), policy_host: host } },
      made,
    );
    assert.deepEqual(
      name.dns.map((change) => [change.name, change.before, change.after]),
      [['mta-sts.example.com', 'acme.github.io', null]],
    );
    const empty = seen({ values: [], aliases: [], ttl: null });
    const release = planOne(
      { config: null, last, events: gone, live: { ...liveWith(MX, null, null), policy_host: empty } },
      made,
    );
    assert.deepEqual(
      [release.dns, release.hosts.map(({ action, kind }) => [action, kind])],
      [[], [['release', 'pages-fleet']]],
    );
  });

  test('what DNS refused to say is not known, and says why', () => {
    const live = { ...LIVE_NOTHING, mx: unseen<never>('MX example.com: servfail'), mta_sts: unseen<never>('timeout') };
    const plan = planOne({ events: testing, live });
    assert.deepEqual(plan.dns, [], 'nothing is set because of a resolver that fails');
    assert.match(plan.facts[0]?.text ?? '', /not known \(MX example\.com: servfail\)/);
  });
});

suite('the plan of a fleet', () => {
  const fleet = (changed: number, of: number, change: Situation['config'], made = settings()) =>
    planAll(
      Array.from({ length: of }, (_, index) => {
        const domain = domainName(`d${index}.example.com`);
        const mx = { domain, mx: MX.map(pattern) };
        return { domain, config: index < changed ? { ...mx, ...change } : mx, events: testing };
      }),
      made,
    );

  test('more than 30 % of ten or more may not change at once', () => {
    const wider = { mx: [pattern('mx9.example.com')] };
    const refused = (plan: ReturnType<typeof fleet>) =>
      plan.domains.filter((one) => codes(one).includes('mass-change')).length;
    assert.equal(refused(fleet(3, 10, wider)), 0);
    assert.equal(refused(fleet(4, 10, wider)), 4);
    assert.equal(refused(fleet(9, 9, wider)), 0);
    assert.equal(refused(fleet(4, 10, { ...wider, overrides: until('mass-change', '2026-12-31') })), 0);
    const all = settings(
      'organisation: E\noverrides: [{ code: mass-change, reason: new provider, until: 2026-12-31 }]\n',
    );
    assert.equal(refused(fleet(4, 10, wider, all)), 0);
  });

  test('first policies and a rollback of all are not held up', () => {
    assert.ok(planAll(Array.from({ length: 20 }, () => ({}))).domains.every((one) => codes(one).length === 0));
    assert.ok(
      planAll(Array.from({ length: 20 }, () => ({ events: enforcing }))).domains.every(
        (one) => codes(one).length === 0,
      ),
    );
  });

  test('the checksum is that of what would be done: not of the moment, not of what was seen', () => {
    const input = { settings: settings(), commit: null, against: null, repository_owner: null, fleet: 1 };
    const facts = factsOf({ config: { mx: [pattern('mx9.example.com')] }, events: testing });
    const first = planFleet({ ...input, now: NOW, domains: [facts] });
    const later = planFleet({ ...input, now: at('2026-11-21T07:00:00Z'), domains: [facts] });
    assert.notEqual(first.domains[0]?.version?.id, later.domains[0]?.version?.id);
    assert.equal(first.checksum, later.checksum);
    const other = planFleet({
      ...input,
      now: NOW,
      domains: [factsOf({ config: { mx: [pattern('mx8.example.com')] }, events: testing })],
    });
    assert.notEqual(first.checksum, other.checksum);
  });
});

suite('compared with another commit', () => {
  test('only what this change does counts; what stood there unpublished does not', () => {
    const base = config(forced);
    assert.equal(planOne({ config: forced, base }, settings(), 'c0ffee').version, null);
    const changed = planOne(
      { config: { ...forced, mx: [...MX, 'mx3.example.com'].map(pattern) }, base },
      settings(),
      'c0ffee',
    );
    assert.deepEqual(
      [changed.state, changed.target, codes(changed), changed.triggers],
      ['enforce', 'enforce', [], ['mx']],
    );
    assert.deepEqual(codes(planOne({ config: null, base }, settings(), 'c0ffee')), ['retire-first']);
  });
});

suite('the comment of a pull request', () => {
  const many = planAll(
    Array.from({ length: 600 }, (_, index) => {
      const domain = domainName(`d${index}.example.com`);
      return { domain, config: { ...forced, domain }, events: testing };
    }),
  );

  test('says the verdict first, and stays below 64 KB by leaving out from the end, honestly', () => {
    const text = planMarkdown(many);
    assert.ok(Buffer.byteLength(text) < 64_000, String(Buffer.byteLength(text)));
    assert.match(text, /^<!-- postern:plan -->\n\*\*Refused: 600 domains of 600 to change/);
    assert.match(text, /Cut to fit a comment: .*not shown/);
    assert.match(
      text,
      /^\| `d0\.example\.com` \| testing \| enforce \|.*\| refused: `promotion-guard`, `mass-change` \|$/m,
    );
    assert.ok(text.indexOf('| domain |') < text.indexOf('### Refused'), 'the table comes first');
    assert.match(text, /^- `d0\.example\.com`, .* and 580 more `mass-change`: 600 of 600 domains/m, 'said once');
    for (const fence of text.match(/^```/gm) ?? []) assert.equal(fence, '```');
  });

  test('what does not fit is left out of each section, and none is left out whole', () => {
    const first = planMarkdown(
      planAll(
        Array.from({ length: 500 }, (_, index) => {
          const domain = domainName(`d${index}.example.com`);
          return { domain, config: { domain }, live: liveWith(MX, null, null) };
        }),
      ),
    );
    assert.ok(first.length < 65_536, String(first.length));
    assert.deepEqual(first.match(/^### .*$/gm), ['### Seen', '### DNS for a person', '### Policies']);
    assert.match(first, /_Cut to fit a comment: \d+ rows, \d+ looks, \d+ record blocks, \d+ diffs are not shown\./);
  });

  test('a refusal comes with the line that lifts it, where there is one', () => {
    const one = planAll([{ config: forced, events: testing }]);
    const line = 'overrides: [{ code: promotion-guard, reason: "why it is safe", until: 2026-12-05 }]';
    assert.ok(
      planMarkdown(one).includes(`With a reason of yours, \`${line}\` in \`domains/example.com.yaml\` lifts it.`),
    );
    assert.match(
      planText(one),
      /to lift it, write into domains\/example\.com\.yaml, with a reason of yours:\n {4}overrides: \[/,
    );
    const never = planAll([{ config: { mx: [pattern('other.example.com')] }, live: liveTesting }]);
    assert.match(planMarkdown(never), /`mx-removed`: .* Nothing lifts this\./);
    assert.match(planText(never), /refused mx-removed: .*\n {4}Nothing lifts this\.\n/);
    assert.doesNotMatch(planText(never), /to lift it/);
  });

  test('what happens at the policy host stands in the table, and step by step below', () => {
    const text = planMarkdown(planAll([{}]));
    assert.match(text, /\| serve by (?:`\w+`|somebody else) \|/);
    assert.match(
      text,
      /<details><summary>example\.com<\/summary>\n\n```diff[\s\S]*```\n\n1\. .*\n2\. [\s\S]*<\/details>/,
    );
  });

  test('hostile text from DNS stays text', () => {
    const evil =
      'v=STSv1; id=x @everyone <img src=x onerror=alert(1)> #1 ](javascript:alert(1)) `` ``` | \u202e <!-- postern:plan -->';
    const live = {
      ...liveTesting,
      mta_sts: seen({ values: [evil], aliases: [], ttl: 1 }),
      tls_rpt: seen({ values: [`v=TLSRPTv1; ${evil}`], aliases: [], ttl: 1 }),
    };
    const text = planMarkdown(
      planAll([{ config: { mx: [...MX, 'mx3.example.com'].map(pattern) }, events: testing, live }]),
    );
    assert.doesNotMatch(text, /@everyone|<img|\u202e/);
    assert.equal(text.match(/postern:plan -->/g)?.length, 1);
  });

  test('the line to paste is exact', () => {
    const text = planMarkdown(planAll([{}]));
    assert.ok(text.includes('_smtp._tls.example.com. 86400 IN TXT "v=TLSRPTv1; rua=mailto:tls-reports@example.com"'));
  });

  test('text and diff', () => {
    assert.match(
      planText(planAll([{ events: testing, live: liveTesting }])),
      /^Nothing to do: 1 domain as published\./,
    );
    assert.deepEqual(policyDiff('a\r\nb\r\nc\r\n', 'a\r\nc\r\nd\r\n'), ['  a', '- b', '  c', '+ d']);
    assert.deepEqual(policyDiff(null, 'a\r\n'), ['+ a']);
  });
});

suite('what reporters still hold', () => {
  test('an earlier version long after its cache expired is a question to the sender, and changes nothing (S32)', () => {
    const shown = (foldLedger(enforcing).versions[0]?.body ?? '').trim().split('\r\n');
    const said = clean(days(4)).map((one) => (one.reporter === 'google.com' ? { ...one, policy_string: shown } : one));
    const reports = reportsByDomain(view(said, NOW))('example.com');
    const plan = planOne({ config: forced, events: enforcing, reports, live: liveEnforcing });
    assert.ok(
      plan.notes.some((note) => /^google\.com still showed version .* \(testing\)/.test(note)),
      plan.notes.join(),
    );
    assert.deepEqual([plan.state, plan.version, codes(plan)], ['enforce', null, []]);
  });
});
