import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { PUBLISH_COMMAND } from '#scripts/cli/commands/publish.ts';
import type { Instant } from '#scripts/core/clock.ts';
import { mayDeploy } from '#scripts/core/config/site-deployment.ts';
import type { PublishResult } from '#scripts/core/publish/publish-result.ts';
import { loadConfiguration } from '#scripts/tasks/load-configuration.ts';
import { usableSettings } from '#scripts/tasks/usable-settings.ts';
import { commitFiles, type FakeRepository } from '../../fakes/github/world.ts';
import { events } from './publish-traces.ts';
import { NOW, openLab, type PublishLab } from './publish-world.ts';

/** One policy host as the Pages site of this repository, from the command to the id, as the publish workflow runs it. */

const DOMAIN = 'example.com';
const HOST = `mta-sts.${DOMAIN}`;
const labs: PublishLab[] = [];
after(async () => {
  for (const lab of labs) await lab.close();
});

async function openHere(): Promise<PublishLab> {
  const one = await openLab([DOMAIN], { app: true });
  labs.push(one);
  commitFiles(one.github.world, here(one), 'main', { 'README.md': 'mail\n' });
  const path = join(one.root, 'domains', '_settings.yaml');
  const text = readFileSync(path, 'utf8').replace(/^hosting: .*$/m, 'hosting: { here: { kind: pages-here } }');
  writeFileSync(path, text);
  one.write({ [`${DOMAIN}.yaml`]: 'mode: testing\nmx: [mx1.example.com]\nhosting: here\ndns: people\n' });
  return one;
}

/** `npx postern publish` in the workflow: its result, and whether a job deploys what it wrote. */
async function published(one: PublishLab, now: string, environment = one.environment) {
  one.github.world.now = now;
  const outcome = await PUBLISH_COMMAND.run({
    root: one.root,
    data: one.data,
    now: now as Instant,
    operands: [],
    options: {},
    environment,
    dry_run: false,
    progress: () => {},
  } as never);
  return { ...(outcome.json as PublishResult), exit: outcome.exit, deploys: outcome.outputs?.['deploy'] };
}

const here = (one: PublishLab): FakeRepository => one.github.world.repositories.get('acme/mail') as FakeRepository;

/** What actions/deploy-pages does with the folder. */
function deploy(one: PublishLab): void {
  const folder = join(one.root, 'dist', 'policy-host');
  const file = '.well-known/mta-sts.txt';
  commitFiles(one.github.world, here(one), 'main', { [file]: readFileSync(join(folder, file), 'utf8') });
}

const set = (one: PublishLab, name: string, type: 'TXT' | 'CNAME', data: string) => {
  one.zone.push({ name, type, data });
};

suite('pages-here', () => {
  test('claimed, deployed, verified, announced; the reports site stays away', async () => {
    const one = await openHere();
    const first = await published(one, NOW);
    assert.deepEqual([first.exit, first.deploys, first.failed], [0, 'true', []]);
    assert.deepEqual([here(one).pages?.build_type, here(one).pages?.cname], ['workflow', HOST]);
    assert.ok(first.waiting.some((waiting) => waiting.for.includes(`${HOST}. 3600 IN CNAME acme.github.io.`)));
    assert.ok(!first.waiting.some((waiting) => waiting.for.includes('_mta-sts')), 'no id before the bytes are seen');
    deploy(one);

    set(one, HOST, 'CNAME', 'acme.github.io');
    set(one, `_smtp._tls.${DOMAIN}`, 'TXT', 'v=TLSRPTv1; rua=mailto:tls@example.com');
    one.issueCertificates();
    const second = await published(one, '2026-11-21T07:00:00Z');
    assert.deepEqual(
      second.waiting.map((waiting) => waiting.for),
      [`a person to set in DNS: _mta-sts.${DOMAIN}. 300 IN TXT "v=STSv1; id=20261121060000"`],
    );
    assert.equal(here(one).pages?.https_enforced, true);
    set(one, `_mta-sts.${DOMAIN}`, 'TXT', 'v=STSv1; id=20261121060000');
    assert.deepEqual((await published(one, '2026-11-21T08:00:00Z')).done, [DOMAIN]);
    assert.deepEqual(
      events(one).map(({ event }) => event),
      ['minted', 'served', 'announced'],
    );

    const calls = one.github.requests.length;
    rmSync(join(one.root, 'dist'), { recursive: true });
    const after = await published(one, '2026-11-21T09:00:00Z');
    assert.deepEqual([after.done, after.waiting, after.deploys], [[], [], 'false'], 'nothing to deploy again');
    assert.equal(one.github.requests.length, calls);
    assert.equal(mayDeploy(usableSettings(await loadConfiguration(one.root))), false);
  });

  test('with the workflow’s token a person is told what to press, and the folder is there to be deployed', async () => {
    const one = await openHere();
    const permissions = { pages: 'write', contents: 'write', metadata: 'read' } as const;
    one.github.world.tokens.set('workflow', { kind: 'actions', repository: 'acme/mail', permissions });
    const { GITHUB_API_URL = '', GITHUB_REPOSITORY = '' } = one.environment;
    const environment = { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN: 'workflow' };
    const { waiting, failed } = await published(one, NOW, environment);
    assert.deepEqual(failed, []);
    assert.match(waiting[0]?.for ?? '', /^a person: Settings → Pages → Source "GitHub Actions", Custom domain mta-sts/);
    assert.ok(existsSync(join(one.root, 'dist', 'policy-host', '.well-known', 'mta-sts.txt')));
    here(one).pages = {
      ...{ cname: HOST, https_enforced: false, build_type: 'workflow', branch: 'main', certificate: 'new' },
      ...{ builds: [], healthAsked: false },
      health: { dns_resolves: false, is_valid: false, caa_error: null, https_error: null },
    };
    const second = await published(one, '2026-11-21T07:00:00Z', environment);
    assert.deepEqual([second.failed, second.deploys], [[], 'true']);
    assert.ok(second.waiting.some((some) => some.for.includes('IN CNAME acme.github.io.')));
  });

  test('what was deployed was replaced by another site: deployed again, under the same id', async () => {
    const one = await openHere();
    await published(one, NOW);
    deploy(one);
    set(one, HOST, 'CNAME', 'acme.github.io');
    set(one, `_smtp._tls.${DOMAIN}`, 'TXT', 'v=TLSRPTv1; rua=mailto:tls@example.com');
    set(one, `_mta-sts.${DOMAIN}`, 'TXT', 'v=STSv1; id=20261121060000');
    one.issueCertificates();
    assert.deepEqual((await published(one, '2026-11-21T07:00:00Z')).done, [DOMAIN]);
    one.stale = '<!doctype html>';
    const lost = await published(one, '2026-11-22T07:00:00Z');
    assert.deepEqual([lost.deploys, lost.failed, events(one).length], ['true', [], 3]);
    assert.match(lost.waiting[0]?.for ?? '', /to serve the published body again/);
  });
});
