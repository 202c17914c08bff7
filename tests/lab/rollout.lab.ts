import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addDays, type Day, daysFrom, type Instant } from '#scripts/core/clock.ts';
import { add } from '#scripts/tasks/add.ts';
import { advance } from '#scripts/tasks/advance.ts';
import { importObservations } from '#scripts/tasks/import-observations.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { makePlan } from '#scripts/tasks/plan.ts';
import { status } from '#scripts/tasks/status.ts';
import { mergePull } from '../fakes/github/pull-routes.ts';
import { commitFiles, fileText } from '../fakes/github/world.ts';
import { events, record } from '../tasks/publish/publish-traces.ts';
import { openLab } from '../tasks/publish/publish-world.ts';

/**
 * One domain through the tasks as people and workflows run them: no override, every promotion with the reports and probes
 * that the guard asks for, every change of the file a pull request of `advance` that is merged, GitHub with an App's token.
 */

const DOMAIN = 'example.com';
const FILE = `domains/${DOMAIN}.yaml`;
const lab = await openLab([], { app: true });
after(() => lab.close());
const { root, data, environment, github, zone } = lab;
const mail = github.world.repositories.get('acme/mail');
assert.ok(mail);
const at = (text: string) => text as Instant;
const quiet = { progress: () => {} };

function git(...argv: readonly string[]): void {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['-C', root, ...who, '-c', 'core.hooksPath=/dev/null', ...argv], { stdio: 'ignore' });
}

/** The checkout after `git pull`. */
function checkOut(text: string | null): void {
  lab.write({ [`${DOMAIN}.yaml`]: text });
  git('add', '-A', 'domains');
  git('commit', '-qm', 'change');
}

/** A person's own pull request, merged. */
function change(text: string): void {
  if (mail !== undefined) commitFiles(github.world, mail, 'main', { [FILE]: text });
  checkOut(text);
}

/** What is due at this moment, as pull requests; all that are open then are merged. */
async function advanced(now: Instant): Promise<readonly string[]> {
  github.world.now = now;
  const { pull_requests } = await advance({ root, data, now, domains: [], dryRun: false, environment, ...quiet });
  for (const { number, action } of pull_requests) {
    if (number === null || action !== 'opened' || mail === undefined) continue;
    mergePull(github.world, mail, number);
    checkOut(fileText(mail, 'main', FILE));
  }
  return pull_requests.map(({ kind, action }) => `${kind} ${action}`);
}

async function published(now: Instant): Promise<void> {
  const { done, waiting, refusals, failed } = await lab.run({ now });
  assert.deepEqual([done, waiting, refusals, failed], [[DOMAIN], [], [], []], now);
}

let shown: readonly string[] = [];

/** What two large senders report of these days, read at `now`. */
async function reported(from: string, until: string, now: Instant, failed = 0): Promise<void> {
  const folder = join(root, 'reports', now.slice(0, 10));
  mkdirSync(folder, { recursive: true });
  for (const day of daysFrom(from as Day, until as Day))
    for (const [organization, contact] of [
      ['Google Inc.', 'smtp-tls-reporting@google.com'],
      ['Microsoft Corporation', 'tlsrpt-noreply@microsoft.com'],
    ] as const) {
      const summary = { 'total-successful-session-count': 100, 'total-failure-session-count': failed };
      const detail = {
        'result-type': 'certificate-expired',
        'sending-mta-ip': '192.0.2.9',
        'receiving-mx-hostname': 'mx1.example.com',
        'failed-session-count': failed,
      };
      const report = {
        'organization-name': organization,
        'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
        'contact-info': contact,
        'report-id': `${day}-${contact}`,
        policies: [
          {
            policy: { 'policy-type': 'sts', 'policy-string': shown, 'policy-domain': DOMAIN },
            summary,
            ...(failed === 0 ? {} : { 'failure-details': [detail] }),
          },
        ],
      };
      writeFileSync(join(folder, `${day}-${contact}.json`), JSON.stringify(report));
    }
  const { reports } = await ingest({ root, data, paths: [folder], now, dryRun: false, ...quiet });
  assert.equal(reports, 2 * daysFrom(from as Day, until as Day).length);
}

/** What a probe elsewhere saw each day. */
async function probed(from: string, until: string, hosts: readonly string[]): Promise<void> {
  const days = daysFrom(from as Day, until as Day);
  const rows = days.flatMap((day) => {
    const row = (kind: string, subject: string, address: string | null, facts: object) =>
      JSON.stringify({
        at: `${day}T05:00:00Z`,
        vantage: 'away',
        domain: DOMAIN,
        kind,
        subject,
        address,
        outcome: 'ok',
        code: 'ok',
        facts,
      });
    return [
      row('mx-set', DOMAIN, null, { set: hosts.map((host) => ({ host, preference: 10 })), ttl: 3600 }),
      ...hosts.map((host, index) => row('mx', host, `192.0.2.${index + 1}`, {})),
      row('policy', `mta-sts.${DOMAIN}`, '127.0.0.1', {}),
    ];
  });
  const file = join(root, 'probes.jsonl');
  writeFileSync(file, `${rows.join('\n')}\n`);
  await importObservations({ root, data, now: at(`${addDays(days.at(-1) as Day, 0)}T05:00:00Z`), file, dryRun: false });
}

const mx = (exchange: string) => ({ name: DOMAIN, type: 'MX', data: { preference: 10, exchange } });
const served = (): string => {
  const site = github.world.repositories.get('acme/mta-sts.example.com');
  return (site === undefined ? null : fileText(site, 'main', '.well-known/mta-sts.txt')) ?? '';
};
const policyLines = (): readonly string[] => served().trim().split('\r\n');
const state = async (now: Instant): Promise<string | undefined> =>
  (await status({ root, data, now, domains: [DOMAIN], offline: false, environment: {}, ...quiet }))[0]?.state;

test('add, plan, publish, reports, advance, enforce, drift, two weeks, an MX that left, rollback, retired, removed', async () => {
  git('init', '-q');
  zone.push(mx('mx1.example.com'));
  if (mail !== undefined) commitFiles(github.world, mail, 'main', { 'README.md': 'hello\n' });

  // May: added by what DNS shows, planned, published.
  const added = await add({
    root,
    now: at('2026-05-01T09:00:00Z'),
    domain: DOMAIN,
    customer: null,
    mx: [],
    delegation: 'records',
    dryRun: true,
  });
  change(`# The mail of the shop.\n${added.yaml}dns: ours\n`);
  const first = at('2026-05-01T10:00:00Z');
  const { plan } = await makePlan({
    root,
    data,
    now: first,
    domains: [],
    against: null,
    offline: false,
    environment,
    ...quiet,
  });
  assert.deepEqual(
    plan.domains.map(({ refusals, target, version }) => [refusals, target, version?.mode]),
    [[[], 'testing', 'testing']],
  );
  assert.match((await lab.run({ now: first, checksum: plan.checksum })).waiting[0]?.for ?? '', /certificate/);
  lab.issueCertificates();
  await published(at('2026-05-01T11:00:00Z'));
  shown = policyLines();

  // Nine days in testing are not enough; after sixteen, with reports and probes, enforce is proposed and merged.
  await reported('2026-05-01', '2026-05-08', at('2026-05-10T06:00:00Z'));
  await probed('2026-05-01', '2026-05-10', ['mx1.example.com']);
  assert.deepEqual(await advanced(at('2026-05-10T06:00:00Z')), []);
  await reported('2026-05-09', '2026-05-16', at('2026-05-18T06:00:00Z'));
  await probed('2026-05-11', '2026-05-18', ['mx1.example.com']);
  assert.deepEqual(await advanced(at('2026-05-18T06:00:00Z')), ['promotion opened']);
  assert.match(fileText(mail as never, 'main', FILE) ?? '', /^# The mail of the shop\.\n.*\nmode: enforce\n/s);
  await published(at('2026-05-18T07:00:00Z'));
  assert.match(served(), /mode: enforce\r\nmx: mx1\.example\.com\r\nmax_age: 604800/);
  assert.equal(await state(at('2026-05-18T08:00:00Z')), 'enforce');
  shown = policyLines();

  // A new MX in DNS is in the policy a day later.
  zone.push(mx('mx2.example.com'));
  assert.deepEqual(await advanced(at('2026-05-25T06:00:00Z')), ['mx-drift opened']);
  await published(at('2026-05-25T07:00:00Z'));
  const both = ['mx1.example.com', 'mx2.example.com'];
  assert.match(served(), /mx: mx1\.example\.com\r\nmx: mx2\.example\.com/);
  shown = policyLines();

  // After 30 clean days senders may keep the policy for two weeks.
  await reported('2026-05-19', '2026-06-20', at('2026-06-22T06:00:00Z'));
  await probed('2026-06-05', '2026-06-22', both);
  assert.deepEqual(await advanced(at('2026-06-22T06:00:00Z')), ['max-age opened']);
  await published(at('2026-06-22T07:00:00Z'));
  assert.match(served(), /max_age: 1209600/);
  shown = policyLines();

  // The old MX leaves DNS; its pattern follows when TTL and queues are over, not before.
  zone.splice(
    zone.findIndex(({ data: value }) => (value as { exchange?: string }).exchange === 'mx1.example.com'),
    1,
  );
  await probed('2026-06-23', '2026-06-30', both);
  await probed('2026-07-01', '2026-07-04', ['mx2.example.com']);
  assert.deepEqual(await advanced(at('2026-07-04T06:00:00Z')), []);
  await probed('2026-07-05', '2026-07-07', ['mx2.example.com']);
  assert.deepEqual(await advanced(at('2026-07-07T06:00:00Z')), ['mx-narrowing opened']);
  await published(at('2026-07-07T07:00:00Z'));
  assert.doesNotMatch(served(), /mx1/);
  shown = policyLines();

  // Two senders fail: a rollback is proposed, and after the merge it is published at once under a fresh id.
  await reported('2026-07-20', '2026-07-20', at('2026-07-22T06:00:00Z'), 90);
  assert.deepEqual(await advanced(at('2026-07-22T06:00:00Z')), ['rollback opened']);
  await published(at('2026-07-22T07:00:00Z'));
  assert.match(served(), /mode: testing\r\nmx: mx2\.example\.com\r\nmax_age: 86400/);

  // Retired by a person. The two weeks of July still count, so nothing is due before.
  change(`${fileText(mail as never, 'main', FILE)}retire: true\n`);
  await published(at('2026-07-23T07:00:00Z'));
  assert.match(served(), /mode: none/);
  assert.deepEqual(await advanced(at('2026-08-06T06:00:00Z')), []);
  assert.deepEqual(await advanced(at('2026-08-06T08:00:00Z')), ['removal opened']);
  assert.match((await lab.run({ now: at('2026-08-06T09:00:00Z') })).waiting[0]?.for ?? '', /caches to forget/);
  await published(at('2026-08-06T09:10:00Z'));
  assert.deepEqual(
    [
      record(lab, '_mta-sts.example.com'),
      record(lab, 'mta-sts.example.com'),
      github.world.repositories.has('acme/mta-sts.example.com'),
    ],
    [undefined, undefined, false],
  );
  assert.deepEqual(await advanced(at('2026-08-07T06:00:00Z')), []);
  const ids = events(lab)
    .filter(({ event }) => event === 'minted')
    .map(({ id }) => id);
  assert.deepEqual([ids.length, new Set(ids).size], [7, 7]);
  assert.equal(events(lab).at(-1)?.event, 'withdrawn');
});
