import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSection } from '#scripts/core/checkpoint.ts';
import { createPullRequest } from '#scripts/io/github/pull-requests.ts';
import { updateCheckpoint } from '#scripts/tasks/checkpoint.ts';
import { saveData } from '#scripts/tasks/data-branch.ts';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';
import { type FakeGitHub, startFakeGitHub } from '../fakes/github/server.ts';
import { addAccount, addRepository, commitFiles } from '../fakes/github/world.ts';
import { createPki } from '../fakes/pki.ts';
import { httpAnswer, startPolicyHost } from '../fakes/policy-host.ts';
import { startSmtpSink } from '../fakes/smtp-sink.ts';
import { connect } from '../io/github/connection.ts';
import { composeMail, newSigner, policyJson, reportJson, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { actionsWorld } from '../lab/actions-world.ts';
import { makeOwner, withoutExamples } from '../lab/owner-repository.ts';
import { git, type RunnerWorld, type RunOptions } from '../lab/workflow-runner.ts';
import { ledgerEvents } from '../site/observed-world.ts';
import { storeWorld } from '../site/stored-world.ts';
import { domainConfig, WORLD_NOW } from '../site/world.ts';

const REPORTERS = 6;

/** A fleet with ninety days behind it, in a repository at a GitHub of its own. */
export interface CostWorld {
  readonly runner: RunnerWorld;
  readonly github: FakeGitHub;
  readonly setClock: (at: string) => void;
  /** A pull request that changes one domain, and what its run and the one after it are started with. */
  readonly propose: () => Promise<{
    readonly options: Partial<RunOptions>;
    readonly completed: (id: string) => Partial<RunOptions>;
    readonly merge: () => void;
  }>;
  readonly close: () => Promise<void>;
}

export async function startCostWorld(domains: number): Promise<CostWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-costs-'));
  const { remote, owner } = makeOwner(folder, withoutExamples);
  const configs = Array.from({ length: domains }, (_, index) => domainConfig(index));
  const bodies = new Map<string, ReturnType<typeof ledgerEvents>>(
    configs.map((config) => [`mta-sts.${config.domain}`, ledgerEvents(config)]),
  );
  const pki = createPki(Date.parse(WORLD_NOW));
  const authority = pki.certificate({ name: 'Costs root', ca: true, from: -400, to: 400 });
  const leaf = pki.certificate({ name: 'host', dns: [...bodies.keys()], issuer: authority, from: -30, to: 60 });
  const dns = await startFakeDns(
    respondFrom(
      configs.flatMap((config) => zone(config.domain)),
      { ad: true, aa: true },
    ),
  );
  const policyHost = await startPolicyHost({
    chain: [leaf],
    answer: (socket) => {
      const host = /^host: ([^:\r]+)/im.exec(policyHost.requests.at(-1)?.head ?? '')?.[1] ?? '';
      const minted = bodies.get(host)?.findLast((event) => event.event === 'minted');
      const body = minted?.event === 'minted' ? minted.body : '';
      socket.end(httpAnswer(200, { 'Content-Type': 'text/plain' }, body));
    },
  });
  const sink = await startSmtpSink();
  const closed = await startClosedPort();
  const github = await startFakeGitHub({ now: WORLD_NOW });
  addAccount(github.world, 'github-actions[bot]', 'Bot');
  addAccount(github.world, 'robot', 'User');
  github.world.tokens.set('person', { kind: 'person', login: 'robot' });
  const repository = addRepository(github.world, 'acme', 'mail');

  const network = `{ resolver: "${dns.url}", dns_port: ${dns.port}, https_port: ${policyHost.port}, smtp_port: ${closed.port}, allow_private: true, ca_file: ca.pem, dkim_keys: keys.txt, control: [${configs[0]?.mx[0]}] }`;
  const settings = `organisation: Costs\nreporting: { rua: ["mailto:tls-reports@organisation.example"] }\nsite: { redact: true }\nmailbox: { folder: mail }\nnetwork: ${network}\ndigest: { from: postern@organisation.example, to: [ops@organisation.example], smtp: { host: 127.0.0.1, port: ${sink.port} } }\n`;
  await storeWorld(owner, { domains, settings, observed: true });
  // Nothing is open yet: the first run opens what there is, ten at a time.
  updateCheckpoint(join(owner, 'data'), (all) => withSection(all, 'alerts', undefined));
  writeFileSync(join(owner, 'ca.pem'), authority.pem);
  await writeMail(
    owner,
    configs.map(({ domain }) => domain),
  );
  const push = (message: string) => {
    git(owner, 'add', '--all', '.', ':!data');
    git(owner, 'commit', '--quiet', '--message', message);
    git(owner, 'push', '--quiet', 'origin', 'main');
  };
  push('a fleet');
  commitFiles(github.world, repository, 'main', { 'domains/_settings.yaml': settings });
  await saveData({ root: owner, data: join(owner, 'data'), now: WORLD_NOW, message: 'a quarter' });

  let environment: Record<string, string> = {};
  const runner: RunnerWorld = {
    ...actionsWorld(github, { remote, folder }),
    get environment() {
      return environment;
    },
  };
  return {
    runner,
    github,
    setClock: (at) => {
      github.world.now = at;
      environment = { GITHUB_API_URL: github.url, POSTERN_NOW: at };
    },
    propose: async () => {
      const base = git(owner, 'rev-parse', 'HEAD');
      const [first] = configs;
      if (first === undefined) throw new Error('a fleet has a domain');
      writeFileSync(
        join(owner, first.file),
        `mode: ${first.mode}\nmx: [${[...first.mx, `mx3.${first.domain}`].join(', ')}]\n`,
      );
      git(owner, 'checkout', '--quiet', '-b', 'change');
      git(owner, 'commit', '--quiet', '--all', '--message', 'one more MX host');
      const sha = git(owner, 'rev-parse', 'HEAD');
      git(owner, 'push', '--quiet', 'origin', 'change:refs/pull/1/head');
      commitFiles(github.world, repository, 'change', {});
      const asPerson = { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'acme/mail', GITHUB_TOKEN: 'person' };
      const asked = { title: 'mx3', body: '', branch: 'change', base: 'main' };
      const { number } = await createPullRequest(await connect(asPerson), asked);
      const [pull, tip] = [
        repository.pulls.get(number),
        repository.objects.get(repository.refs.get('refs/heads/change') ?? ''),
      ];
      if (pull === undefined || tip === undefined) throw new Error('the pull request was not made');
      repository.objects.set(sha, tip);
      repository.refs.set('refs/heads/change', sha);
      pull.head_sha = sha;
      const payload = { pull_request: { head: { sha }, base: { sha: base }, title: 'mx3' } };
      return {
        options: { event: 'pull_request', fromFork: true, sha, payload },
        completed: (id) => ({
          event: 'workflow_run',
          payload: { workflow_run: { event: 'pull_request', head_sha: sha, id } },
        }),
        merge: () => void git(owner, 'push', '--quiet', 'origin', `${sha}:refs/heads/main`),
      };
    },
    close: async () => {
      await Promise.all([dns.close(), policyHost.close(), sink.close()]);
      closed.stop();
      await github.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything a probe asks about one domain; each name stands on this machine. */
function zone(domain: string): readonly ZoneEntry[] {
  const index = Number(domain.slice(1, 6));
  const announced = ledgerEvents(domainConfig(index)).at(-1);
  const text = (name: string, data: string): ZoneEntry => ({ name, type: 'TXT', data: [data] });
  const at = (host: string, data: string): ZoneEntry => ({ name: `${host}.${domain}`, type: 'A', data });
  // Each MX host has an address of its own: at one address a probe waits for its turn, ten seconds each.
  const mxAddress = (host: number): string => `127.${host}.${Math.floor(index / 250)}.${1 + (index % 250)}`;
  const soa = {
    mname: `ns.${domain}`,
    rname: `host.${domain}`,
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 60,
  };
  return [
    { name: domain, type: 'SOA', data: soa },
    { name: domain, type: 'NS', data: `ns.${domain}` },
    ...['mx1', 'mx2', 'mx3']
      .map((host, index) => ({
        name: domain,
        type: 'MX',
        data: { preference: (index + 1) * 10, exchange: `${host}.${domain}` },
      }))
      .slice(0, 2),
    ...['ns', 'mta-sts'].map((host) => at(host, '127.0.0.1')),
    ...[1, 2, 3].map((host) => at(`mx${host}`, mxAddress(host))),
    text(`_mta-sts.${domain}`, `v=STSv1; id=${announced?.id}`),
    text(`_smtp._tls.${domain}`, 'v=TLSRPTv1; rua=mailto:tls-reports@organisation.example'),
  ];
}

/** The mail of one day, each report signed. */
async function writeMail(owner: string, domains: readonly string[]): Promise<void> {
  const day = '2026-11-21';
  const folder = join(owner, 'mail');
  mkdirSync(folder);
  const signers = Array.from({ length: REPORTERS }, (_, index) => newSigner(`reporter${index}.example`));
  writeFileSync(
    join(owner, 'keys.txt'),
    signers.map(({ name, record }) => `${name}. 300 IN TXT "${record}"\n`).join(''),
  );
  for (const [index, signer] of signers.entries())
    for (const domain of domains) {
      const json = reportJson({
        'organization-name': `Reporter ${index}`,
        'report-id': `${day}_${domain}_${index}`,
        'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
        policies: [policyJson(domain)],
      });
      writeFileSync(
        join(folder, `${domain}-${index}.eml`),
        await signMail(composeMail({ parts: [tlsrptPart(json)] }), signer),
      );
    }
}

/**
 * A port that does not answer, on every address of the loopback, as where port 25 is blocked: a stopped process with a full
 * queue, to which the kernel lets no further connection through.
 */
async function startClosedPort(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const program = `const s = require('node:net').createServer(); s.listen({ port: 0, host: '0.0.0.0', backlog: 1 }, () => console.log(s.address().port))`;
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => child.stdout?.once('data', (text) => resolve(Number(text))));
  child.kill('SIGSTOP');
  const waiting: Socket[] = Array.from({ length: 4 }, () => dial(port, '127.0.0.1').on('error', () => {}));
  return {
    port,
    stop: () => {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
