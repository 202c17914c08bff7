import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';
import { type FakeGitHub, startFakeGitHub } from '../fakes/github/server.ts';
import { addAccount, addRepository, commitFiles } from '../fakes/github/world.ts';
import { createPki } from '../fakes/pki.ts';
import { httpAnswer, startPolicyHost } from '../fakes/policy-host.ts';
import { actionsWorld } from './actions-world.ts';
import { makeOwner, withoutExamples } from './owner-repository.ts';
import { git, type RunnerWorld, runWorkflow, type WorkflowRun } from './workflow-runner.ts';

/**
 * One policy host as the Pages site of this repository, by the workflows alone and with GitHub's own token: deployed,
 * announced, lost to another site, and put back by the hourly run without anybody.
 */

const DOMAIN = 'example.com';
const HOST = `mta-sts.${DOMAIN}`;
const NOW = '2026-11-02T08:00:00Z';
const folder = mkdtempSync(join(tmpdir(), 'postern-pages-here-'));
const { remote, owner } = makeOwner(folder, withoutExamples);
const zone: ZoneEntry[] = [
  { name: DOMAIN, type: 'NS', data: `ns.${DOMAIN}` },
  { name: `ns.${DOMAIN}`, type: 'A', data: '127.0.0.1' },
  { name: DOMAIN, type: 'MX', data: { preference: 10, exchange: `mx1.${DOMAIN}` } },
  { name: `mx1.${DOMAIN}`, type: 'A', data: '127.0.0.2' },
  { name: 'acme.github.io', type: 'A', data: '127.0.0.1' },
  { name: HOST, type: 'CNAME', data: 'acme.github.io' },
  { name: `_smtp._tls.${DOMAIN}`, type: 'TXT', data: 'v=TLSRPTv1; rua=mailto:tls@organisation.example' },
];

let github: FakeGitHub;
let world: RunnerWorld;
/** What the Pages site answers. */
let served: string | null = null;
const closing: (() => Promise<void>)[] = [];

before(async () => {
  const pki = createPki(Date.parse(NOW));
  const authority = pki.certificate({ name: 'Lab root', ca: true, from: -400, to: 400 });
  const leaf = pki.certificate({ name: 'host', dns: [HOST], issuer: authority, from: -400, to: 400 });
  const dns = await startFakeDns((asked) => respondFrom(zone, { aa: true })(asked));
  const host = await startPolicyHost({
    chain: [leaf],
    answer: (socket) =>
      void socket.end(httpAnswer(served === null ? 404 : 200, { 'Content-Type': 'text/plain' }, served ?? '')),
  });
  github = await startFakeGitHub({ now: NOW });
  closing.push(dns.close, host.close, github.close);
  addAccount(github.world, 'github-actions[bot]', 'Bot');
  const repository = addRepository(github.world, 'acme', 'mail');
  // Pressed by a person, once: Settings → Pages.
  repository.pages = {
    ...{ cname: HOST, https_enforced: true, build_type: 'workflow', branch: 'main', certificate: 'approved' },
    ...{ builds: [], healthAsked: false },
    health: { dns_resolves: true, is_valid: true, caa_error: null, https_error: null },
  };
  const network = `{ resolver: "${dns.url}", dns_port: ${dns.port}, https_port: ${host.port}, smtp_port: 9, allow_private: true, ca_file: ca.pem, second_look: 0, control: [mx1.${DOMAIN}] }`;
  const files = {
    'ca.pem': authority.pem,
    'domains/_settings.yaml': `organisation: Lab\nreporting: { rua: ["mailto:tls@organisation.example"] }\nhosting: { here: { kind: pages-here } }\nnetwork: ${network}\n`,
    [`domains/${DOMAIN}.yaml`]: `mode: testing\nmx: [mx1.${DOMAIN}]\nhosting: here\n`,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(owner, path), text);
  git(owner, 'add', '--all');
  git(owner, 'commit', '--quiet', '--message', 'our own');
  git(owner, 'push', '--quiet', 'origin', 'main');
  commitFiles(github.world, repository, 'main', files);
  world = {
    ...actionsWorld(github, { remote, folder }),
    onDeploy: (site) => {
      served = readFileSync(join(site, '.well-known', 'mta-sts.txt'), 'utf8');
    },
  };
});

after(async () => {
  await Promise.all(closing.map((close) => close()));
  rmSync(folder, { recursive: true, force: true });
});

async function run(workflow: string, at: string): Promise<Readonly<Record<string, string>>> {
  github.world.now = at;
  const environment = { GITHUB_API_URL: github.url, POSTERN_NOW: at };
  const made: WorkflowRun = await runWorkflow({ ...world, environment }, workflow, { event: 'schedule' });
  const results = Object.entries(made.jobs).map(([job, { result }]) => [job, result] as const);
  for (const [job, result] of results) assert.notEqual(result, 'failure', `${job}\n${made.log}`);
  return Object.fromEntries(results);
}

const ledger = (): readonly { readonly event: string; readonly id: string }[] =>
  git(remote, 'show', `data:policies/${DOMAIN}.jsonl`)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const events = () => ledger().map(({ event }) => event);

suite('pages-here, unattended', { timeout: 300_000 }, () => {
  test('a push publishes and deploys; the id waits for a person, and the hourly run sees it', async () => {
    assert.deepEqual(await run('publish', NOW), { publish: 'success', deploy: 'success', announce: 'success' });
    assert.deepEqual(events(), ['minted', 'served']);
    zone.push({ name: `_mta-sts.${DOMAIN}`, type: 'TXT', data: `v=STSv1; id=${ledger()[0]?.id}` });
    const first = await run('hourly', '2026-11-02T09:17:00Z');
    assert.deepEqual([first['publish'], first['deploy']], ['success', 'skipped']);
    assert.deepEqual(events(), ['minted', 'served', 'announced']);
    const next = await run('hourly', '2026-11-02T10:17:00Z');
    assert.deepEqual([next['publish'], next['deploy']], ['skipped', 'skipped']);
  });

  test('lost to another site: the same hourly run deploys it again, under the same id, and the next ones find nothing to do', async () => {
    const right = served;
    served = '<!doctype html>';
    const mending = await run('hourly', '2026-11-02T11:17:00Z');
    assert.deepEqual([mending['publish'], mending['deploy']], ['success', 'success']);
    assert.equal(served, right);
    const after = await run('hourly', '2026-11-02T12:17:00Z');
    assert.deepEqual([after['publish'], after['deploy']], ['success', 'skipped']);
    const idle = await run('hourly', '2026-11-02T13:17:00Z');
    assert.deepEqual([idle['publish'], idle['deploy']], ['skipped', 'skipped']);
    assert.equal(events().length, 3);
  });
});
