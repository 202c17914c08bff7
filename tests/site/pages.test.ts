import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '#scripts/core/clock.ts';
import { csvText } from '#scripts/core/month/csv.ts';
import { type CsvRow, readCsv } from '#scripts/core/month/read-csv.ts';
import type { CertificateSummary, DomainReview } from '#scripts/core/review.ts';
import { certificateCalendar } from '#site/shared/view-models/certificates.ts';
import { siteFacts } from '#site/shared/view-models/domain-facts.ts';
import { fleetRow } from '#site/shared/view-models/fleet.ts';
import { freshness } from '#site/shared/view-models/freshness.ts';
import { incidentList } from '#site/shared/view-models/incidents.ts';
import { type MonthSource, monthPage } from '#site/shared/view-models/months.ts';
import { openUnder } from '#site/shared/view-models/playbook.ts';
import { redaction } from '#site/shared/view-models/redaction.ts';
import { senderPage, sendersOf, slugOf } from '#site/shared/view-models/senders.ts';
import { weekRows } from '#site/shared/view-models/weeks.ts';
import { alertsFor } from './observed-world.ts';
import { domainConfig, WORLD_NOW, world } from './world.ts';

const open = redaction(false);
const shut = redaction(true);
const domains = Array.from({ length: 20 }, (_, index) => domainConfig(index));
const made = world({ domains: 20, alerts: alertsFor(domains) });
const site = siteFacts(made.settings, made);
const at = (day: string) => `${day}T02:00:00Z` as Instant;

const NOTHING_TODAY = { incidentOf: () => null, hasDomain: () => false };

test('senders: one row each, sessions by policy type as the domains tell them, the one with most sessions first', () => {
  const senders = sendersOf(site);
  assert.deepEqual(
    senders.map(({ slug }) => slug),
    ['google.com', 'microsoft.com', 'mail.ru', 'relay-co.example'],
  );
  const [google] = senders;
  assert.ok(google);
  const page = senderPage(google, site, open);
  const counted = made.reports.reporters
    .filter(({ reporter }) => reporter === 'google.com')
    .flatMap(({ totals }) => totals)
    .filter(({ policy_type }) => policy_type === 'sts')
    .reduce((sum, { successful, failed }) => sum + successful + failed, 0);
  assert.equal(page.totals[0]?.sessions, counted.toLocaleString('en'));
  const failed = page.rows.map(({ totals }) =>
    totals.reduce((sum, one) => sum + Number(one.failed.replaceAll(',', '')), 0),
  );
  assert.deepEqual(
    failed,
    failed.toSorted((a, b) => b - a),
    'most failed sessions first',
  );
  assert.ok(page.failures.some(({ result_type }) => result_type === 'certificate-expired'));
});

test('a sender: what had to be repaired in its reports, the most frequent first, and nothing of another one', () => {
  const warnings = [
    { reporter: 'google.com', warning: 'missing', reports: 3 },
    { reporter: 'google.com', warning: 'alias', reports: 1200 },
    { reporter: 'mail.ru', warning: 'no-offset', reports: 9000 },
  ];
  const told = siteFacts(made.settings, { ...made, reports: { ...made.reports, warnings } });
  const [google] = sendersOf(told);
  assert.ok(google);
  assert.deepEqual(senderPage(google, told, open).warnings, [
    { id: 'alias', meaning: 'A key has another name.', reports: '1,200' },
    { id: 'missing', meaning: 'Something is missing that the RFC requires.', reports: '3' },
  ]);
});

test('any text may be the name of a sender, and none leads out of its folder', () => {
  assert.equal(slugOf('mail.example.com'), 'mail.example.com');
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('..', '../x', 'A.example', 'a/b.c', '.', '', 'x'.repeat(300))),
      (name) => {
        assert.match(slugOf(name), /^(?!\.)[a-z0-9.-]{1,120}$/);
        assert.doesNotMatch(slugOf(name), /\.\./);
      },
    ),
  );
});

function seenWith(certificates: readonly CertificateSummary[], versions: DomainReview['versions'] = []) {
  const [facts, ...rest] = site.domains;
  assert.ok(facts);
  const observations = { last_at: WORLD_NOW, vantages: ['main'], ok: 1, bad: 0, unknown: 0, certificates };
  const seen = { ...facts, review: { ...facts.review, observations, versions } };
  return { facts: seen, site: { ...site, domains: [seen, ...rest] } };
}

test('certificates: what ended comes first and is missed, what is due says since when, the rest when it will be', () => {
  const life = (host: string, from: string, to: string) => ({
    host,
    serial: host,
    not_before: at(from),
    not_after: at(to),
  });
  const { site: seen } = seenWith([
    life('calm.example', '2026-11-01', '2027-01-30'),
    life('over.example', '2026-08-10', '2026-11-10'),
    life('due.example', '2026-09-10', '2026-12-09'),
  ]);
  const calendar = certificateCalendar(seen, open);
  assert.equal(
    calendar.sentence,
    '3 certificates seen. 1 certificate has ended and still stands; the renewal of one is due and has not happened.',
  );
  assert.deepEqual(
    calendar.rows.map(({ host, standing, left, renewal }) => [host, standing, left, renewal]),
    [
      ['over.example', 'over', '11 days ago', 'missed'],
      ['due.example', 'renewal due', 'in 18 days', 'due since 9 November'],
      ['calm.example', 'calm', 'in 70 days', 'due 31 December'],
    ],
  );
  assert.deepEqual(
    calendar.months.slice(0, 3).map(({ name, ends, renewals, overdue }) => [name, ends, renewals, overdue]),
    [
      ['November 2026', '0', '0', '1'],
      ['December 2026', '1', '1', null],
      ['January 2027', '1', '0', null],
    ],
  );
  assert.equal(
    certificateCalendar(site, open).sentence,
    'No probe has seen a certificate: when they end is not known.',
  );
});

test('a row says since when its mode is asked for, and which certificate ends next', () => {
  const version = (id: string, mode: 'testing' | 'enforce', announced: string | null) => ({
    id,
    sha256: id,
    mode,
    minted_at: at('2026-09-01'),
    announced_at: announced === null ? null : at(announced),
    withdrawn_at: null,
    triggers: [],
    commit: null,
    pull_request: null,
  });
  const { facts } = seenWith(
    [{ host: 'mx1.d.example', serial: '1', not_before: at('2026-09-01'), not_after: at('2026-12-01') }],
    [
      version('4', 'testing', null),
      version('3', 'enforce', '2026-11-01'),
      version('2', 'enforce', '2026-10-12'),
      version('1', 'testing', '2026-09-12'),
    ],
  );
  const row = fleetRow(facts, site, open);
  assert.equal(row.since, '12 October');
  assert.deepEqual(row.expiry, { day: '1 December', left: 'in 10 days', over: false, host: 'mx1.d.example' });
  const [unseen] = site.domains;
  assert.ok(unseen);
  assert.deepEqual([fleetRow(unseen, site, open).since, fleetRow(unseen, site, open).expiry], [null, null]);
});

test('incidents: open ones by urgency, then closed; where nothing keeps them that is said', () => {
  const list = incidentList(site, open);
  assert.equal(list.sentence, '2 incidents are open; 2 are closed.');
  assert.deepEqual([list.open.length, list.closed.length], [2, 2]);
  assert.match(incidentList({ ...site, incidents: null }, open).sentence, /not known/);
  assert.equal(incidentList({ ...site, incidents: [] }, open).sentence, 'No incident has been opened.');
});

test('weeks: complete ones only, newest first, and their days add up to what the daily figures say', () => {
  const rows = weekRows(site, open);
  assert.deepEqual([rows[0]?.week, rows[0]?.span], ['2026-W46', '9 November to 15 November 2026']);
  const counted = [...made.reports.daily]
    .filter(({ day, policy_type }) => day >= '2026-11-09' && day <= '2026-11-15' && policy_type === 'sts')
    .reduce((sum, { successful, failed }) => sum + successful + failed, 0);
  assert.equal(rows[0]?.totals[0]?.sessions, counted.toLocaleString('en'));
  assert.ok(rows.length >= 10 && rows.length <= 12);
});

test('the freshness of tasks is told for those that ran; where a rule is open is told by name', () => {
  const told = freshness({ ...site, tasks: { ingest: at('2026-11-21'), probe: null } });
  assert.equal(
    told.find(({ name }) => name === 'Tasks')?.text,
    'Ended well: ingest 4 hours before and probe has never ended well.',
  );
  assert.deepEqual(openUnder('certificate-expired', site), {
    domains: [{ domain: 'd00000.example', name: 'd00000.example' }],
    more: 0,
  });
});

test('what csvText wrote, readCsv reads', () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('=1+1', '-x', 'a,b', '"', 'line\r\nend', "it's"));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
      const plain = rows.filter(([a]) => !/^'[=+\-@\t\r\n]/.test(a)).filter(([, b]) => !/^'[=+\-@\t\r\n]/.test(b));
      const read = readCsv(csvText(['a', 'b'], plain));
      assert.deepEqual(
        read,
        plain.map(([a, b]): CsvRow => ({ a, b })),
      );
    }),
  );
  assert.deepEqual(readCsv(''), []);
});

test('a month: figures as frozen, restatements beside it, and redacted nobody by name', () => {
  const sessions = [{ policy_type: 'sts', successful: 990, failed: 10, unknown_entries: 0 }];
  const month = {
    manifest: {
      format: 'postern-month-1',
      period: '2026-10',
      frozen_at: at('2026-11-03'),
      tool: { name: 'postern', version: '1.0.0' },
      commit: 'abc',
      previous: null,
      files: [],
    },
    figures: {
      period: '2026-10',
      from: '2026-10-01',
      to: '2026-10-31',
      sessions,
      apart: [],
      domains: [
        {
          domain: 'example.com',
          sessions,
          failures: [{ policy_type: 'sts', result_type: 'certificate-expired', sessions: 10, reporters: 1 }],
          reporters: [],
          days_with_data: 30,
          mode_days: { enforce: 20, testing: 11, none: 0, unknown: 0 },
        },
      ],
    },
    lists: {
      versions: [],
      incidents: null,
      certificates: null,
      completeness: [
        { source: 'reports', actual: '0' },
        { source: 'reports', actual: '4' },
      ],
      changes: [
        {
          commit: 'f'.repeat(40),
          at: '2026-10-05T10:00:00Z',
          author: 'A. Person',
          subject: 'mx2 for a.person@example.com',
          pull_request: '7',
          approval_by_another_person: 'yes',
        },
      ],
    },
    restatements: [
      {
        format: 'postern-restatement-1',
        period: '2026-10',
        restated_at: at('2026-11-20'),
        manifest_sha256: 'x',
        differences: [{ path: 'sessions[sts].failed', stated: '10', derived: '12' }],
        figures: {},
      },
    ],
  } as unknown as MonthSource;
  const page = monthPage(month, open, NOTHING_TODAY);
  assert.equal(page.truth, '1 domain. Reports count 1,000 sessions under sts; 99.0\u00a0% succeeded.');
  assert.equal(page.rows[0]?.modes, 'enforce 20, testing 11');
  assert.equal(page.incidents, null);
  assert.equal(page.reportDays, '1 day of 2 without any counted report: what senders saw is not known.');
  assert.deepEqual(page.restatements[0]?.differences, [{ path: 'sessions[sts].failed', stated: '10', derived: '12' }]);
  assert.match(JSON.stringify(page), /A\. Person/);
  assert.doesNotMatch(JSON.stringify(monthPage(month, shut, NOTHING_TODAY)), /A\. Person|a\.person@/);
});

test('a closed month leads to the pages of today, and says the same when they are gone', () => {
  const month = {
    manifest: { period: '2026-10', frozen_at: at('2026-11-03'), previous: null, files: [] },
    figures: { sessions: [], domains: [] },
    lists: {
      incidents: [{ issue: '5', summary: 'Certificate expired, failing since 2026-10-12.' }],
      versions: [{ domain: 'd.example', id: '20261001000000', triggers: 'mode' }],
      changes: null,
      certificates: null,
      completeness: null,
    },
    restatements: [],
  } as unknown as MonthSource;
  const today = monthPage(month, open, {
    incidentOf: (issue) => (issue === '5' ? 'f-1' : null),
    hasDomain: (domain) => domain === 'd.example',
  });
  const summary = '#5 Certificate expired, failing since 12 October.';
  assert.deepEqual(today.incidents?.rows[0]?.[0], { text: summary, path: 'incidents/#f-1' });
  assert.deepEqual(today.versions?.rows[0]?.[1], { text: '20261001000000', path: 'domains/d.example/#policy' });
  const later = monthPage(month, open, NOTHING_TODAY);
  assert.equal(later.incidents?.rows[0]?.[0], summary);
  assert.equal(later.versions?.rows[0]?.[1], '20261001000000');
});
