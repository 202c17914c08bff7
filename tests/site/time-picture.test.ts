import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf, type Instant } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { foldLedger, type Ledger } from '#scripts/core/policy/versions/ledger.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import { timePicture } from '#site/shared/charts/lanes-svg.ts';
import { siteFacts } from '#site/shared/view-models/domain-facts.ts';
import { domainPage, type Seen } from '#site/shared/view-models/domain-page.ts';
import { redaction } from '#site/shared/view-models/redaction.ts';
import { type TimeLane, timeLanes } from '#site/shared/view-models/time-lanes.ts';
import { alertsFor, ledgerEvents, observations } from './observed-world.ts';
import { domainConfig, WORLD_NOW, world } from './world.ts';

const open = redaction(false);

/** As the store folds them: looks in a row that saw the same. */
function folded(rows: readonly Observation[]): readonly ObservationSpan[] {
  const spans: ObservationSpan[] = [];
  const keyOf = ({ kind, subject, address, code, facts }: Observation) =>
    JSON.stringify([kind, subject, address, code, facts]);
  for (const same of Map.groupBy(rows, keyOf).values()) {
    const [first, last] = [same[0], same.at(-1)];
    if (first !== undefined && last !== undefined) spans.push({ ...last, first: first.at, looks: same.length });
  }
  return spans;
}

function seenOf(config: DomainConfig, index: number): Seen & { readonly ledger: Ledger } {
  return { ledger: foldLedger(ledgerEvents(config)), spans: folded(observations(config, index)) };
}

function pageOf(index: number, options: { redact?: boolean; alerts?: boolean } = {}) {
  const domains = Array.from({ length: 20 }, (_, one) => domainConfig(one));
  const made = world({ domains: 20, ...(options.alerts === false ? {} : { alerts: alertsFor(domains) }) });
  const site = siteFacts(made.settings, made);
  const facts = site.domains.find(({ config }) => config.domain === domains[index]?.domain);
  assert.ok(facts);
  const seen = seenOf(facts.config, index);
  const redact = redaction(options.redact ?? false);
  return {
    facts,
    site,
    seen,
    page: domainPage(facts, site, redact, seen),
    lanes: timeLanes(facts, site, redact, seen),
  };
}

const titles = (lanes: readonly TimeLane[]) => lanes.map(({ title }) => title);
const dayAt = (ms: number) => dayOf(new Date(ms).toISOString() as Instant);

test('policy, certificates and incidents lie on the days of the sessions', () => {
  const { lanes, site } = pageOf(0);
  assert.deepEqual(titles(lanes), [
    'Policy in force',
    'mta-sts.d00000.example: certificate to 27 Dec 2026',
    'mx1.d00000.example: certificate to 21 Jan 2027',
    'mx2.d00000.example: certificate to 17 Nov 2026',
    'Incidents',
  ]);
  const [from, to] = [Date.parse(`${site.days[0]}T00:00:00Z`), Date.parse(`${dayOf(WORLD_NOW)}T00:00:00Z`)];
  for (const { rows, title } of lanes)
    for (const bars of rows)
      bars.forEach((bar, index) => {
        assert.ok(bar.from >= from && bar.to <= to && bar.from <= bar.to, title);
        assert.ok(index === 0 || (bars[index - 1]?.to ?? 0) <= bar.from, `${title}: bars overlap`);
      });
});

test('a version is in force until the next one is announced; before the first nothing is drawn', () => {
  const [policy] = pageOf(0).lanes;
  assert.deepEqual(
    policy?.rows[0]?.map(({ kind, from, to }) => [kind, dayAt(from), dayAt(to)]),
    [
      ['testing', '2026-09-12', '2026-10-12'],
      ['enforce', '2026-10-12', '2026-11-21'],
    ],
  );
});

test('a renewal is a point, and a certificate presented past its end is a fault from that moment', () => {
  const { lanes } = pageOf(0);
  const bars = (host: string) => lanes.find(({ title }) => title.startsWith(host))?.rows.flat() ?? [];
  assert.deepEqual(
    bars('mx1.').map(({ kind, renewal }) => [kind, renewal]),
    [
      ['life', false],
      ['life', true],
    ],
  );
  assert.deepEqual(
    bars('mx2.').map(({ kind, from }) => [kind, dayAt(from)]),
    [
      ['life', '2026-08-24'],
      ['expired', '2026-11-17'],
    ],
  );
});

test('without incidents kept, findings take their lane; without anything seen there are no lanes', () => {
  const { lanes, facts, site } = pageOf(0, { alerts: false });
  assert.equal(titles(lanes).at(-1), 'Findings');
  const nothing = timeLanes({ ...facts, findings: [] }, site, open, { ledger: foldLedger([]), spans: [] });
  assert.deepEqual(nothing, []);
  assert.equal(timePicture({ days: site.days, lanes: nothing, trend: '<svg/>' }), '<svg/>');
});

test('titles and labels are text in the picture, whatever they hold', () => {
  const bar = { from: 0, to: 86_400_000 * 80, kind: 'urgent', label: '<i>"', renewal: false } as const;
  const lane = {
    title: '</text><script>&',
    rows: [[{ ...bar, from: Date.parse('2026-09-01'), to: Date.parse('2026-11-01') }]],
    sentences: [],
  };
  const { site } = pageOf(0);
  const svg = timePicture({ days: site.days, lanes: [lane], trend: '' });
  assert.match(svg, /&lt;\/text&gt;&lt;script&gt;&amp;/);
  assert.match(svg, /&lt;i&gt;&quot;/);
  assert.doesNotMatch(svg, /<script|<i>|style=/);
});

test('hosts by address with what they present; records as served; versions with what each changed', () => {
  const { page } = pageOf(0);
  assert.deepEqual(
    page.observed.hosts.map(({ subject, address, rule, certificate }) => [subject, address, rule, certificate?.over]),
    [
      ['mx1.d00000.example', '203.0.113.10', null, false],
      ['mx1.d00000.example', '2001:db8::10', null, false],
      ['mx2.d00000.example', '203.0.113.20', 'mx-cert-expired', true],
      ['mta-sts.d00000.example', '203.0.113.80', null, false],
    ],
  );
  assert.deepEqual(page.observed.dns[0]?.details, ['10 mx1.d00000.example', '20 mx2.d00000.example']);
  assert.equal(page.observedSentence, 'Looked at from main: 1 fault seen.');
  assert.deepEqual(
    page.versions.map(({ mode, standing, why }) => [mode, standing, why]),
    [
      ['enforce', 'in force', 'mode and max-age'],
      ['testing', 'replaced', 'first'],
    ],
  );
  assert.deepEqual(
    page.versions[0]?.diff.filter(({ kind }) => kind !== 'stays').map(({ text }) => text),
    ['- mode: testing', '+ mode: enforce', '- max_age: 86400', '+ max_age: 604800'],
  );
  assert.deepEqual([...new Set(page.propagation.map(({ state }) => state))], ['the one in force']);
});

test('an incident says how long, what was due, and what happened; redacted, nobody by name', () => {
  const [shown] = pageOf(0).page.incidents ?? [];
  assert.deepEqual([shown?.state, shown?.lasted], ['open', 'for 5 days so far']);
  assert.deepEqual(
    shown?.targets.map(({ name, missed }) => [name, missed]),
    [
      ['Respond', false],
      ['Notify', false],
      ['Resolve', true],
    ],
  );
  assert.match(JSON.stringify(shown), /@someone-on-call/);
  const { page } = pageOf(0, { redact: true });
  assert.doesNotMatch(JSON.stringify(page), /someone-on-call|203\.0\.113|2001:db8|tls-reports@/);
});
