import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { approvers, checksWord } from '#scripts/core/month/changes.ts';
import type { Month } from '#scripts/core/month/period.ts';
import { monthChanges } from '#scripts/tasks/month/month-changes.ts';
import { fakeWithRepository } from '../../io/github/connection.ts';

const period = '2026-10' as Month;

test('of each person the last review that decides counts', () => {
  const reviews = (...all: string[]) =>
    all.map((one) => ({ author: one.split(' ')[0] ?? '', state: one.split(' ')[1] ?? '' }));
  assert.deepEqual(approvers(reviews('ann APPROVED', 'bob COMMENTED')), ['ann']);
  assert.deepEqual(approvers(reviews('ann APPROVED', 'ann CHANGES_REQUESTED')), []);
  assert.deepEqual(approvers(reviews('ann CHANGES_REQUESTED', 'ann APPROVED', 'ann COMMENTED')), ['ann']);
  assert.deepEqual(approvers(reviews('ann APPROVED', 'ann DISMISSED', 'bob APPROVED')), ['bob']);
});

test('one bad check decides, one that runs is not yet a success, and none at all is not known', () => {
  assert.equal(checksWord([]), null);
  assert.equal(checksWord(['success', 'neutral', 'skipped']), 'success');
  assert.equal(checksWord(['success', null]), 'still running');
  assert.equal(checksWord([null, 'failure', 'success']), 'failure');
});

suite('the commits of a month', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'postern-changes-'));
    mkdirSync(join(root, 'domains'));
    git('init', '--quiet', '--initial-branch=main');
    commit('2026-09-30T23:59:59Z', 'before the month', 'domains/a.example.yaml');
    commit('2026-10-05T08:00:00+02:00', 'mx: add *backup*\u001b[31m', 'domains/odd\nname, "quoted".yaml');
    commit('2026-10-06T08:00:00Z', 'only the site', 'README.md');
    commit('2026-10-31T23:59:59Z', 'the last second', 'domains/a.example.yaml');
    commit('2026-11-01T00:00:00Z', 'after it', 'domains/a.example.yaml');
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  function git(...words: string[]): string {
    return execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' });
  }

  function commit(at: string, message: string, file: string): void {
    writeFileSync(join(root, file), `${at}\n`);
    git('add', '--all');
    const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org'];
    const env = { ...process.env, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
    execFileSync('git', ['-C', root, ...who, 'commit', '--quiet', '--message', message], { env });
  }

  test('those that touched domains/, in UTC; without GitHub the approvals are not known', async () => {
    const { source, changes } = await monthChanges({ root, period, environment: {} });
    assert.equal(source, 'git');
    assert.deepEqual(
      changes.map(({ at, subject, files, author, pull_request }) => [at, subject, files, author, pull_request]),
      [
        ['2026-10-05T06:00:00Z', 'mx: add *backup*\u001b[31m', ['domains/odd\nname, "quoted".yaml'], 'Ann', null],
        ['2026-10-31T23:59:59Z', 'the last second', ['domains/a.example.yaml'], 'Ann', null],
      ],
    );
  });

  test('outside a repository nothing is known', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'postern-bare-'));
    assert.deepEqual(await monthChanges({ root: bare, period, environment: {} }), { source: 'none', changes: [] });
    rmSync(bare, { recursive: true });
  });

  test('with GitHub: the pull request, who approved it, and how its checks ended', async () => {
    const { fake, repository, environment } = await fakeWithRepository();
    try {
      const [sha] = git('log', '--format=%H', '--grep=the last second').trim().split('\n');
      assert.ok(sha !== undefined);
      repository.objects.set(sha, { type: 'commit', tree: '', parents: [], message: '', author: 'ann' } as never);
      const head = 'f'.repeat(40);
      repository.refs.set('refs/heads/change', head);
      repository.pulls.set(7, {
        number: 7,
        id: 700,
        title: 'a change',
        body: '',
        state: 'closed',
        head: 'change',
        base: 'main',
        author: 'robot',
        merged_at: '2026-10-31T23:59:59Z',
        merge_commit_sha: sha,
        created_at: '2026-10-30T00:00:00Z',
        updated_at: '2026-10-31T00:00:00Z',
        head_sha: head,
        reviews: [{ author: 'robot', state: 'APPROVED' }],
        comments: [],
      });
      repository.checks.push({ sha: head, name: 'check', conclusion: 'success' });
      const { source, changes } = await monthChanges({ root, period, environment });
      assert.equal(source, 'github');
      assert.deepEqual(
        changes.map(({ pull_request }) => pull_request),
        [null, { number: 7, author: 'robot', approved_by: ['robot'], checks: 'success' }],
      );
    } finally {
      await fake.close();
    }
  });
});
