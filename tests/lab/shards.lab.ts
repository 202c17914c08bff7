import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { shardOf } from '#scripts/core/shard.ts';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';
import { type FakeGitHub, startFakeGitHub } from '../fakes/github/server.ts';
import { addAccount, addRepository, commitFiles, type FakeRepository } from '../fakes/github/world.ts';
import { actionsWorld } from './actions-world.ts';
import { makeOwner, TEMPLATE, withoutExamples } from './owner-repository.ts';
import { git, type RunnerWorld, runWorkflow, type WorkflowRun } from './workflow-runner.ts';

/**
 * A fleet in three parts: the hourly and the daily workflow with POSTERN_SHARDS, from the first probe to the site that is
 * deployed, which is to the byte the one that a single job would have built.
 */

const SHARDS = '["1/3","2/3","3/3"]';
const DOMAINS = Array.from({ length: 7 }, (_, index) => `d${index}.example`);
const zone: ZoneEntry[] = DOMAINS.flatMap((domain): ZoneEntry[] => [
  { name: domain, type: 'NS', data: `ns.${domain}` },
  { name: `ns.${domain}`, type: 'A', data: '127.0.0.1' },
  { name: domain, type: 'MX', data: { preference: 10, exchange: `mx1.${domain}` } },
  { name: `mx1.${domain}`, type: 'A', data: '127.0.0.2' },
]);
const folder = mkdtempSync(join(tmpdir(), 'postern-shards-'));
const { remote, owner } = makeOwner(folder, withoutExamples);

let github: FakeGitHub;
let repository: FakeRepository;
let world: RunnerWorld;
let dns: Awaited<ReturnType<typeof startFakeDns>>;
let deployed: string | null = null;

before(async () => {
  dns = await startFakeDns((asked) => respondFrom(zone, { aa: true })(asked));
  github = await startFakeGitHub({ now: '2026-11-26T05:00:00Z' });
  addAccount(github.world, 'github-actions[bot]', 'Bot');
  repository = addRepository(github.world, 'acme', 'mail');
  repository.pages = {
    ...{ cname: null, https_enforced: true, build_type: 'workflow', branch: 'main', certificate: null },
    ...{ builds: [], healthAsked: false },
    health: { dns_resolves: true, is_valid: true, caa_error: null, https_error: null },
  };
  const vars = { POSTERN_SHARDS: SHARDS };
  world = { ...actionsWorld(github, { remote, folder }), vars, onDeploy: (site) => (deployed = site) };
  const settings = `organisation: Shards
reporting: { rua: [mailto:tls@reports.example] }
mailbox: { folder: inbox }
site: { url: "https://acme.github.io/mail", visibility: public }
network: { resolver: "${dns.url}", dns_port: ${dns.port}, https_port: 9, smtp_port: 9, allow_private: true, second_look: 0 }
`;
  writeFileSync(join(owner, 'domains/_settings.yaml'), settings);
  for (const domain of DOMAINS)
    writeFileSync(join(owner, `domains/${domain}.yaml`), `mode: testing\nmx: [mx1.${domain}]\n`);
  mkdirSync(join(owner, 'inbox'));
  writeFileSync(join(owner, 'inbox/.gitkeep'), '');
  git(owner, 'add', '--all');
  git(owner, 'commit', '--quiet', '--message', 'a fleet');
  git(owner, 'push', '--quiet', 'origin', 'main');
  const files = git(owner, 'ls-files', 'domains').split('\n');
  const texts = Object.fromEntries(files.map((path) => [path, readFileSync(join(owner, path), 'utf8')]));
  commitFiles(github.world, repository, 'main', texts);
});
after(async () => {
  await dns.close();
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, at: string, options: Parameters<typeof runWorkflow>[2]): Promise<WorkflowRun> {
  github.world.now = at;
  return runWorkflow({ ...world, environment: { GITHUB_API_URL: github.url, POSTERN_NOW: at } }, name, options);
}

function filesOf(site: string): ReadonlyMap<string, string> {
  const files = readdirSync(site, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(site, path), readFileSync(path).toString('base64')]));
}

suite('a fleet in three parts', { timeout: 600_000 }, () => {
  test('the parts are of different size, and none is empty', () => {
    assert.deepEqual(new Set(DOMAINS.map((domain) => shardOf(domain, 3))), new Set([1, 2, 3]));
  });

  test('every domain is probed once, judged once, and stands in the branch', async () => {
    const { jobs, log } = await run('hourly', '2026-11-26T05:17:00Z', { event: 'schedule' });
    assert.equal(jobs['probe']?.result, 'success', log);
    assert.equal(jobs['alert']?.result, 'success', log);
    assert.equal(log.match(/^--- hourly \w+: npx postern alert: success/gm)?.length, 1, log);
    const checkout = join(folder, 'data-branch');
    git(folder, 'clone', '--quiet', '--branch', 'data', remote, checkout);
    const checkpoint = JSON.parse(readFileSync(join(checkout, 'checkpoint.json'), 'utf8'));
    assert.deepEqual(Object.keys(checkpoint.tasks).sort(), ['alert', 'probe']);
    const asked = ['status', '--json', '--root', owner, '--data', checkout, '--now', '2026-11-26T05:20:00Z'];
    const { stdout } = spawnSync(process.execPath, [join(TEMPLATE, 'scripts/postern.ts'), ...asked], {
      encoding: 'utf8',
    });
    for (const domain of DOMAINS) assert.ok(stdout.includes(domain), stdout);
  });

  test('the site that is deployed is the one that a single job would have built', async () => {
    const at = '2026-11-26T05:41:00Z';
    const { jobs, log } = await run('daily', at, { event: 'schedule' });
    for (const job of ['daily', 'build', 'join', 'deploy'])
      assert.equal(jobs[job]?.result, 'success', `${job}\n${log}`);
    assert.equal(log.match(/npx postern build reports --shard/g)?.length, 3, log);
    assert.ok(deployed !== null);
    const data = join(folder, 'data-after');
    git(folder, 'clone', '--quiet', '--branch', 'data', remote, data);
    const whole = join(folder, 'whole');
    const checkout = join(folder, 'checkout');
    git(folder, 'clone', '--quiet', remote, checkout);
    cpSync(data, join(checkout, 'data'), { recursive: true, filter: (path) => !path.includes('/.git') });
    execFileSync(process.execPath, [
      join(TEMPLATE, 'scripts/postern.ts'),
      'build',
      'reports',
      '--root',
      checkout,
      '--out',
      whole,
      '--now',
      at,
    ]);
    assert.deepEqual(filesOf(deployed), filesOf(join(whole, 'reports')));
    for (const domain of DOMAINS) assert.ok(filesOf(deployed).has(`domains/${domain}/index.html`));
  });

  test('a part that is lost deploys nothing, and the last site stands', async () => {
    deployed = null;
    let builds = 0;
    const accident = (job: string, step: string) =>
      job === 'build' && step.includes('--shard') && ++builds === 2 ? ('kill' as const) : null;
    const { jobs } = await run('daily', '2026-11-27T05:41:00Z', { event: 'schedule', accident });
    assert.equal(jobs['build']?.result, 'failure');
    assert.equal(jobs['join']?.result, 'skipped');
    assert.equal(jobs['deploy']?.result, 'skipped');
    assert.equal(deployed, null);
  });
});
