import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, suite, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { connectGitHub } from '#scripts/io/github/connect.ts';
import { createIssue } from '#scripts/io/github/issues.ts';
import { createPages } from '#scripts/io/github/pages.ts';
import { getRepository } from '#scripts/io/github/repositories.ts';
import { unsharedBudget } from '#scripts/io/github/write-budget.ts';
import { connect, fakeWithRepository } from './connection.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const pkcs1 = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

const { fake, environment } = await fakeWithRepository({ app: { id: '77', slug: 'postern-acme', publicKey } });
fake.world.installations.set('acme', { id: 5, permissions: { issues: 'write', contents: 'read', metadata: 'read' } });
fake.world.tokens.set('workflow', {
  kind: 'actions',
  repository: 'acme/mail',
  permissions: { issues: 'write', pages: 'write', metadata: 'read' },
});
after(() => fake.close());

const { GITHUB_TOKEN: _, ...noToken } = environment;
const app = { ...noToken, POSTERN_APP_ID: '77' };

suite('connectGitHub', () => {
  for (const [form, key] of [
    ['PEM of PKCS #1, as GitHub makes it', pkcs1],
    ['its base64', Buffer.from(pkcs1).toString('base64')],
    ['PEM with \\n written out', pkcs1.replaceAll('\n', '\\n')],
    ['PKCS #8', keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ] as const)
    test(`an App with a key as ${form}`, async () => {
      const github = await connect({ ...app, POSTERN_APP_KEY: key });
      assert.equal(await github.author(), 'postern-acme[bot]');
      assert.deepEqual(github.permissions, { issues: 'write', contents: 'read', metadata: 'read' });
      const made = await createIssue(github, { title: 'x', body: 'y', labels: [], assignees: [] });
      assert.equal(made.author, 'postern-acme[bot]');
    });

  test('a token: a person, or the workflow that may not ask who it is', async () => {
    assert.equal(await (await connect(environment)).author(), 'robot');
    const workflow = await connect({ ...environment, GITHUB_TOKEN: 'workflow' });
    assert.equal(await workflow.author(), 'github-actions[bot]');
    await assert.rejects(createPages(workflow, { branch: 'main' }), { code: 'github-forbidden', exit: 3 });
  });

  test('an App that is not installed at another owner says so', async () => {
    const options = { environment: { ...app, POSTERN_APP_KEY: pkcs1 }, budget: unsharedBudget(), owner: 'globex' };
    await assert.rejects(connectGitHub(options), { code: 'github-app-not-installed', exit: 2 });
  });

  for (const [what, given, code] of [
    ['nothing', noToken, 'github-not-configured'],
    ['half an App', { ...environment, POSTERN_APP_ID: '77' }, 'github-not-configured'],
    ['a key that is none', { ...app, POSTERN_APP_KEY: 'hunter2hunter2' }, 'github-app-key'],
    ['a strange repository', { ...environment, GITHUB_REPOSITORY: 'acme/mail/../x' }, 'github-not-configured'],
  ] as const)
    test(`${what}: ${code}, and no secret in the words`, async () => {
      await assert.rejects(connect(given as Record<string, string>), (error) => {
        assert.ok(error instanceof PosternError);
        assert.equal(error.code, code);
        assert.equal(error.exit, 2);
        assert.doesNotMatch(`${error.message}${error.hint}`, /hunter2|secret/);
        return true;
      });
    });

  test('a wrong token is told as such', async () => {
    await assert.rejects(getRepository(await connect({ ...environment, GITHUB_TOKEN: 'wrong' })), {
      code: 'github-unauthorised',
    });
  });
});
