import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';
import { type FakeGitHub, startFakeGitHub } from '../fakes/github/server.ts';
import { addAccount, addRepository, commitFiles, type FakeRepository } from '../fakes/github/world.ts';
import { actionsWorld } from './actions-world.ts';
import { makeOwner, TEMPLATE } from './owner-repository.ts';
import { git, type RunnerWorld, runWorkflow, type WorkflowRun } from './workflow-runner.ts';

/**
 * What the workflows do before anybody has done anything: in the copy that "Use this template" makes, with one commit, no data
 * branch, no secrets, no Pages site, and examples; and then in an owner's repository with nothing but `init` behind it.
 */

const DOMAIN = 'first.example';
const NOW = '2026-11-26T05:41:00Z';
const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: TEMPLATE })
  .map((path) => basename(path, '.yml'))
  .filter((name) => name !== 'comment' && name !== 'pull-request');
const zone: ZoneEntry[] = [
  { name: DOMAIN, type: 'NS', data: `ns.${DOMAIN}` },
  { name: `ns.${DOMAIN}`, type: 'A', data: '127.0.0.1' },
  { name: DOMAIN, type: 'MX', data: { preference: 10, exchange: `mx1.${DOMAIN}` } },
  { name: `mx1.${DOMAIN}`, type: 'A', data: '127.0.0.2' },
];
const folder = mkdtempSync(join(tmpdir(), 'postern-first-runs-'));
const { remote, owner } = makeOwner(folder);

let github: FakeGitHub;
let repository: FakeRepository;
let world: RunnerWorld;
let dns: Awaited<ReturnType<typeof startFakeDns>>;

before(async () => {
  dns = await startFakeDns((asked) => respondFrom(zone, { aa: true })(asked));
  github = await startFakeGitHub({ now: NOW });
  addAccount(github.world, 'github-actions[bot]', 'Bot');
  repository = addRepository(github.world, 'acme', 'mail');
  world = actionsWorld(github, { remote, folder });
  push('Initial commit');
});

after(async () => {
  await dns.close();
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

function push(message: string): void {
  git(owner, 'add', '--all');
  git(owner, 'commit', '--quiet', '--message', message);
  git(owner, 'push', '--quiet', 'origin', 'main');
  const files = git(owner, 'ls-files', 'domains').split('\n');
  commitFiles(
    github.world,
    repository,
    'main',
    Object.fromEntries(files.map((path) => [path, readFileSync(join(owner, path), 'utf8')])),
  );
}

async function run(name: string, at: string): Promise<WorkflowRun> {
  github.world.now = at;
  const environment = { GITHUB_API_URL: github.url, POSTERN_NOW: at };
  const event = name === 'publish' || name === 'tests' ? 'push' : 'schedule';
  const payload = { repository: { is_template: false } };
  const made = await runWorkflow({ ...world, environment }, name, { event, payload });
  for (const [job, { result }] of Object.entries(made.jobs)) assert.notEqual(result, 'failure', `${job}\n${made.log}`);
  return made;
}

const titles = () => [...repository.issues.values()].map(({ title }) => title);
const branches = () => git(remote, 'for-each-ref', '--format=%(refname:short)').split('\n');

suite('a copy of the template', { timeout: 600_000 }, () => {
  for (const name of WORKFLOWS)
    test(`${name}: green, keeps nothing of the examples, and says what to do`, async () => {
      const { log } = await run(name, NOW);
      const works = !['tests', 'upgrade'].includes(name);
      assert.equal(/npx postern init makes the repository yours/.test(log), works, log);
      assert.deepEqual(branches(), ['main']);
      assert.equal(repository.releases.length, 0);
    });

  test('of all issues there is the one that says what is left to do', () => {
    assert.deepEqual(titles(), ['Set up Postern']);
    const body = [...repository.issues.values()][0]?.body ?? '';
    assert.match(body, /- \[ \] The examples are removed.*npx postern init/s);
  });
});

suite('with nothing but init', { timeout: 600_000 }, () => {
  test('init writes the settings, and everything after it is green', async () => {
    execFileSync(
      process.execPath,
      [join(TEMPLATE, 'scripts/postern.ts'), 'init', '--organisation', 'First', '--root', owner, '--now', NOW],
      { env: { PATH: process.env['PATH'] ?? '' } },
    );
    const settings = join(owner, 'domains/_settings.yaml');
    const network = `network: { resolver: "${dns.url}", dns_port: ${dns.port}, https_port: 9, smtp_port: 9, allow_private: true, second_look: 0, control: [mx1.${DOMAIN}] }\n`;
    writeFileSync(settings, readFileSync(settings, 'utf8') + network);
    writeFileSync(join(owner, `domains/${DOMAIN}.yaml`), `mode: testing\nmx: [mx1.${DOMAIN}]\n`);
    push('our own');
    for (const [index, name] of WORKFLOWS.entries()) {
      const { log, jobs } = await run(name, `2026-11-26T${String(6 + index).padStart(2, '0')}:17:00Z`);
      assert.doesNotMatch(log, /makes the repository yours/);
      if (name !== 'daily') continue;
      assert.equal(jobs['deploy']?.result, 'skipped');
      assert.match(log, /no Pages site.*Settings → Pages → Source: GitHub Actions/s);
    }
    assert.deepEqual(branches(), ['data', 'main']);
  });
});
