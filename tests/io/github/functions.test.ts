import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { readContents } from '#scripts/io/github/contents.ts';
import {
  createBranch,
  createCommit,
  deleteBranch,
  moveBranch,
  readBranch,
  readCommit,
  readTree,
} from '#scripts/io/github/git-data.ts';
import {
  addComment,
  addIssueLabels,
  createIssue,
  getIssue,
  listComments,
  listIssueEvents,
  listIssues,
  removeIssueLabel,
  updateComment,
  updateIssue,
} from '#scripts/io/github/issues.ts';
import { canBeAssigned, createLabel, listLabels } from '#scripts/io/github/labels.ts';
import {
  createPages,
  deletePages,
  getPages,
  latestPagesBuild,
  pagesHealth,
  requestPagesBuild,
  updatePages,
} from '#scripts/io/github/pages.ts';
import {
  createPullRequest,
  getPullRequest,
  listPullRequests,
  pullRequestsOfCommit,
  updatePullRequest,
} from '#scripts/io/github/pull-requests.ts';
import { createRepository, deleteRepository, getRepository } from '#scripts/io/github/repositories.ts';
import { setState } from '../../fakes/github/issue-routes.ts';
import { mergePull } from '../../fakes/github/pull-routes.ts';
import { fileText } from '../../fakes/github/world.ts';
import { connect, fakeWithRepository } from './connection.ts';

const { fake, repository, environment } = await fakeWithRepository();
const github = await connect(environment);
after(() => fake.close());

test('issues: made, changed, closed by a person, read over several pages, and stale lists', async () => {
  repository.assignable.add('octocat');
  const first = await createIssue(github, {
    title: 'one',
    body: '<!-- m -->',
    labels: ['postern', 'sev1'],
    assignees: ['octocat', 'stranger'],
  });
  assert.deepEqual(first.assignees, ['octocat']);
  await addIssueLabels(github, first.number, ['mx']);
  await removeIssueLabel(github, first.number, 'sev1');
  await removeIssueLabel(github, first.number, 'never-there');
  const changed = await updateIssue(github, first.number, { title: 'two', body: 'b' });
  assert.deepEqual([changed.title, changed.labels], ['two', ['postern', 'mx']]);
  const comment = await addComment(github, first.number, 'hello');
  await updateComment(github, comment.id, 'bye');
  assert.deepEqual(
    (await listComments(github, first.number)).map(({ body }) => body),
    ['bye'],
  );
  const known = repository.issues.get(first.number);
  assert.ok(known !== undefined);
  setState(fake.world, known, 'alice', 'closed', 'not_planned');
  const events = await listIssueEvents(github, first.number);
  const closed = events.at(-1);
  assert.deepEqual([closed?.event, closed?.actor, closed?.state_reason], ['closed', 'alice', 'not_planned']);
  assert.deepEqual(
    events.filter(({ event }) => event === 'unlabeled').map(({ label }) => label),
    ['sev1'],
  );
  assert.equal((await getIssue(github, first.number))?.state_reason, 'not_planned');

  for (let count = 0; count < 120; count++)
    await createIssue(await connect(environment), { title: `${count}`, body: '', labels: ['postern'], assignees: [] });
  assert.equal((await listIssues(github, { labels: ['postern'] })).length, 121);
  fake.freezeLists(true);
  await createIssue(github, { title: 'late', body: '', labels: ['postern'], assignees: [] });
  assert.equal((await listIssues(github, { labels: ['postern'] })).length, 121);
  fake.freezeLists(false);
  assert.equal((await listIssues(github, { labels: ['postern'] })).length, 122);
});

test('labels: made once, also when the list is another one', async () => {
  await createLabel(github, { name: 'Snooze', color: 'cccccc', description: 'quiet until a day' });
  await createLabel(github, { name: 'snooze', color: 'cccccc', description: '' });
  assert.equal((await listLabels(github)).filter((name) => name.toLowerCase() === 'snooze').length, 1);
  assert.equal(await canBeAssigned(github, 'octocat'), true);
  assert.equal(await canBeAssigned(github, 'nobody'), false);
});

suite('a pull request', () => {
  test('from one commit on a branch, refreshed, merged', async () => {
    const main = await readBranch(github, 'main');
    assert.ok(main !== null);
    const files = [
      { path: 'domains/example.com.yaml', text: 'mode: enforce\r\n# ü\n' },
      { path: 'README.md', text: null },
    ];
    const { tree } = await readCommit(github, main);
    const commit = await createCommit(github, { files, base: tree, parents: [main], message: 'example.com: enforce' });
    await createBranch(github, 'postern/example.com', commit);
    await assert.rejects(createBranch(github, 'postern/example.com', commit), { code: 'github-invalid' });
    const made = await createPullRequest(github, {
      title: 't',
      body: 'evidence',
      branch: 'postern/example.com',
      base: 'main',
    });
    assert.deepEqual(made.head, { branch: 'postern/example.com', repository: 'acme/mail', sha: commit });
    await updatePullRequest(github, made.number, { body: 'newer evidence' });
    const [listed] = await listPullRequests(github, { state: 'open', branch: 'postern/example.com' });
    assert.equal(listed?.body, 'newer evidence');
    const merged = mergePull(fake.world, repository, made.number);
    assert.notEqual((await getPullRequest(github, made.number))?.merged_at, null);
    assert.deepEqual(
      (await pullRequestsOfCommit(github, merged)).map(({ number }) => number),
      [made.number],
    );
    assert.deepEqual(await pullRequestsOfCommit(github, '0'.repeat(40)), []);
    assert.equal((await readContents(github, 'domains/example.com.yaml'))?.text, 'mode: enforce\r\n# ü\n');
    assert.equal(await readContents(github, 'README.md'), null);
    await deleteBranch(github, 'postern/example.com');
    await deleteBranch(github, 'postern/example.com');
    assert.equal(await readBranch(github, 'postern/example.com'), null);
  });

  test('a branch is moved only forward', async () => {
    const main = (await readBranch(github, 'main')) ?? '';
    const aside = await createCommit(github, {
      files: [{ path: 'a', text: 'a' }],
      base: null,
      parents: [],
      message: 'aside',
    });
    await assert.rejects(moveBranch(github, 'main', aside), { code: 'github-invalid' });
    const ahead = await createCommit(github, {
      files: [{ path: 'a', text: 'a' }],
      base: null,
      parents: [main],
      message: 'ahead',
    });
    await moveBranch(github, 'main', ahead);
    assert.deepEqual([...(await readTree(github, (await readCommit(github, ahead)).tree)).keys()], ['a']);
  });
});

test('a policy host: repository, Pages, domain, health, certificate, HTTPS', async () => {
  const host = github.at({ owner: 'acme', repo: 'mta-sts.example.com' });
  assert.equal(await getRepository(host), null);
  const made = await createRepository(host, { description: 'd', homepage: 'https://mta-sts.example.com/' });
  assert.deepEqual([made.default_branch, made.private, made.owner_is_organisation], ['main', false, true]);
  await assert.rejects(createRepository(host, { description: 'd', homepage: '' }), { code: 'github-invalid' });
  assert.equal(await getPages(host), null);
  await createPages(host, { branch: 'main' });
  await createPages(host, { branch: 'main' });
  await updatePages(host, { cname: 'mta-sts.example.com' });
  // platform.md: before the certificate exists, https_enforced is answered with 404.
  await assert.rejects(updatePages(host, { https_enforced: true }), { code: 'github-not-found' });
  assert.equal((await pagesHealth(host)).known, false);
  assert.equal((await pagesHealth(host)).dns_resolves, false);
  const site = fake.world.repositories.get('acme/mta-sts.example.com');
  assert.ok(site?.pages);
  site.pages.certificate = 'approved';
  await updatePages(host, { https_enforced: true });
  assert.deepEqual(await getPages(host), {
    cname: 'mta-sts.example.com',
    build_type: 'legacy',
    status: 'built',
    https_enforced: true,
    certificate: 'approved',
    branch: 'main',
  });
  await requestPagesBuild(host);
  assert.equal((await latestPagesBuild(host))?.commit, site.refs.get('refs/heads/main'));
  assert.match(fileText(site, 'main', 'README.md') ?? '', /mta-sts/);
  await deletePages(host);
  await deletePages(host);
  await deleteRepository(host);
  await deleteRepository(host);
  assert.equal(await getRepository(host), null);
});
