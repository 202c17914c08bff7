import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasGitHub } from '#scripts/io/github/credentials.ts';

test('a missing secret is an empty variable in Actions, and hides no App', () => {
  const repository = { GITHUB_REPOSITORY: 'acme/mail' };
  assert.equal(hasGitHub({ ...repository, GITHUB_TOKEN: 'token' }), true);
  assert.equal(hasGitHub({ ...repository, GITHUB_TOKEN: '', POSTERN_APP_KEY: 'key' }), true);
  assert.equal(hasGitHub({ ...repository, GITHUB_TOKEN: '', POSTERN_APP_KEY: '' }), false);
  assert.equal(hasGitHub({ ...repository }), false);
  assert.equal(hasGitHub({ GITHUB_TOKEN: 'token', GITHUB_REPOSITORY: '' }), false);
});
