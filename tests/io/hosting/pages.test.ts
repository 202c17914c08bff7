import assert from 'node:assert/strict';
import { after, beforeEach, suite, test } from 'node:test';
import { policyHostFiles, policySite } from '#scripts/core/hosting/policy-host-files.ts';
import { pagesFleet } from '#scripts/io/hosting/pages-fleet.ts';
import { pagesHere } from '#scripts/io/hosting/pages-here.ts';
import { domainName } from '../../core/analysis/world.ts';
import { addRepository, commitFiles, type FakeRepository, fileText } from '../../fakes/github/world.ts';
import { connect, fakeWithRepository } from '../github/connection.ts';

const { fake, environment } = await fakeWithRepository();
const github = await connect(environment);
after(() => fake.close());

const BODY = 'version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmax_age: 86400\r\n';
const site = policySite(domainName('example.com'), BODY);
const hosted = { ...site, files: policyHostFiles(site) };
const NAME = `acme/${site.host}`;
const writes = () => fake.writes().length;
const repository = (): FakeRepository => {
  const found = fake.world.repositories.get(NAME);
  assert.ok(found !== undefined);
  return found;
};

suite('pages-fleet', () => {
  const fleet = pagesFleet(github, { owner: 'acme', repository_name: '{host}' });
  beforeEach(() => {
    fake.world.repositories.delete(NAME);
    fake.world.repositories.delete('acme/shared');
  });

  test('a new host costs 7 writes, a new body 3, and nothing new none', async () => {
    let before = writes();
    assert.equal(await fleet.serve(hosted), null);
    // Repository, tree, commit, branch, Pages, domain.
    assert.equal(writes() - before, 6);
    repository().pages = { ...repository().pages, certificate: 'approved' } as never;
    assert.equal(await fleet.settle(site.host), null);
    assert.equal(writes() - before, 7);
    before = writes();
    await fleet.serve(hosted);
    await fleet.settle(site.host);
    assert.equal(writes() - before, 0);
    const changed = policySite(site.domain, BODY.replace('testing', 'enforce'));
    await fleet.serve({ ...changed, files: policyHostFiles(changed) });
    assert.equal(writes() - before, 3);
    assert.equal(fileText(repository(), 'main', '.well-known/mta-sts.txt'), changed.body);
  });

  test('one commit holds everything, on top of what was there', async () => {
    await fleet.serve(hosted);
    const commits = [...repository().objects.values()].filter(({ type }) => type === 'commit');
    assert.equal(commits.length, 2);
    assert.ok(fileText(repository(), 'main', 'README.md') !== null);
  });

  test('an empty repository, and one whose CNAME GitHub wrote itself, are taken as they are', async () => {
    addRepository(fake.world, 'acme', site.host);
    assert.equal(await fleet.serve(hosted), null);
    assert.equal(fileText(repository(), 'main', '.well-known/mta-sts.txt'), BODY);
    commitFiles(fake.world, repository(), 'main', { CNAME: site.host });
    const before = writes();
    await fleet.serve(hosted);
    assert.equal(fileText(repository(), 'main', 'CNAME'), site.host);
    // The push of the test was built by nobody: a build is asked for, nothing else.
    assert.equal(writes() - before, 1);
  });

  test('the site of another host is neither written to nor deleted', async () => {
    const one = pagesFleet(github, { owner: 'acme', repository_name: 'shared' });
    await one.serve(hosted);
    const other = policySite(domainName('example.net'), BODY);
    const before = writes();
    await assert.rejects(one.serve({ ...other, files: policyHostFiles(other) }), {
      code: 'host-repository-taken',
      exit: 2,
    });
    await assert.rejects(one.release(other.host), { code: 'host-repository-taken' });
    assert.equal(writes(), before);
  });

  test('archived and private repositories are told, not worked around', async () => {
    addRepository(fake.world, 'acme', site.host).archived = true;
    await assert.rejects(fleet.serve(hosted), { code: 'host-repository-unusable', message: /archived/ });
    Object.assign(repository(), { archived: false, private: true });
    await assert.rejects(fleet.serve(hosted), { code: 'host-repository-unusable', message: /private/ });
  });

  test('the state of the certificate is shown, and what holds it up', async () => {
    await fleet.serve(hosted);
    const pages = repository().pages;
    assert.ok(pages !== null);
    assert.match((await fleet.settle(site.host)) ?? '', /\(new\)$/);
    assert.match((await fleet.settle(site.host)) ?? '', /GitHub does not see mta-sts\.example\.com in DNS yet/);
    pages.health = { dns_resolves: true, is_valid: false, caa_error: 'caa', https_error: null };
    pages.certificate = 'errored';
    assert.match((await fleet.settle(site.host)) ?? '', /\(errored\): CAA records must allow letsencrypt\.org/);
    assert.equal(pages.https_enforced, false);
  });

  test('a name that somebody else has claimed is told as what it is', async () => {
    await pagesFleet(github, { owner: 'acme', repository_name: 'shared' }).serve(hosted);
    await assert.rejects(fleet.serve(hosted), { code: 'host-name-taken', exit: 3, message: /mta-sts\.example\.com/ });
  });

  test('released: Pages, then the repository; a second time there is nothing', async () => {
    await fleet.serve(hosted);
    assert.equal(await fleet.release(site.host), true);
    assert.equal(fake.world.repositories.has(NAME), false);
    assert.equal(await fleet.release(site.host), false);
  });

  test('two runs at once make one repository', async () => {
    fake.fail(
      { kind: 'answer', status: 404 },
      ({ operation, path }) => operation === 'GET /repos/{owner}/{repo}' && path['repo'] === site.host,
    );
    addRepository(fake.world, 'acme', site.host);
    assert.equal(await fleet.serve(hosted), null);
    assert.equal(repository().pages?.cname, site.host);
  });
});

suite('pages-here', () => {
  const here = () => fake.world.repositories.get('acme/mail') as FakeRepository;
  beforeEach(() => {
    fake.world.repositories.delete(NAME);
    here().pages = null;
  });

  test('with an App the site is made and the name claimed, once', async () => {
    const hosting = pagesHere(github);
    assert.equal(await hosting.serve(hosted), null);
    assert.deepEqual([here().pages?.build_type, here().pages?.cname], ['workflow', site.host]);
    const before = writes();
    await hosting.serve(hosted);
    assert.equal(writes(), before);
    assert.match((await hosting.settle(site.host)) ?? '', /certificate/);
    Object.assign(here().pages ?? {}, { certificate: 'approved' });
    assert.equal(await hosting.settle(site.host), null);
    assert.equal(here().pages?.https_enforced, true);
    assert.equal(await hosting.release('mta-sts.example.net'), false);
    assert.equal(await hosting.release(site.host), true);
    assert.equal(here().pages?.cname, null);
  });

  test('with the workflow’s own token a person is told what to press', async () => {
    fake.world.tokens.set('workflow', { kind: 'actions', repository: 'acme/mail', permissions: { pages: 'write' } });
    const hosting = pagesHere(await connect({ ...environment, GITHUB_TOKEN: 'workflow' }));
    assert.match((await hosting.serve(hosted)) ?? '', /^a person: Settings → Pages/);
    assert.equal(here().pages, null);
  });
});
