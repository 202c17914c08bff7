import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Finding } from '#scripts/core/finding.ts';
import { clean, dayAfter, MailWorld, type Said } from './mail-world.ts';

/* What is said of findings holds for whoever only knows the commands: `ingest`, `probe --import`, `review --json`. */

const worlds: MailWorld[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

const MX = (domain: string, mode = 'enforce', more = '') => ({
  [`${domain}`]: `mode: ${mode}\nmx: [mx1.${domain}, mx2.${domain}]\n${more}`,
});

function worldOf(domains: Readonly<Record<string, string>> = MX('example.com'), settings = ''): MailWorld {
  const world = new MailWorld(domains, settings);
  worlds.push(world);
  return world;
}

const START = '2026-11-01';
const FAULT = '2026-11-18';
const RECEIVED = '2026-11-20T04:00:00Z';
const NOW = '2026-11-20T06:00:00Z';
const EXPIRED = { 'certificate-expired': 400 };
const LARGE = ['google.com', 'microsoft.com'];

/** 17 sound days of two reporters, then one day of the given failures. */
async function faulty(failures: Said['failures'], reporters: readonly string[] = LARGE, world = worldOf()) {
  const broken = reporters.map((reporter) => ({ day: FAULT, reporter, failures }) as Said);
  const others = LARGE.filter((one) => !reporters.includes(one)).map((reporter) => ({ day: FAULT, reporter }));
  await world.ingest(RECEIVED, ...clean(START, 17, LARGE), ...broken, ...others);
  return world;
}

async function only(world: MailWorld, now = NOW, ...domains: readonly string[]): Promise<Finding> {
  const { findings } = (await world.review(now, ...domains)).json;
  assert.equal(findings.length, 1, JSON.stringify(findings.map(({ rule, summary }) => [rule, summary])));
  return findings[0] as Finding;
}

suite('the fields of a finding', () => {
  test('all of them, and what each says', async () => {
    const world = await faulty(EXPIRED);
    const found = await only(world);
    assert.deepEqual(Object.keys(found).sort(), [
      'action',
      'actor',
      'detected_at',
      'domain',
      'domains',
      'evidence',
      'fingerprint',
      'incident',
      'last_seen',
      'rule',
      'severity',
      'since',
      'state',
      'subject',
      'summary',
    ]);
    const { rule, domain, domains, state, since, last_seen, detected_at, subject } = found;
    assert.deepEqual(
      { rule, domain, domains, state, since, last_seen, detected_at },
      {
        rule: 'certificate-expired',
        domain: 'example.com',
        domains: ['example.com'],
        state: 'open',
        since: FAULT,
        last_seen: FAULT,
        detected_at: NOW,
      },
    );
    assert.deepEqual(Object.keys(subject).sort(), ['kind', 'mx', 'name', 'policy_type', 'reporter', 'result_type']);
    assert.deepEqual([subject.mx, subject.result_type], ['mx1.example.com', 'certificate-expired']);
    assert.match(found.action, /Repaired when/);
    for (const { kind, at, text } of found.evidence) assert.ok([kind, at, text].every((one) => one.length > 0));
  });

  test('the fingerprint is the same on another day, with other counts, in another mode and for another actor', async () => {
    const world = await faulty(EXPIRED);
    const first = await only(world);
    await world.ingest('2026-11-21T04:00:00Z', { day: '2026-11-19', failures: { 'certificate-expired': 30 } });
    const later = await only(world, '2026-11-21T06:00:00Z');
    assert.deepEqual([later.fingerprint, later.since, later.last_seen], [first.fingerprint, FAULT, '2026-11-19']);
    world.write('domains/example.com.yaml', 'mode: testing\nmx: [mx1.example.com, mx2.example.com]\n');
    const lower = await only(world, '2026-11-21T06:00:00Z');
    assert.notEqual(lower.severity, first.severity);
    assert.equal(lower.fingerprint, first.fingerprint);
    const one = await faulty({ 'starttls-not-supported': 400 }, ['google.com']);
    const [sender] = (await one.review(NOW)).json.findings;
    await one.ingest('2026-11-21T04:00:00Z', {
      day: '2026-11-19',
      reporter: 'microsoft.com',
      failures: { 'starttls-not-supported': 300 },
    });
    const [both] = (await one.review('2026-11-21T06:00:00Z')).json.findings;
    assert.deepEqual([sender?.actor, both?.actor], ['sender', 'unknown']);
    assert.equal(both?.fingerprint, sender?.fingerprint);
  });
});

suite('which rule', () => {
  const cases: readonly [string, Said['failures'], string, string | null][] = [
    ['one type', EXPIRED, 'certificate-expired', 'certificate-expired'],
    [
      'several types, none of which explains it',
      {
        'certificate-expired': 20,
        'starttls-not-supported': 18,
        'validation-failure': 19,
        'certificate-not-trusted': 20,
      },
      'anomaly-rate',
      null,
    ],
  ];
  for (const [what, failures, rule, type] of cases)
    test(what, async () => {
      const { findings } = (await (await faulty(failures)).review(NOW)).json;
      const found = findings.find((one) => one.rule === rule);
      assert.ok(found !== undefined, JSON.stringify(findings.map((one) => one.rule)));
      assert.equal(found.subject.result_type, type);
    });

  test('a reporter falls silent while the other goes on, and all of them', async () => {
    const world = worldOf();
    await world.ingest(
      '2026-11-17T04:00:00Z',
      ...clean('2026-10-20', 20, LARGE),
      ...clean('2026-11-09', 7, ['google.com']),
    );
    const found = await only(world, '2026-11-17T06:00:00Z');
    assert.deepEqual(
      [found.rule, found.subject.reporter, found.subject.kind],
      ['reports-silent', 'microsoft.com', 'reporter'],
    );
    const { findings } = (await world.review('2026-11-24T06:00:00Z')).json;
    const all = findings.find((one) => one.rule === 'reports-silent' && one.subject.reporter === null);
    assert.deepEqual([all?.domain, all?.since], ['example.com', '2026-11-16']);
  });

  test('automation-stale speaks of what is configured and has run before, and of nothing else', async () => {
    const never = worldOf(MX('example.com'), 'mailbox: { folder: inbox }\n');
    assert.deepEqual((await never.review(NOW)).json.findings, []);
    never.write('inbox/.keep', '');
    assert.equal((await never.run('2026-11-10T06:00:00Z', 'ingest')).exit, 0);
    const stale = (await never.review(NOW)).json.findings.filter(({ rule }) => rule === 'automation-stale');
    assert.equal(stale.length, 1);
    assert.match(stale[0]?.summary ?? '', /ingest/);
    assert.deepEqual((await never.review('2026-11-10T18:00:00Z')).json.findings, []);
  });
});

suite('one cause, several domains', () => {
  const two = {
    'example.com': 'mode: enforce\nmx: [mx.shared.example]\n',
    'example.net': 'mode: enforce\nmx: [mx.shared.example]\n',
  };
  const said = (domain: string, reporter: string, failures: Said['failures'] = {}): Said => ({
    domain,
    day: FAULT,
    reporter,
    failures,
  });

  test('a shared MX host', async () => {
    const world = worldOf(two);
    const names = Object.keys(two);
    const broken = { 'certificate-expired mx.shared.example': 400 };
    await world.ingest(
      RECEIVED,
      ...names.flatMap((domain) => clean(START, 17, LARGE, domain)),
      ...names.flatMap((domain) => LARGE.map((reporter) => said(domain, reporter, broken))),
    );
    const { domain, domains, subject } = await only(world);
    assert.deepEqual([domain, domains, subject.mx], [null, names, 'mx.shared.example']);
  });

  test('a reporter’s own fault', async () => {
    const world = worldOf({ ...MX('example.com'), ...MX('example.net') });
    const names = ['example.com', 'example.net'];
    await world.ingest(
      RECEIVED,
      ...names.flatMap((domain) => clean(START, 17, LARGE, domain)),
      ...names.flatMap((domain) => [
        said(domain, 'google.com', { 'starttls-not-supported': 400 }),
        said(domain, 'microsoft.com'),
      ]),
    );
    const { domain, domains, actor, subject } = await only(world);
    assert.deepEqual([domain, domains, actor, subject.reporter], [null, names, 'sender', 'google.com']);
  });
});

suite('who can act, without probes', () => {
  const cases: readonly [string, readonly string[], string][] = [
    ['one fails while the other is clean on that MX', ['google.com'], 'sender'],
    ['all fail', LARGE, 'unknown'],
  ];
  for (const [what, reporters, actor] of cases)
    test(what, async () => {
      const [found] = (await (await faulty({ 'starttls-not-supported': 400 }, reporters)).review(NOW)).json.findings;
      assert.equal(found?.actor, actor);
    });
});

suite('when it ends with 1', () => {
  test('a severity of 1 or 2 that is open', async () => {
    assert.equal((await (await faulty(EXPIRED)).review(NOW)).exit, 1);
  });

  test('not for severity 3, and not for what the configuration filters, which stays in the list', async () => {
    const sender = await faulty({ 'starttls-not-supported': 400 }, ['google.com']);
    const { exit, json } = await sender.review(NOW);
    assert.deepEqual([exit, json.findings.map(({ severity }) => severity)], [0, ['sev3']]);
    for (const reporter of ['google.com', 'Google.com']) {
      const issue = `known_sender_issues: [{reporter: ${reporter}, result_type: starttls-not-supported, reason: their network, until: 2026-12-01}]\n`;
      sender.write('domains/example.com.yaml', MX('example.com', 'enforce', issue)['example.com'] ?? '');
      const known = await sender.review(NOW);
      assert.deepEqual([known.exit, known.json.findings.map(({ state }) => state)], [0, ['filtered']], reporter);
    }
    const over =
      'known_sender_issues: [{reporter: google.com, result_type: starttls-not-supported, reason: x, until: 2026-11-01}]\n';
    sender.write('domains/example.com.yaml', MX('example.com', 'enforce', over)['example.com'] ?? '');
    const { findings } = (await sender.review(NOW)).json;
    assert.deepEqual(
      findings.map(({ state }) => state),
      ['open'],
      'after its date it filters nothing',
    );
  });
});

suite('a function of what was received', () => {
  test('what comes later changes later reviews only, and what is over is not listed', async () => {
    const world = worldOf();
    await world.ingest(RECEIVED, ...clean(START, 18, LARGE));
    await world.ingest(
      '2026-11-21T04:00:00Z',
      { day: '2026-11-19', failures: EXPIRED },
      { day: '2026-11-19', reporter: 'microsoft.com', failures: EXPIRED },
    );
    assert.deepEqual((await world.review('2026-11-21T03:59:59Z')).json.findings, []);
    assert.equal((await only(world, '2026-11-21T04:00:00Z')).since, '2026-11-19');
    await world.ingest('2026-11-28T04:00:00Z', ...clean('2026-11-20', 7, LARGE));
    assert.deepEqual((await world.review('2026-11-28T06:00:00Z')).json.findings, []);
    assert.equal((await world.review('2026-11-21T06:00:00Z')).json.findings.length, 1, 'the same as on that day');
  });

  test('one look that only the resolver spoils wakes nobody', async () => {
    const world = worldOf();
    const at = '2026-11-20T05:00:00Z';
    const look = { at, domain: 'example.com', kind: 'txt', subject: '_mta-sts.example.com' };
    await world.observe(
      at,
      { ...look, outcome: 'unknown', code: 'dns-cached', facts: { detail: 'older answer' } },
      { ...look, address: '192.0.2.1' },
      { ...look, address: '192.0.2.2' },
    );
    assert.deepEqual((await world.review(NOW)).json.findings, []);
    assert.deepEqual(
      (await world.review(`${dayAfter('2026-11-20', 3)}T05:00:00Z`)).json.findings
        .map(({ rule }) => rule)
        .filter((rule) => rule !== 'automation-stale'),
      [],
    );
  });
});
