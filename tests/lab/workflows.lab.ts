import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createPullRequest } from '#scripts/io/github/pull-requests.ts';
import { type FakeGitHub, startFakeGitHub } from '../fakes/github/server.ts';
import { addAccount, addRepository, commitFiles, type FakeRepository } from '../fakes/github/world.ts';
import { startFakeStore } from '../fakes/object-store.ts';
import { createPki } from '../fakes/pki.ts';
import { httpAnswer, startPolicyHost } from '../fakes/policy-host.ts';
import { type SmtpSink, startSmtpSink } from '../fakes/smtp-sink.ts';
import { connect } from '../io/github/connection.ts';
import { composeMail, policyJson, reportJson, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { actionsWorld } from './actions-world.ts';
import { SENDER } from './mailbox-world.ts';
import { makeOwner, TEMPLATE } from './owner-repository.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';
import { type Named, startNamed } from './servers/named.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';
import { git, type RunnerWorld, type RunOptions, runWorkflow, type WorkflowRun } from './workflow-runner.ts';

/**
 * The workflows as they stand, run from an empty template over simulated weeks: a bare repository as origin, GitHub's API as
 * the fake that refuses what the job's permissions do not allow, Dovecot, BIND and unbound, a policy host, a mail server.
 */

const DOMAIN = 'lab.test';
const HOST = `mta-sts.${DOMAIN}`;
const folder = mkdtempSync(join(tmpdir(), 'postern-workflows-'));
const { remote, owner } = makeOwner(folder);

let named: Named;
let unbound: Unbound;
let dovecot: Dovecot;
let github: FakeGitHub;
let repository: FakeRepository;
let sink: SmtpSink;
let world: RunnerWorld;
let policyHost: Awaited<ReturnType<typeof startPolicyHost>>;
/** What the policy host answers. */
let served: string | null = null;
let deployed: string | null = null;
/** What was signed for, and whether this repository can. */
let attested: Readonly<Record<string, string>> | null = null;
let attests = true;
/** What each run asked of GitHub: the figures of docs/costs.md. */
const requests: string[] = [];
let now = '2026-11-02T06:00:00Z';

before(async () => {
  const pki = createPki(Date.parse(now));
  const authority = pki.certificate({ name: 'Lab root', ca: true, from: -400, to: 400 });
  const leaf = pki.certificate({ name: 'host', dns: [HOST], issuer: authority, from: -400, to: 400 });
  [named, dovecot, github, sink] = await Promise.all([
    startNamed([
      {
        name: DOMAIN,
        kind: 'secure',
        records: ['@ MX 10 mx1', 'mx1 A 127.0.0.1', 'mta-sts A 127.0.0.1'],
        updatable: [`name _mta-sts.${DOMAIN} TXT`, `name _smtp._tls.${DOMAIN} TXT`],
      },
    ]),
    startDovecot(),
    startFakeGitHub({ now }),
    startSmtpSink(),
  ]);
  unbound = await startUnbound(named);
  policyHost = await startPolicyHost({
    chain: [leaf],
    answer: (socket) =>
      void socket.end(httpAnswer(served === null ? 404 : 200, { 'Content-Type': 'text/plain' }, served ?? '')),
  });
  addAccount(github.world, 'github-actions[bot]', 'Bot');
  addAccount(github.world, 'robot', 'User');
  github.world.tokens.set('person', { kind: 'person', login: 'robot' });
  repository = addRepository(github.world, 'acme', 'mail');
  // Settings → Pages → Source: GitHub Actions, pressed by the owner.
  repository.pages = {
    ...{ cname: null, https_enforced: true, build_type: 'workflow', branch: 'main', certificate: null },
    ...{ builds: [], healthAsked: false },
    health: { dns_resolves: true, is_valid: true, caa_error: null, https_error: null },
  };
  push('Initial commit');
  world = {
    ...actionsWorld(github, { remote, folder }),
    secrets: {
      POSTERN_IMAP_PASSWORD: 'secret',
      POSTERN_TSIG_SECRET: named.tsig.secret,
    },
    onDeploy: (path) => {
      deployed = path;
    },
    onAttest: (subjects) => {
      attested = attests ? subjects : null;
      return attests;
    },
  };
  writeFileSync(join(folder, 'ca.pem'), authority.pem + readFileSync(dovecot.caFile, 'utf8'));
});

after(async () => {
  console.log(`requests to GitHub: ${requests.join(', ')}`);
  await policyHost?.close();
  await unbound?.stop();
  await named?.stop();
  await dovecot?.stop();
  await sink?.close();
  await github?.close();
  rmSync(folder, { recursive: true, force: true });
});

function push(message: string): string {
  git(owner, 'add', '--all');
  git(owner, 'commit', '--quiet', '--message', message);
  git(owner, 'push', '--quiet', 'origin', 'main');
  // What GitHub's API shows is what was pushed: the part that pull requests are made of.
  const domains = Object.fromEntries(
    git(owner, 'ls-files', 'domains')
      .split('\n')
      .map((path) => [path, readFileSync(join(owner, path), 'utf8')]),
  );
  commitFiles(github.world, repository, 'main', domains);
  return git(owner, 'rev-parse', 'HEAD');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(owner, path)), { recursive: true });
  writeFileSync(join(owner, path), text);
}

/** One run at one moment, on GitHub's clock too. */
async function run(workflow: string, at: string, options: Partial<RunOptions> = {}): Promise<WorkflowRun> {
  now = at;
  github.world.now = at;
  const environment = { GITHUB_API_URL: github.url, POSTERN_NOW: at };
  const before = github.requests.length;
  const made = await runWorkflow({ ...world, environment }, workflow, { event: 'schedule', ...options });
  requests.push(`${workflow}: ${github.requests.length - before}`);
  return made;
}

function assertGreen(made: WorkflowRun): void {
  for (const [job, { result }] of Object.entries(made.jobs)) assert.notEqual(result, 'failure', `${job}\n${made.log}`);
}

function inData(path: string): string | null {
  try {
    return git(remote, 'show', `data:${path}`);
  } catch {
    return null;
  }
}

const dataFiles = (): readonly string[] => git(remote, 'ls-tree', '-r', '--name-only', 'data').split('\n');
const ledger = (): readonly { event: string; body?: string; id: string }[] =>
  (inData(`policies/${DOMAIN}.jsonl`) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const events = () => ledger().map(({ event }) => event);
const staleness = () => incidents().filter(({ title }) => title.endsWith('(automation-stale)'));
const incidents = () => [...repository.issues.values()].filter(({ title }) => title !== 'Set up Postern');

async function report(day: string, failures = 0): Promise<Buffer> {
  const summary = { 'total-successful-session-count': 400 - failures, 'total-failure-session-count': failures };
  const policy = policyJson(DOMAIN, { summary });
  const json = reportJson({
    'report-id': `${day}_${DOMAIN}`,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    policies: [policy],
  });
  return signMail(composeMail({ parts: [tlsrptPart(json)] }), SENDER);
}

suite('from the template to reports, over weeks', { timeout: 900_000 }, () => {
  test('the owner makes it theirs with init, and pushes', () => {
    const settings = [
      `network: { resolver: "${unbound.udp}", dns_port: ${named.port}, https_port: ${policyHost.port}, smtp_port: 9, allow_private: true, ca_file: ca.pem, dkim_keys: keys.txt, second_look: 0 }`,
      `digest: { from: postern@lab.test, to: [ops@lab.test], smtp: { host: 127.0.0.1, port: ${sink.port} } }`,
      '',
    ].join('\n');
    const answers = [
      '--organisation',
      'Lab',
      '--report-address',
      'tls@organisation.example',
      '--imap',
      'localhost',
      '--imap-user',
      'reports',
    ];
    execFileSync(
      process.execPath,
      [join(TEMPLATE, 'scripts/postern.ts'), 'init', ...answers, '--root', owner, '--now', now],
      { env: { PATH: process.env['PATH'] ?? '' } },
    );
    assert.equal(existsSync(join(owner, 'domains/example.com.yaml')), false);
    const own = readFileSync(join(owner, 'domains/_settings.yaml'), 'utf8');
    write(
      'domains/_settings.yaml',
      own.replace('host: "localhost"', `host: "localhost"\n    port: ${dovecot.imapsPort}`) +
        settings +
        `dns:\n  main: { kind: rfc2136, server: 127.0.0.1, port: ${named.port}, zone: ${DOMAIN}, key_name: ${named.tsig.key_name}, algorithm: ${named.tsig.algorithm} }\n`,
    );
    write('ca.pem', readFileSync(join(folder, 'ca.pem'), 'utf8'));
    write('keys.txt', `${SENDER.name}. 300 IN TXT "${SENDER.record}"\n`);
    write(`domains/${DOMAIN}.yaml`, `mode: testing\nmx: [mx1.${DOMAIN}]\ndns: main\n`);
    push('our own');
  });

  test('publish mints and waits; a run killed half-way and a failed push lose nothing; then it is announced', async () => {
    // The machine is gone while publish runs: nothing reached the branch, and nothing outside points to what was lost.
    const killed = await run('publish', '2026-11-02T07:00:00Z', {
      event: 'push',
      accident: (_, step) => (step === 'npx postern publish' ? 'kill' : null),
    });
    assert.equal(killed.jobs['publish']?.result, 'failure');

    const first = await run('publish', '2026-11-02T08:00:00Z', { event: 'push' });
    assertGreen(first);
    assert.deepEqual(events(), ['minted']);
    served = ledger()[0]?.body ?? null;

    // The server refuses the push of the run that announces: red, and the next one comes to the same end.
    const hook = join(remote, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "disk full" >&2\nexit 1\n', { mode: 0o755 });
    const refused = await run('publish', '2026-11-02T08:30:00Z', { event: 'workflow_dispatch' });
    assert.equal(refused.jobs['publish']?.result, 'failure');
    assert.deepEqual(events(), ['minted']);
    rmSync(hook);

    // No hand is needed: the hourly run sees that something waits, and goes on.
    const hourly = await run('hourly', '2026-11-02T09:17:00Z');
    assertGreen(hourly);
    assert.equal(hourly.jobs['publish']?.result, 'success', hourly.log);
    assert.deepEqual(events(), ['minted', 'served', 'announced']);
    const next = await run('hourly', '2026-11-02T10:17:00Z');
    assert.equal(next.jobs['publish']?.result, 'skipped');
    assert.deepEqual(events(), ['minted', 'served', 'announced']);
  });

  test('a policy host that breaks becomes an issue, and its end closes it', async () => {
    const [right] = [served];
    served = 'version: STSv1\nmode: none\nmax_age: 86400\n';
    assertGreen(await run('hourly', '2026-11-02T11:17:00Z'));
    const issue = incidents().find(({ title }) => title.endsWith('(out-of-sync)'));
    assert.ok(issue !== undefined, 'an issue');
    assert.equal(issue.author, 'github-actions[bot]');
    served = right;
    for (const hour of ['12', '13']) assertGreen(await run('hourly', `2026-11-02T${hour}:17:00Z`));
    assert.equal(issue.state, 'closed');
    assert.equal(incidents().filter(({ title }) => title.endsWith('(out-of-sync)')).length, 1);
  });

  test('the daily run reads, judges, builds and deploys; cancelled, it keeps what it read', async () => {
    dovecot.deliver([await report('2026-11-02')]);
    const cancelled = await run('daily', '2026-11-03T05:41:00Z', {
      accident: (_, step) => (step === 'npx postern alert' ? 'cancel' : null),
    });
    assert.equal(cancelled.jobs['daily']?.result, 'cancelled');
    assert.ok(
      dataFiles().some((path) => path.startsWith('reports/month=2026-11/')),
      'what was read is kept',
    );

    const whole = await run('daily', '2026-11-03T09:41:00Z');
    assertGreen(whole);
    assert.equal(whole.jobs['deploy']?.result, 'success');
    assert.ok(deployed !== null && existsSync(join(deployed, 'index.html')));
    const checklist = [...repository.issues.values()].find(({ title }) => title === 'Set up Postern');
    assert.match(checklist?.body ?? '', /- \[x\] The first policy is published/);
    assert.match(checklist?.body ?? '', /- \[x\] The mailbox of reports can be read/);
  });

  test('three weeks without any run, then each does all that was due, once', async () => {
    for (let day = 3; day <= 24; day += 1) dovecot.deliver([await report(`2026-11-${String(day).padStart(2, '0')}`)]);
    assertGreen(await run('daily', '2026-11-25T05:41:00Z'));
    assertGreen(await run('weekly', '2026-11-25T07:23:00Z'));
    const sent = sink.mails.length;
    assert.ok(sent >= 1, 'the weekly mail');
    assertGreen(await run('weekly', '2026-11-25T08:23:00Z'));
    assert.equal(sink.mails.length, sent, 'and only once');
    assert.equal(dovecot.count('INBOX'), 0);
    // That nothing ran for so long is said itself, and is over when everything has run again; the mail was fine all the time.
    assert.ok(staleness().some(({ state }) => state === 'open'));
    assertGreen(await run('hourly', '2026-11-25T10:17:00Z'));
    assertGreen(await run('daily', '2026-11-25T11:41:00Z'));
    assert.deepEqual(
      staleness()
        .filter(({ state }) => state === 'open')
        .map(({ body }) => body),
      [],
    );
    const rules = new Set(incidents().map(({ title }) => /\(([\w-]+)\)$/.exec(title)?.[1]));
    // No MX can be reached from here, as from a hosted runner: that is a gap, and no fault of the mail.
    assert.deepEqual([...rules].sort(), ['automation-stale', 'coverage-gap', 'out-of-sync']);
  });

  test('the month is frozen, its history kept and made short; restored from the evidence when the branch is lost', async () => {
    // A run killed while it uploads leaves a draft that nobody sees; the next one ends at one whole release.
    const killed = await run('monthly', '2026-12-04T06:53:00Z', {
      accident: (_, step) => (step.startsWith('npx postern release') ? 'kill' : null),
    });
    assert.equal(killed.jobs['monthly']?.result, 'failure');
    const monthly = await run('monthly', '2026-12-04T07:53:00Z');
    assertGreen(monthly);
    const [release, ...others] = repository.releases;
    assert.deepEqual([release?.tag, release?.draft, others], ['month-2026-11', false, []]);
    const released = new Map(release?.assets.map(({ name, bytes }) => [name, bytes]));
    for (const name of ['evidence-2026-11.zip', 'manifest-2026-11.json', 'data.bundle', 'sbom.cdx.json'])
      assert.ok((released.get(name)?.length ?? 0) > 0, name);
    const sbom = JSON.parse(released.get('sbom.cdx.json')?.toString('utf8') ?? '');
    assert.equal(sbom.bomFormat, 'CycloneDX');
    assert.ok(sbom.components.some(({ purl }: { purl: string }) => purl.startsWith('pkg:npm/imapflow@')));
    assert.deepEqual([...released.keys()].sort(), Object.keys(attested ?? {}).sort());
    for (const [name, bytes] of released)
      assert.equal(attested?.[name], createHash('sha256').update(bytes).digest('hex'), name);
    assert.ok(dataFiles().includes('months/2026-11/manifest.json'));
    assert.equal(git(remote, 'rev-list', '--count', 'data'), '1');
    const evidence = join(folder, 'artifacts', monthly.id, 'evidence');
    assert.ok(globSync('**/*.zip', { cwd: evidence }).length > 0, globSync('**/*', { cwd: evidence }).join('\n'));

    const before = dataFiles();
    git(remote, 'update-ref', '-d', 'refs/heads/data');
    const clone = join(folder, 'clone');
    git(folder, 'clone', '--quiet', `file://${remote}`, clone);
    execFileSync(process.execPath, [
      join(TEMPLATE, 'scripts/postern.ts'),
      'data',
      'restore',
      join(evidence, 'data.bundle'),
      '--root',
      clone,
    ]);
    assert.deepEqual(dataFiles(), before);

    // Again, in a private repository of the free plan: nothing is released twice, and no attestation is no failure.
    attests = false;
    assertGreen(await run('monthly', '2026-12-05T06:53:00Z'));
    assert.equal(repository.releases.length, 1);
  });
});

suite('data/ in an object store', { timeout: 300_000 }, () => {
  test('the same workflows fill and read a bucket, and leave the branch alone', async () => {
    const store = await startFakeStore('acme', { id: 'AKID', secret: 'key of the bucket' });
    const before = git(remote, 'for-each-ref');
    const { secrets, vars } = world;
    world = {
      ...world,
      vars: { POSTERN_DATA_URL: `s3://acme/postern?endpoint=${store.endpoint}` },
      secrets: { ...secrets, POSTERN_DATA_KEY: 'AKID:key of the bucket' },
    };
    try {
      const first = await run('hourly', '2026-12-06T01:17:00Z');
      assertGreen(first);
      assert.doesNotMatch(first.log, /key of the bucket/);
      assert.ok(store.objects.has('postern/checkpoint.json'));
      assert.ok([...store.objects.keys()].some((key) => key.startsWith('postern/observations/month=2026-12/')));
      const lastProbe = () => JSON.parse(String(store.objects.get('postern/checkpoint.json'))).tasks.probe.last_success;
      assert.equal(lastProbe(), '2026-12-06T01:17:00Z');
      assertGreen(await run('hourly', '2026-12-06T02:17:00Z'));
      assert.equal(lastProbe(), '2026-12-06T02:17:00Z');
      assert.equal(git(remote, 'for-each-ref'), before);
    } finally {
      world = { ...world, secrets, vars };
      await store.close();
    }
  });
});

suite('a pull request of a stranger', { timeout: 300_000 }, () => {
  const HOSTILE = '$(touch PWNED)`touch PWNED`;touch PWNED;@everyone <img src=x onerror=alert(1)>';

  /** A branch in the fork, seen by GitHub as the head of a pull request. */
  async function propose(
    files: Readonly<Record<string, string>>,
    title: string,
  ): Promise<{ head: string; base: string; number: number }> {
    const base = git(remote, 'rev-parse', 'refs/heads/main');
    git(owner, 'checkout', '--quiet', '-B', 'fork', base);
    for (const [path, text] of Object.entries(files)) write(path, text);
    git(owner, 'add', '--all');
    git(owner, 'commit', '--quiet', '--message', title);
    const head = git(owner, 'rev-parse', 'HEAD');
    git(owner, 'push', '--quiet', '--force', 'origin', 'fork:refs/pull/1/head');
    git(owner, 'checkout', '--quiet', 'main');
    const branch = `fork-${repository.nextNumber}`;
    commitFiles(github.world, repository, branch, {});
    const { number } = await createPullRequest(
      await connect({ GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'acme/mail', GITHUB_TOKEN: 'person' }),
      { title, body: HOSTILE, branch, base: 'main' },
    );
    // GitHub's own view of the branch: the commit that was pushed.
    const tip = repository.objects.get(repository.refs.get(`refs/heads/${branch}`) ?? '');
    const pull = repository.pulls.get(number);
    assert.ok(tip !== undefined && pull !== undefined);
    repository.objects.set(head, tip);
    repository.refs.set(`refs/heads/${branch}`, head);
    pull.head_sha = head;
    return { head, base, number };
  }

  const checked = ({ head, base }: { head: string; base: string }, title: string) =>
    run('pull-request', '2026-12-05T10:00:00Z', {
      event: 'pull_request',
      fromFork: true,
      sha: head,
      payload: { pull_request: { head: { sha: head }, base: { sha: base }, title, body: HOSTILE } },
    });
  const commented = (head: string, id: string) =>
    run('comment', '2026-12-05T10:05:00Z', {
      event: 'workflow_run',
      payload: { workflow_run: { event: 'pull_request', head_sha: head, id } },
    });
  const comments = (number: number) => repository.pulls.get(number)?.comments ?? [];
  const isPwned = () => globSync(`${folder}/**/PWNED`).length > 0 || existsSync('PWNED');

  test('its file names, domains and title run nothing; its plan is one harmless comment', async () => {
    const proposal = await propose(
      { [`domains/${DOMAIN}.yaml`]: `mode: testing\nmx: [mx1.${DOMAIN}, mx2.${DOMAIN}]\ndns: main\n` },
      HOSTILE,
    );
    const plan = await checked(proposal, HOSTILE);
    assert.doesNotMatch(plan.log, new RegExp(named.tsig.secret.replaceAll(/[+/]/g, '\\$&')));
    const comment = await commented(proposal.head, plan.id);
    assertGreen(comment);
    assert.equal(comments(proposal.number).length, 1, `${plan.log}\n${comment.log}`);
    assert.match(comments(proposal.number)[0]?.body ?? '', /mx2/);
    assert.equal(isPwned(), false);
  });

  test('files that are named as commands are refused by name, and nothing is posted', async () => {
    const proposal = await propose(
      { [`domains/${HOSTILE.replaceAll('/', '_')}.yaml`]: 'mode: enforce\nmx: [x]\n' },
      'harmless',
    );
    const plan = await checked(proposal, 'harmless');
    assert.equal(plan.jobs['plan']?.result, 'failure');
    const comment = await commented(proposal.head, plan.id);
    assertGreen(comment);
    assert.equal(comments(proposal.number).length, 0);
    assert.equal(isPwned(), false);
  });

  test('an artifact that lies is worded by our own code, at the pull request that GitHub names', async () => {
    const proposal = await propose(
      { [`domains/${DOMAIN}.yaml`]: `mode: testing\nmx: [mx1.${DOMAIN}, mx3.${DOMAIN}]\ndns: main\n` },
      'lies',
    );
    const honest = await checked(proposal, 'lies');
    const file = join(folder, 'artifacts', honest.id, 'plan', 'plan.json');
    const lied = readFileSync(file, 'utf8').replaceAll(`mx3.${DOMAIN}`, '@everyone <script>alert(1)</script>');
    writeFileSync(file, lied);
    await commented(proposal.head, honest.id);
    const body = comments(proposal.number)[0]?.body ?? '';
    assert.doesNotMatch(body.replaceAll(/(`+)[\s\S]*?\1/g, ''), /@everyone|<script/);
    // Another commit than the one that GitHub says was run: nobody's pull request.
    await commented('f'.repeat(40), honest.id);
    assert.equal(comments(proposal.number).length, 1);
    writeFileSync(file, 'not JSON at all');
    const broken = await commented(proposal.head, honest.id);
    assert.equal(broken.jobs['comment']?.result, 'failure');
  });

  test('its run has no secrets and cannot push, whatever its own workflow file says', async () => {
    const text = readFileSync(join(TEMPLATE, '.github/workflows/pull-request.yml'), 'utf8')
      .replace('contents: read', 'contents: write')
      .replace('npx postern check', 'npx postern data save')
      .replace('env:\n', `env:\n          STOLEN: \${{ secrets.POSTERN_TSIG_SECRET }}\n`);
    const proposal = await propose({ '.github/workflows/pull-request.yml': text }, 'greedy');
    const before = git(remote, 'for-each-ref');
    const made = await checked(proposal, 'greedy');
    assert.ok(!made.log.includes(named.tsig.secret));
    assert.equal(git(remote, 'for-each-ref'), before);
  });
});
