import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { missingPages } from '#scripts/tasks/missing-pages.ts';
import { type FakeGitHub, startFakeGitHub } from '../fakes/github/server.ts';
import { addAccount, addRepository, type FakeRepository } from '../fakes/github/world.ts';

suite('a reports site without a place', () => {
  const data = mkdtempSync(join(tmpdir(), 'postern-pages-'));
  let github: FakeGitHub;
  let repository: FakeRepository;
  before(async () => {
    github = await startFakeGitHub({ now: '2026-11-21T06:00:00Z' });
    addAccount(github.world, 'github-actions[bot]', 'Bot');
    repository = addRepository(github.world, 'acme', 'mail');
    const token = (permissions: Readonly<Record<string, string>>) =>
      ({ kind: 'actions', repository: 'acme/mail', permissions }) as const;
    github.world.tokens.set('reads', token({ metadata: 'read', pages: 'read' }));
    github.world.tokens.set('may-not', token({ metadata: 'read' }));
  });
  after(async () => {
    await github.close();
    rmSync(data, { recursive: true, force: true });
  });
  const asked = (token: string, actions = 'true') => {
    const environment = { GITHUB_ACTIONS: actions, GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'acme/mail' };
    return missingPages({ data, environment: { ...environment, GITHUB_TOKEN: token } });
  };

  test('no Pages site: told, with where to switch it on', async () => {
    assert.match((await asked('reads')) ?? '', /no Pages site.*\n.*Settings → Pages → Source: GitHub Actions/);
  });

  test('outside Actions nobody is asked; a token that may not look keeps nothing from being deployed', async () => {
    const before = github.requests.length;
    assert.equal(await asked('reads', ''), null);
    assert.equal(await asked(''), null);
    assert.equal(github.requests.length, before);
    assert.equal(await asked('may-not'), null);
  });

  test('with a Pages site it is deployed', async () => {
    repository.pages = {
      ...{ cname: null, https_enforced: true, build_type: 'workflow', branch: 'main', certificate: null },
      ...{ builds: [], healthAsked: false },
      health: { dns_resolves: true, is_valid: true, caa_error: null, https_error: null },
    };
    assert.equal(await asked('reads'), null);
  });
});
