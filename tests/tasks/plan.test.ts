import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { readText } from '#scripts/io/files/write-text.ts';
import { blobId } from '#scripts/io/git/repository.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { makePlan, type PlanOptions } from '#scripts/tasks/plan.ts';
import { domainName } from '../core/analysis/world.ts';
import { policy, published } from '../core/policy/ledger-events.ts';
import { codes } from '../core/policy/plan-world.ts';
import { ago, MX, NOW } from '../core/policy/promotion-world.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function makeRoot(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'postern-plan-'));
  folders.push(root);
  write(root, { '_settings.yaml': 'organisation: E\n', ...files });
  return root;
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'domains', path)), { recursive: true });
    writeFileSync(join(root, 'domains', path), text);
  }
}

function git(root: string, ...argv: readonly string[]): string {
  const who = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  return execFileSync('git', ['-C', root, ...who, ...argv], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

function commit(root: string): string {
  git(root, 'init', '-q');
  git(root, 'add', '-A');
  git(root, 'commit', '-qm', 'x');
  return git(root, 'rev-parse', 'HEAD');
}

function plan(root: string, changes: Partial<PlanOptions> = {}) {
  const options = {
    root,
    data: join(root, 'data'),
    now: NOW,
    domains: [],
    against: null,
    offline: true,
    environment: {},
    progress: () => {},
  };
  return makePlan({ ...options, ...changes });
}

const YAML = `mode: testing\nmx: [${MX.join(', ')}]\n`;

suite('plan, from files', () => {
  let root: string;
  before(() => {
    root = makeRoot({ 'example.com.yaml': YAML, 'acme/example.net.yaml': 'mode: enforce\nmx: [a.example.net]\n' });
  });

  test('outside a git repository the commit is null, and nothing is written', async () => {
    const { plan: made } = await plan(root, { domains: ['example.com'] });
    assert.equal(made.commit, null);
    assert.equal(made.domains[0]?.version?.commit, null);
    assert.deepEqual(codes(made.domains[0] ?? assert.fail()), []);
    assert.equal(readText(join(root, 'data', 'policies', 'example.com.jsonl')), null);
  });

  test('another commit: what changed, what was deleted, what stayed', async () => {
    const first = commit(root);
    write(root, { 'example.com.yaml': YAML.replace('mx2', 'mx3') });
    rmSync(join(root, 'domains', 'acme', 'example.net.yaml'));
    write(root, { 'new.example.yaml': 'mode: testing\nmx: [a.example]\n' });
    const { plan: made } = await plan(root, { against: first.slice(0, 10) });
    assert.deepEqual(
      made.domains.map(({ domain, state, target, triggers, refusals }) => [
        domain,
        state,
        target,
        triggers.join(),
        refusals.map(({ code }) => code).join(),
      ]),
      [
        ['example.com', 'testing', 'testing', 'mx,certificate-name', ''],
        ['example.net', 'enforce', 'removed', '', 'retire-first'],
        ['new.example', 'absent', 'testing', 'scope', ''],
      ],
    );
    assert.equal(made.against, first);
  });

  test('a change of the settings alone makes new versions of nobody, of the reports record of all', async () => {
    git(root, 'checkout', '-q', '--', 'domains');
    rmSync(join(root, 'domains', 'new.example.yaml'));
    write(root, { '_settings.yaml': 'organisation: E\nreporting: { rua: [mailto:t@reports.example] }\n' });
    const { plan: made } = await plan(root, { against: 'HEAD' });
    assert.deepEqual(
      made.domains.map(({ version }) => version),
      [null, null],
    );
  });

  test('a commit nobody has, and one that looks like an option', async () => {
    for (const against of ['no-such-branch', '--output=/tmp/x', '']) {
      await assert.rejects(plan(root, { against }), { code: 'commit-unknown', exit: 2 });
    }
  });

  for (const [title, delegation, where] of [
    ['in the zone of the domain', '', '_mta-sts.example.com'],
    ['delegated into ours', 'delegation: cname\n', '_mta-sts.example.com.keep.example'],
  ] as const)
    test(`a domain whose file is gone, ${title}: planned from its ledger, by its last configuration in history`, async () => {
      const gone = makeRoot({
        '_settings.yaml':
          'organisation: E\nhosting: { fleet: { kind: pages-fleet, owner: acme } }\ndns: { ours: { kind: desec } }\ndelegation_zone: keep.example\n',
        'acme/example.com.yaml': `${YAML}retire: true\nhosting: fleet\ndns: ours\n${delegation}`,
      });
      commit(gone);
      rmSync(join(gone, 'domains', 'acme', 'example.com.yaml'));
      const enforce = published(ago(30), policy('enforce', ...MX));
      appendLedger(join(gone, 'data'), domainName('example.com'), [
        ...enforce,
        ...published(ago(9), policy('none', ...MX), enforce),
      ]);
      const planned = async () =>
        (await plan(gone)).plan.domains.map(({ domain, state, target, dns, refusals }) => [
          domain,
          state,
          target,
          dns.map(({ name, after: to, by }) => [name, to, by]),
          refusals,
        ]);
      const expected = [['example.com', 'retiring', 'removed', [[where, null, 'us']], []]];
      assert.deepEqual(await planned(), expected, 'deleted, and not committed yet');
      git(gone, 'commit', '-qam', 'gone');
      assert.deepEqual(await planned(), expected, 'deleted in the newest commit');
      git(gone, 'commit', '-q', '--allow-empty', '-m', 'later');
      assert.deepEqual(await planned(), expected, 'deleted before');
    });

  test('a file with errors refuses its domain and lets the others be planned', async () => {
    const bad = makeRoot({ 'example.com.yaml': YAML, 'example.net.yaml': 'mode: strict\n' });
    const { plan: made, problems } = await plan(bad);
    assert.deepEqual(
      made.domains.map((one) => [one.domain, codes(one)]),
      [
        ['example.com', []],
        ['example.net', made.domains[1]?.refusals.map(({ code }) => code)],
      ],
    );
    assert.ok(codes(made.domains[1] ?? assert.fail()).every((code) => code === 'configuration') && problems.length > 0);
  });

  test('an unknown domain says what to do', async () => {
    await assert.rejects(plan(root, { domains: ['exampel.com'] }), {
      code: 'domain-unknown',
      hint: 'Did you mean example.com?',
    });
  });

  test('a resolver that is not there: the plan stands, and says what is not known', async () => {
    const dark = makeRoot({
      '_settings.yaml': 'organisation: E\nnetwork: { resolver: "udp://127.0.0.1:1", allow_private: true }\n',
      'example.com.yaml': YAML,
    });
    const { plan: made } = await plan(dark, { offline: false });
    const [one] = made.domains;
    assert.deepEqual(
      one?.facts.map(({ state }) => state),
      ['unknown', 'unknown', 'unknown', 'unknown'],
    );
    assert.deepEqual([one?.refusals, one?.version?.mode], [[], 'testing']);
  });

  test('git’s own name for a content', () => {
    assert.equal(blobId(new TextEncoder().encode('')), 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  });
});
