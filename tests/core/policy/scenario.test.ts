import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { reportsByDomain } from '#scripts/core/analysis/reports-by-domain.ts';
import { addDays, type Day, dayOf, epochMs, type Instant, instantOf } from '#scripts/core/clock.ts';
import { draftNewDomain, newDomainYaml } from '#scripts/core/config/new-domain.ts';
import { editYaml } from '#scripts/core/config/yaml/edit.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { type LiveFacts, nothingSeen, seen } from '#scripts/core/policy/live-facts.ts';
import type { DomainFacts } from '#scripts/core/policy/plan/domain-plan.ts';
import { type DomainPlan, planFleet } from '#scripts/core/policy/plan/plan.ts';
import { dueProposals } from '#scripts/core/policy/rollout/advance.ts';
import type { Looks } from '#scripts/core/policy/rollout/promotion-probes.ts';
import { retirementNotBefore } from '#scripts/core/policy/rollout/retirement.ts';
import { type RolloutState, transitionOf } from '#scripts/core/policy/rollout/state.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { DOMAIN, onDays, type Said, view } from '../analysis/world.ts';
import { configurationOf } from '../config/entries.ts';
import { at } from './ledger-events.ts';
import { settings } from './plan-world.ts';

/** A domain with its DNS, its policy host and its senders over months: nothing but data, moved by what plan and advance say. */
class Life {
  readonly made = settings(
    'organisation: E\nreporting: { rua: [mailto:t@reports.example] }\nhosting: { fleet: { kind: pages-fleet, owner: acme } }\ndns: { ours: { kind: desec } }\n',
  );
  now: Instant = at('2026-03-01T06:00:00Z');
  /** Null: deleted. */
  yaml: string | null = null;
  last: DomainFacts['last'] = null;
  mx: string[] = ['mx1.example.com', 'mx2.example.com'];
  readonly dns = new Map<string, string>();
  served: string | null = null;
  claimed = false;
  readonly events: LedgerEvent[] = [];
  readonly said: Said[] = [];
  findings: readonly Finding[] = [];
  readonly states: RolloutState[] = ['absent'];
  readonly done: string[] = [];

  live(): LiveFacts {
    const txt = (name: string) => seen({ values: [this.dns.get(name) ?? []].flat(), aliases: [], ttl: 300 });
    const alias = this.dns.get(`mta-sts.${DOMAIN}`);
    return {
      ...nothingSeen(this.now, 'not asked'),
      mx: seen({ kind: 'hosts', hosts: this.mx.map((host, index) => ({ host, preference: index })) }),
      mta_sts: txt(`_mta-sts.${DOMAIN}`),
      tls_rpt: txt(`_smtp._tls.${DOMAIN}`),
      policy_host: seen({
        values: alias === undefined ? [] : ['192.0.2.1'],
        aliases: alias === undefined ? [] : [alias],
        ttl: 3600,
      }),
      served: seen({
        body: alias === undefined ? null : this.served,
        addresses: alias === undefined || this.served === null ? [] : [{ address: '192.0.2.1', code: 'ok' }],
      }),
      caa: seen([]),
      secure: seen(true),
    };
  }

  looks(): readonly Looks[] {
    const first = instantOf(epochMs(this.now) - 14 * 86_400_000);
    const of = (kind: 'mx' | 'policy', subject: string): Looks => ({
      at: this.now,
      first,
      looks: 336,
      vantage: 'here',
      domain: DOMAIN,
      kind,
      subject,
      address: '192.0.2.1',
      outcome: 'ok',
      code: 'ok',
      facts: {},
    });
    return [...this.mx.map((host) => of('mx', host)), of('policy', `mta-sts.${DOMAIN}`)];
  }

  facts(): DomainFacts {
    const config =
      this.yaml === null
        ? null
        : (configurationOf({ '_settings.yaml': SETTINGS, [`${DOMAIN}.yaml`]: this.yaml }).domains[0] ??
          assert.fail(this.yaml));
    if (config !== null) this.last = config;
    return {
      domain: DOMAIN,
      config,
      problems: [],
      base: null,
      last: config === null ? this.last : null,
      ledger: foldLedger(this.events),
      live: this.live(),
      reports: reportsByDomain(view(this.said, this.now))(DOMAIN),
      observations: this.looks(),
      tlsa: [],
    };
  }

  plan(): DomainPlan {
    const facts = this.facts();
    const [plan] = planFleet({
      now: this.now,
      settings: this.made,
      commit: null,
      against: null,
      repository_owner: null,
      domains: [facts],
      fleet: 1,
    }).domains;
    return plan ?? assert.fail();
  }

  /** What publish does: host, bytes, records, ledger, in this order. */
  publish(): DomainPlan {
    const plan = this.plan();
    if (plan.refusals.length > 0) return plan;
    for (const host of plan.hosts) this.claimed = host.action === 'serve';
    if (plan.hosts.some(({ action }) => action === 'release')) {
      assert.equal(this.dns.has(`mta-sts.${DOMAIN}`), false, 'the claim goes after the name');
      this.done.push('claim');
    }
    if (plan.version !== null) {
      const { id, sha256, body } = plan.version;
      this.served = body;
      this.events.push(...plan.adopt, plan.version, { at: this.now, event: 'served', id, sha256 });
    }
    for (const { name, after, type } of plan.dns) {
      if (name.startsWith('mta-sts.') && after !== null) assert.ok(this.claimed, 'claimed before DNS points there');
      if (after === null) {
        this.dns.delete(name);
        this.done.push(`${type} ${name}`);
      } else this.dns.set(name, after);
    }
    const current = foldLedger(this.events).current;
    if (current !== null) {
      const { id, sha256 } = current;
      const record = this.dns.get(`_mta-sts.${DOMAIN}`);
      if (record?.endsWith(`id=${id}`) === true && current.announced_at === null)
        this.events.push({ at: this.now, event: 'announced', id, sha256 });
      if (record === undefined && this.yaml === null)
        this.events.push({ at: this.now, event: 'withdrawn', id, sha256 });
    }
    const { state } = this.plan();
    const before = this.states.at(-1) ?? 'absent';
    if (state !== before) {
      assert.notEqual(transitionOf(before, state), 'forbidden', `${before} → ${state}`);
      this.states.push(state);
    }
    return plan;
  }

  /** Merges whatever advance proposes, and tells it. */
  advance(): readonly string[] {
    const { proposals } = dueProposals({ now: this.now, facts: [this.facts()], findings: this.findings });
    for (const { edits } of proposals)
      this.yaml = edits === 'delete' ? null : editYaml(this.yaml ?? assert.fail(), edits);
    return proposals.map(({ kind }) => kind);
  }

  /** A day passes with reports of it. */
  day(failing = 0): void {
    const day = dayOf(this.now);
    for (const reporter of ['google.com', 'microsoft.com'])
      this.said.push(
        ...onDays([day], {
          reporter,
          successful: 100 - failing,
          details: failing === 0 ? [] : [['certificate-expired', this.mx[0] ?? null, failing]],
        }),
      );
    this.now = instantOf(epochMs(this.now) + 86_400_000);
    // The store gives 90 days.
    const oldest = addDays(dayOf(this.now), -89);
    while ((this.said[0]?.day ?? oldest) < oldest) this.said.shift();
  }

  /** Days until something is proposed, at most `most`; everything proposed is merged and published. */
  until(kind: string, most: number): number {
    for (let days = 0; days <= most; days++) {
      const proposed = this.advance();
      this.publish();
      if (proposed.includes(kind)) return days;
      assert.deepEqual(proposed, [], `${dayOf(this.now)}: only ${kind} was expected`);
      this.day();
    }
    return assert.fail(`no ${kind} within ${most} days`);
  }
}

const SETTINGS =
  'organisation: E\nreporting: { rua: [mailto:t@reports.example] }\nhosting: { fleet: { kind: pages-fleet, owner: acme } }\ndns: { ours: { kind: desec } }\n';

const OUTAGE: Finding = {
  rule: 'mx-cert-expired',
  domain: DOMAIN,
  domains: [],
  subject: {
    kind: 'mx',
    name: 'mx1.example.com',
    mx: 'mx1.example.com',
    reporter: null,
    result_type: null,
    policy_type: null,
  },
  severity: 'sev1',
  state: 'open',
  since: '2026-04-10' as Day,
  last_seen: '2026-04-10' as Day,
  detected_at: at('2026-04-10T00:00:00Z'),
  actor: 'you',
  summary: 'The certificate has expired.',
  evidence: [],
  action: 'Renew it.',
  fingerprint: 'x',
  incident: null,
};

suite('the life of a domain over months', () => {
  test('add → testing → enforce → MX drift → rollback → enforce → retiring → removed', () => {
    const life = new Life();
    const drafted = draftNewDomain({
      domain: DOMAIN,
      live: life.live(),
      settings: life.made,
      named: [],
      delegation: 'records',
      tlsa: new Set(),
    });
    assert.ok(drafted.ok);
    life.yaml = newDomainYaml(drafted.value, 0);

    // First testing policy: published at once, records set, the name claimed before DNS.
    assert.deepEqual(life.publish().refusals, []);
    assert.deepEqual(
      [...life.dns.keys()].sort(),
      [`_mta-sts.${DOMAIN}`, `_smtp._tls.${DOMAIN}`, `mta-sts.${DOMAIN}`].sort(),
    );
    assert.deepEqual([life.plan().version, life.plan().dns], [null, []], 'a second run has nothing to do');

    // Somebody asks for enforce too early: refused, and nothing moves.
    const early = life.yaml;
    life.yaml = editYaml(early, [{ kind: 'set', key: 'mode', value: 'enforce' }]);
    assert.deepEqual(
      life.publish().refusals.map(({ code }) => code),
      ['promotion-guard'],
    );
    life.yaml = early;

    const waited = life.until('promotion', 40);
    // 14 days, whose reports are complete two days later; the day of publication is not counted.
    assert.ok(waited >= 16 && waited <= 18, String(waited));
    assert.deepEqual(life.states, ['absent', 'testing', 'enforce']);

    // The provider adds an MX before the policy covers it.
    life.mx.push('mx3.example.com');
    assert.equal(life.until('mx-drift', 0), 0);
    assert.match(life.served ?? '', /mx: mx3\.example\.com/);

    // A certificate expires: rollback, under a fresh id, and a new count of clean days.
    life.findings = [OUTAGE];
    assert.equal(life.until('rollback', 0), 0);
    life.day(40);
    life.findings = [];
    // From the day after: 14 clean days, complete two days later.
    assert.equal(life.until('promotion', 40), 15);

    // A year-long max_age by mistake, then retirement: the longest cached copy decides.
    life.yaml = editYaml(life.yaml, [{ kind: 'set', key: 'max_age', value: 1_209_600 }]);
    life.publish();
    life.day();
    life.yaml = editYaml(life.yaml, [{ kind: 'set', key: 'retire', value: true }]);
    life.publish();
    assert.match(life.served ?? '', /mode: none\r\nmx: mx1\.example\.com/);
    const retired = life.now;
    assert.equal(
      retirementNotBefore(foldLedger(life.events)),
      instantOf(epochMs(retired) + (1_209_600 + 86_400) * 1000),
    );

    // The file deleted too early is refused; in the end advance proposes it, and everything goes in order.
    const kept = life.yaml;
    life.yaml = null;
    assert.deepEqual(
      life.publish().refusals.map(({ code }) => code),
      ['retirement-window'],
    );
    life.yaml = kept;
    assert.equal(life.until('removal', 30), 15);
    for (let hour = 0; hour < 4; hour++) {
      life.now = instantOf(epochMs(life.now) + 3_600_000);
      life.publish();
    }
    assert.deepEqual(life.done.slice(0, 3), [`TXT _mta-sts.${DOMAIN}`, `CNAME mta-sts.${DOMAIN}`, 'claim']);
    assert.deepEqual(life.states, ['absent', 'testing', 'enforce', 'testing', 'enforce', 'retiring', 'removed']);

    const { versions, reused, ids } = foldLedger(life.events);
    assert.deepEqual([ids.size, reused], [versions.length, []]);
    assert.deepEqual(
      versions.map(({ triggers }) => triggers.join()),
      ['scope', 'mode,max-age', 'mx', 'mode,max-age', 'mode,max-age', 'max-age', 'mode,max-age'],
    );

    // A new start begins at the beginning, under a fresh id.
    life.yaml = newDomainYaml({ ...drafted.value, mx: life.mx }, 0);
    assert.deepEqual(life.publish().refusals, []);
    assert.equal(life.states.at(-1), 'testing');
  });
});
