import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AGREEMENT_PARTS } from '#scripts/core/agreement.ts';
import { type Instant, parseInstant } from '#scripts/core/clock.ts';
import { alertsOf } from '#scripts/core/incidents/incident.ts';
import { desiredPolicy } from '#scripts/core/policy/desired.ts';
import { renderMtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import { check } from '#scripts/tasks/check.ts';
import { loadCheckpoint } from '#scripts/tasks/checkpoint.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { readLedger } from '#scripts/tasks/ledger.ts';
import { loadConfiguration } from '#scripts/tasks/load-configuration.ts';
import { review } from '#scripts/tasks/review.ts';
import { takeExample } from '#scripts/tasks/take-example.ts';
import { EXAMPLE_CLOCK, EXAMPLE_DOMAINS, MAILBOX } from './domains.ts';

const ROOT = join(import.meta.dirname, '../..');

const configuration = await loadConfiguration(ROOT);
const data = await mkdtemp(join(tmpdir(), 'postern-example-'));
after(() => rm(data, { recursive: true, force: true }));
const mailbox = { root: ROOT, data, paths: [], now: EXAMPLE_CLOCK, dryRun: false, progress: () => {} };
/** The first and the second run over the example mailbox, as `npm start` does it. */
const first = await ingest(mailbox);
const second = await ingest(mailbox);
const reviewed = await review({ root: ROOT, data, now: EXAMPLE_CLOCK });

test('the example configuration has no problem, not even a warning, then or years later', async () => {
  for (const now of [EXAMPLE_CLOCK, parseInstant('2030-01-01T00:00:00Z')] as readonly Instant[]) {
    const { problems, domains } = await check({ root: ROOT, domains: [], now });
    assert.deepEqual(problems, []);
    assert.deepEqual(domains, ['example.com', 'example.net', 'example.org']);
  }
});

test('the settings say what the mail was made for', () => {
  assert.equal(configuration.settings?.example_clock, EXAMPLE_CLOCK);
  assert.deepEqual(configuration.settings?.reporting.rua, [`mailto:${MAILBOX}`]);
  assert.deepEqual(configuration.settings?.mailbox, { folder: 'data/inbox' });
});

test('what senders saw last is the canonical policy of each domain file, line by line', () => {
  for (const { domain, policy, change } of EXAMPLE_DOMAINS) {
    const config = configuration.domains.find((one) => one.domain === domain);
    assert.ok(config, domain);
    const lines = renderMtaStsPolicy(desiredPolicy(config)).trimEnd().split('\r\n');
    assert.deepEqual(change?.policy ?? policy, lines, domain);
  }
});

test('ingest finds in the mailbox what README.md of this folder lists', () => {
  assert.equal(first.messages, 805 + 9, 'generated mails and real ones');
  // All 814, less the mail delivered twice, the broken one, the automatic reply and the DMARC report.
  assert.equal(first.reports, 810);
  assert.equal(first.duplicates, 1);
  assert.equal(first.conflicts, 1);
  assert.equal(first.unauthenticated, 2, 'the forged one, and rpt02.eml, which names example.com without a signature');
  assert.equal(first.foreign, 6, 'of the real ones, those that name none of the example domains');
  assert.deepEqual(
    first.quarantined.map(({ source, reason }) => [source.replace(/#\d+$/, ''), reason]),
    [['data/inbox/generated/2026-10.mbox', 'gzip-truncated']],
  );
  assert.deepEqual(first.other, { 'auto-reply': 1, 'dmarc-report': 1 });
  assert.equal(first.warnings['json-in-string'], 61, 'every report of Office on example.com');
  assert.deepEqual(first.unreadable, []);
});

test('a second run stores nothing', () => {
  assert.equal(second.messages, first.messages);
  assert.equal(second.reports, 0);
  assert.equal(second.conflicts, 0);
});

test('the forged report does not count: 2 November is clean', () => {
  assert.equal(sessionsOf('example.com', '2026-11-02').failed, 0);
  assert.deepEqual(
    reviewed.apart.filter(({ reason }) => reason === 'unauthenticated').map(({ domain }) => domain),
    ['example.com'],
  );
});

test('of the two reports under one id the later counts', () => {
  // BigMail 676, Office 570 (first 285), Posthof 19, Pochta 36, Relay Co 12.
  assert.deepEqual(sessionsOf('example.net', '2026-10-28'), {
    policy_type: 'no-policy-found',
    successful: 1313,
    failed: 0,
  });
  assert.deepEqual(
    reviewed.apart.filter(({ reason }) => reason === 'conflict').map(({ domain, reports }) => ({ domain, reports })),
    [{ domain: 'example.net', reports: 1 }],
  );
});

test('the mail delivered twice counts once, the unreadable one not at all', () => {
  // Office 1846 and Posthof 67 + 60; BigMail and Pochta do not validate DANE.
  assert.deepEqual(sessionsOf('example.com', '2026-10-19', 'tlsa'), {
    policy_type: 'tlsa',
    successful: 1973,
    failed: 0,
  });
  // BigMail 631, Office 558, Pochta 37, Relay Co 12; Posthof's 19 are not known.
  assert.equal(sessionsOf('example.net', '2026-10-22').successful, 1238);
});

test('on the last day one thing needs a person: the network of Pochta that finds no STARTTLS', () => {
  assert.deepEqual(
    reviewed.findings.map(({ rule, domain, actor, state, since }) => ({ rule, domain, actor, state, since })),
    [
      // The oddities of the mailbox that cannot be read.
      { rule: 'reports-unparsed', domain: null, actor: 'unknown', state: 'open', since: '2026-11-21' },
      { rule: 'starttls-not-supported', domain: 'example.com', actor: 'sender', state: 'open', since: '2026-11-17' },
    ],
  );
  assert.deepEqual(
    reviewed.rollouts.map(({ domain, state, clean_days }) => ({ domain, state, clean_days })).slice(1, 2),
    [{ domain: 'example.net', state: 'testing', clean_days: 5 }],
  );
});

test('beside the mail stand looks, ledgers and incidents, taken in once: nothing is left that is not known', async () => {
  assert.deepEqual(await takeExample({ root: ROOT, data, now: EXAMPLE_CLOCK }), {
    observations: 2668,
    ledgers: 3,
    incidents: 5,
  });
  assert.deepEqual(await takeExample({ root: ROOT, data, now: EXAMPLE_CLOCK }), {
    observations: 0,
    ledgers: 0,
    incidents: 0,
  });
  const { domains, findings } = await review({ root: ROOT, data, now: EXAMPLE_CLOCK });
  const marks = domains.map(({ domain, agreement }) => [
    domain,
    ...AGREEMENT_PARTS.map((part) => agreement[part].state),
  ]);
  assert.deepEqual(marks.sort(), [
    ['example.com', 'agrees', 'agrees', 'agrees', 'disagrees'],
    ['example.net', 'agrees', 'agrees', 'agrees', 'agrees'],
    ['example.org', 'disagrees', 'agrees', 'agrees', 'agrees'],
  ]);
  // Each incident that is open is about a finding that is, and of what is found only the mail itself has none.
  const alerts = alertsOf(loadCheckpoint(data).sections['alerts']);
  const open = Object.values(alerts?.incidents ?? {}).filter(({ state }) => state === 'open');
  assert.deepEqual(
    findings.filter(({ rule }) => rule !== 'reports-unparsed').map(({ fingerprint }) => fingerprint),
    open.flatMap(({ members }) => members),
  );
});

test('the last looks are of the policies that stand in the ledgers, and these are what the domain files ask for', () => {
  for (const { domain } of configuration.domains) {
    const { in_force } = readLedger(data, domain, EXAMPLE_CLOCK);
    const config = configuration.domains.find((one) => one.domain === domain);
    assert.ok(config !== undefined && in_force !== null, domain);
    assert.equal(in_force.body, renderMtaStsPolicy(desiredPolicy(config)), domain);
  }
});

interface Sessions {
  readonly policy_type: string;
  readonly successful: number;
  readonly failed: number;
}

/** Of one policy type, the only one of that day unless named. */
function sessionsOf(domain: string, day: string, policyType?: string): Sessions {
  const found = reviewed.days.filter((one) => one.domain === domain && one.day === day);
  const [one] = policyType === undefined ? found : found.filter(({ policy_type }) => policy_type === policyType);
  assert.ok(one, `${domain} ${day}`);
  const { policy_type, successful, failed } = one;
  return { policy_type, successful, failed };
}
