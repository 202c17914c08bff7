import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { setState } from '../fakes/github/issue-routes.ts';
import type { FakeIssue } from '../fakes/github/world.ts';
import { fakeWithRepository } from '../io/github/connection.ts';
import { clean, dayAfter, MailWorld, type Said } from './mail-world.ts';

/* Issues as whoever only knows `postern alert` and GitHub sees them: one case for each line of the contract. */

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

interface Alerted {
  readonly opened: readonly number[];
  readonly updated: readonly number[];
  readonly escalated: readonly number[];
  readonly closed: readonly number[];
  readonly unchanged: readonly number[];
}

const LARGE = ['google.com', 'microsoft.com'];
const FAULT = '2026-11-18';
const EXPIRED = { 'certificate-expired': 400 };
const ALERTS = 'alerts: { owners: ["@alice"] }\n';

/** Domains that enforce, a GitHub, and by default a failing day of two reporters at the first domain. */
async function worldOf({ domains = ['example.com'], mode = 'enforce', failing = true } = {}) {
  const files = Object.fromEntries(domains.map((one) => [one, `mode: ${mode}\nmx: [mx1.${one}, mx2.${one}]\n`]));
  const world = new MailWorld(files, ALERTS);
  const { fake, repository, environment } = await fakeWithRepository();
  for (const login of ['alice', 'bob']) repository.assignable.add(login);
  world.environment = environment;
  closing.push(() => world.remove(), fake.close);
  if (failing)
    await world.ingest(
      '2026-11-20T04:00:00Z',
      ...clean('2026-11-01', 17, LARGE),
      ...LARGE.map((reporter): Said => ({ day: FAULT, reporter, failures: EXPIRED })),
    );
  const alert = async (now: string) => (await world.run<Alerted>(now, 'alert')).json;
  const issue = (number = 1): FakeIssue => {
    const found = repository.issues.get(number);
    if (found === undefined) throw new Error(`there is no issue ${number}`);
    return found;
  };
  const say = (author: string, body: string, number = 1) => {
    const at = fake.world.now;
    issue(number).comments.push({ id: fake.world.nextId++, author, body, created_at: at, updated_at: at });
  };
  return { world, fake, repository, alert, issue, say };
}

const OPENED = '2026-11-20T06:00:00Z';
const LATER = '2026-11-20T07:00:00Z';
const MARKERS = /^<!-- postern:[^>]*-->[\s\S]*<!-- \/?postern[^>]*-->$/m;

suite('the issue', () => {
  test('names rule and domain, has its labels and people, and keeps what persons write, label and name', async () => {
    const { world, repository, alert, issue } = await worldOf();
    assert.deepEqual((await alert(OPENED)).opened, [1]);
    const { title, body, labels, assignees } = issue();
    for (const word of ['certificate-expired', 'example.com']) assert.ok(`${title}\n${body}`.includes(word), word);
    const [found] = (await world.review(OPENED)).json.findings;
    assert.match(body, MARKERS);
    assert.ok(body.includes(found?.fingerprint ?? '?'));
    assert.deepEqual([...labels].sort(), ['certificate-expired', 'postern', found?.severity]);
    assert.deepEqual(assignees, ['alice']);
    assert.match(
      `${body}\n${issue()
        .comments.map((one) => one.body)
        .join('\n')}`,
      /@alice/,
    );

    Object.assign(issue(), {
      title: 'Ours',
      body: `Before.\n\n${body}\n\nAfter.`,
      labels: [...labels, 'mine'],
      assignees: ['bob'],
    });
    await world.ingest(
      '2026-11-21T04:00:00Z',
      ...LARGE.map((reporter): Said => ({ day: '2026-11-19', reporter, failures: EXPIRED })),
    );
    const changed = await alert('2026-11-21T06:00:00Z');
    assert.deepEqual([changed.opened, changed.updated], [[], [1]]);
    const now = issue();
    assert.deepEqual([now.title, now.assignees, now.labels.includes('mine')], ['Ours', ['bob'], true]);
    assert.match(now.body, /^Before\.\n[\s\S]*2026-11-19[\s\S]*\nAfter\.$/);
    assert.equal(repository.issues.size, 1);
  });

  test('is one where several senders see the same of a domain and name no host that could be one', async () => {
    const { world, alert, issue } = await worldOf({ failing: false });
    await world.ingest(
      '2026-11-20T04:00:00Z',
      ...clean('2026-11-01', 17, LARGE),
      ...LARGE.map((reporter): Said => ({ day: FAULT, reporter, failures: { 'validation-failure @mallory': 400 } })),
    );
    assert.deepEqual((await alert(OPENED)).opened, [1]);
    for (const reporter of LARGE) assert.ok(issue().body.includes(reporter), reporter);
    assert.equal(
      issue().title,
      'example.com: TLS failed for a reason that only the report text tells (validation-failure)',
    );
    assert.ok(!issue().body.includes('@mallory'));
  });

  test('a run without news writes nothing, and facts that change make no comment', async () => {
    const { world, fake, alert, issue } = await worldOf();
    await alert(OPENED);
    const [writes, comments] = [fake.writes().length, issue().comments.length];
    assert.deepEqual((await alert(LATER)).unchanged, [1]);
    assert.equal(fake.writes().length, writes);
    await world.ingest('2026-11-21T04:00:00Z', { day: '2026-11-19', failures: EXPIRED });
    await alert('2026-11-21T06:00:00Z');
    assert.equal(issue().comments.length, comments);
  });

  test('a stranger’s copy of a marker is not ours, and a new token keeps the numbers', async () => {
    const { world, fake, repository, alert, issue } = await worldOf();
    await alert(OPENED);
    repository.issues.set(50, { ...structuredClone(issue()), number: 50, author: 'mallory', comments: [] });
    fake.world.tokens.set('other', { kind: 'person', login: 'bob' });
    const before = structuredClone(issue(50));
    world.environment = { ...world.environment, GITHUB_TOKEN: 'other' };
    const after = await alert(LATER);
    assert.deepEqual([after.opened, after.unchanged], [[], [1]]);
    assert.deepEqual(issue(50), before);
  });
});

suite('severity', () => {
  test('is that of the mode in force by the ledger, not of the file', async () => {
    const { world, alert, issue } = await worldOf({ mode: 'testing' });
    await alert(OPENED);
    assert.ok(issue().labels.includes('sev2'), issue().labels.join());
    const body = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\nmax_age: 604800\r\n';
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(body).digest('hex');
    const line = (event: string, at: string, more = {}) =>
      JSON.stringify({ at, event, id: '20260901000000', sha256, ...more });
    const minted = {
      body,
      mode: 'enforce',
      max_age: 604800,
      mx: ['mx1.example.com', 'mx2.example.com'],
      triggers: ['first'],
      commit: null,
    };
    world.write(
      'data/policies/example.com.jsonl',
      [
        line('minted', '2026-09-01T00:00:00Z', minted),
        line('served', '2026-09-01T00:01:00Z'),
        line('announced', '2026-09-01T00:02:00Z'),
        '',
      ].join('\n'),
    );
    const { escalated } = await alert(LATER);
    assert.deepEqual(escalated, [1]);
    assert.ok(issue().labels.includes('sev1'), issue().labels.join());
    assert.match(issue().comments.at(-1)?.body ?? '', /sev1|[Ee]scalated/);
  });
});

suite('recovery', () => {
  test('of reports: two complete clean days, a comment each, closed; within 14 days the same issue opens again', async () => {
    const { world, alert, issue } = await worldOf();
    await alert(OPENED);
    await world.ingest('2026-11-20T10:00:00Z', ...clean('2026-11-19', 1, LARGE));
    await alert('2026-11-21T06:00:00Z');
    assert.equal(issue().state, 'open', 'one day may be luck');
    await world.ingest('2026-11-21T10:00:00Z', ...clean('2026-11-20', 1, LARGE));
    assert.deepEqual((await alert('2026-11-22T06:00:00Z')).closed, [1]);
    assert.equal(issue().state, 'closed');
    assert.match(issue().comments.at(-1)?.body ?? '', /[Rr]ecovered/);
    await world.ingest(
      '2026-11-25T10:00:00Z',
      ...clean('2026-11-21', 3, LARGE),
      ...LARGE.map((reporter): Said => ({ day: '2026-11-24', reporter, failures: EXPIRED })),
    );
    const again = await alert('2026-11-26T06:00:00Z');
    assert.deepEqual([again.opened.filter((number) => number !== 1), issue().state], [[], 'open']);
    assert.match(issue().comments.at(-1)?.body ?? '', /[Rr]eopened|again/);
  });

  test('of probes: two sound looks, an hour apart', async () => {
    const { world, alert, issue } = await worldOf({ failing: false });
    const look = (at: string, outcome: string, code: string) =>
      world.observe(at, {
        at,
        domain: 'example.com',
        kind: 'mx',
        subject: 'mx1.example.com',
        address: '192.0.2.1',
        outcome,
        code,
      });
    await look('2026-11-20T05:00:00Z', 'bad', 'mx-no-starttls');
    assert.deepEqual((await alert('2026-11-20T05:10:00Z')).opened, [1]);
    await look('2026-11-20T06:00:00Z', 'ok', 'ok');
    await alert('2026-11-20T06:10:00Z');
    assert.equal(issue().state, 'open');
    await look('2026-11-20T06:30:00Z', 'ok', 'ok');
    await alert('2026-11-20T06:40:00Z');
    assert.equal(issue().state, 'open', 'half an hour is no hour');
    await look('2026-11-20T07:01:00Z', 'ok', 'ok');
    await alert('2026-11-20T07:10:00Z');
    assert.equal(issue().state, 'closed');
  });
});

suite('a certificate near its end', () => {
  test('is one issue from the first word to the last: notify, on-call, critical, expired, mended', async () => {
    const { world, repository, alert, issue } = await worldOf({ failing: false });
    const life = { serial: '0a1b2c', not_before: '2026-09-20T00:00:00Z', not_after: '2026-12-19T00:00:00Z' };
    const look = (at: string, outcome = 'ok', code = 'ok', certificate = life) =>
      world.observe(at, {
        at,
        domain: 'example.com',
        kind: 'mx',
        subject: 'mx1.example.com',
        address: '192.0.2.1',
        outcome,
        code,
        facts: { certificate },
      });
    const levels: string[] = [];
    for (const day of ['2026-11-22', '2026-12-06', '2026-12-13', '2026-12-19']) {
      await (day === '2026-12-19' ? look(`${day}T03:00:00Z`, 'bad', 'mx-cert-expired') : look(`${day}T03:00:00Z`));
      await alert(`${day}T03:05:00Z`);
      levels.push(issue().labels.find((label) => label.startsWith('sev')) ?? '');
      assert.equal(issue().state, 'open');
    }
    assert.deepEqual(levels, ['sev3', 'sev2', 'sev1', 'sev1']);
    assert.equal(repository.issues.size, 1);
    assert.match(issue().body, /mx-cert-expired/);
    assert.doesNotMatch(
      issue()
        .comments.map(({ body }) => body)
        .join('\n'),
      /[Rr]ecovered/,
    );
    const renewed = { serial: '0a1b2d', not_before: '2026-12-19T04:00:00Z', not_after: '2027-03-19T04:00:00Z' };
    for (const hour of ['06', '08']) {
      await look(`2026-12-19T${hour}:00:00Z`, 'ok', 'ok', renewed);
      await alert(`2026-12-19T${hour}:05:00Z`);
    }
    assert.deepEqual([issue().state, repository.issues.size], ['closed', 1]);
  });

  test('since when, and that the renewal was due and did not happen', async () => {
    const { world } = await worldOf({ failing: false });
    const certificate = { serial: '0a1b2c', not_before: '2026-09-20T00:00:00Z', not_after: '2026-12-19T00:00:00Z' };
    for (const at of ['2026-11-01T03:00:00Z', '2026-12-01T03:00:00Z'])
      await world.observe(at, {
        at,
        domain: 'example.com',
        kind: 'mx',
        subject: 'mx1.example.com',
        address: '192.0.2.1',
        facts: { certificate },
      });
    const [found] = (await world.review('2026-12-01T06:00:00Z')).json.findings;
    assert.deepEqual([found?.rule, found?.since, found?.last_seen], ['mx-cert-expiring', '2026-11-19', '2026-12-01']);
    assert.match(found?.summary ?? '', /renewal was due on 2026-11-19 and did not happen/);
  });
});

suite('at most ten new issues', () => {
  test('in one run; the others stand in one overflow issue, which does not count', async () => {
    const domains = Array.from({ length: 13 }, (_, index) => `d${10 + index}.example`);
    const { world, repository, alert } = await worldOf({ domains, failing: false });
    const at = '2026-11-20T05:00:00Z';
    await world.observe(
      at,
      ...domains.map((domain) => ({
        at,
        domain,
        kind: 'mx',
        subject: `mx1.${domain}`,
        address: '192.0.2.1',
        outcome: 'bad',
        code: 'mx-no-starttls',
      })),
    );
    const { opened } = await alert('2026-11-20T05:10:00Z');
    assert.equal(repository.issues.size, 11);
    const named = [...repository.issues.values()].filter(
      ({ body }) => domains.filter((one) => body.includes(one)).length >= 3,
    );
    assert.equal(named.length, 1, 'one lists the three that are left');
    assert.ok(opened.length === 10 || opened.length === 11);
    await alert('2026-11-20T06:10:00Z');
    const open = [...repository.issues.values()].filter(({ state }) => state === 'open');
    assert.equal(open.length, 13, 'the next run opens the rest, and the overflow is over');
  });
});

suite('what people decide', () => {
  test('closed as not planned: until the severity rises', async () => {
    const { world, fake, alert, issue } = await worldOf({ mode: 'testing' });
    await alert(OPENED);
    setState(fake.world, issue(), 'alice', 'closed', 'not_planned');
    await alert('2026-11-23T06:00:00Z');
    assert.equal(issue().state, 'closed');
    world.write('domains/example.com.yaml', 'mode: enforce\nmx: [mx1.example.com, mx2.example.com]\n');
    await alert('2026-11-23T07:00:00Z');
    assert.equal(issue().state, 'open');
  });

  test('closed as completed: until it is still there two days later', async () => {
    const { fake, alert, issue } = await worldOf();
    await alert(OPENED);
    fake.world.now = '2026-11-20T08:00:00Z';
    setState(fake.world, issue(), 'alice', 'closed', 'completed');
    await alert('2026-11-21T08:00:00Z');
    assert.equal(issue().state, 'closed');
    await alert('2026-11-22T09:00:00Z');
    assert.equal(issue().state, 'open');
  });

  for (const how of ['label', 'comment'])
    test(`snoozed by ${how}: one comment, and silence until the day`, async () => {
      const { alert, issue, say } = await worldOf();
      await alert(OPENED);
      if (how === 'label') issue().labels.push('snooze:2026-12-01');
      else say('alice', '/snooze 2026-12-01');
      await alert(LATER);
      const count = issue().comments.length;
      assert.match(issue().comments.at(-1)?.body ?? '', /[Ss]nooz/);
      await alert(`${dayAfter('2026-11-20', 3)}T06:00:00Z`);
      assert.equal(issue().comments.length, count);
    });
});

suite('how it ends', () => {
  test('0 in line, 2 not configured, 3 not finished, and then the next run finishes', async () => {
    const { world, fake, repository } = await worldOf();
    const exit = async (now: string) => (await world.run(now, 'alert')).exit;
    const { environment } = world;
    world.environment = {};
    assert.equal(await exit(OPENED), 2);
    world.environment = environment;
    const limit = {
      status: 403,
      headers: { 'retry-after': '90' },
      message: 'You have exceeded a secondary rate limit',
    };
    fake.fail({ kind: 'answer', ...limit }, 'POST /repos/{owner}/{repo}/issues');
    assert.equal(await exit(OPENED), 3);
    assert.equal(await exit(LATER), 0);
    assert.equal(repository.issues.size, 1);
  });

  test('no answer to a create: it is looked for, and not made again', async () => {
    const { world, fake, repository } = await worldOf();
    fake.freezeLists(true);
    fake.fail({ kind: 'cut', applied: true }, 'POST /repos/{owner}/{repo}/issues');
    await world.run(OPENED, 'alert');
    fake.freezeLists(false);
    assert.equal((await world.run(LATER, 'alert')).exit, 0);
    assert.equal(repository.issues.size, 1);
  });
});
