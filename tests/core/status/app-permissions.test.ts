import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { APP_PERMISSIONS, fleetCheck, fleetOwners, permissionChecks } from '#scripts/core/status/app-permissions.ts';
import { doctor } from '#scripts/tasks/doctor.ts';
import { fakeWithRepository } from '../../io/github/connection.ts';
import { settings } from '../policy/plan-world.ts';
import { NOW } from '../policy/promotion-world.ts';

const PLAIN = settings();
const FLEET = settings('organisation: E\nhosting: { f: { kind: pages-fleet, owner: Acme } }\n');
const ELSEWHERE = settings('organisation: E\nhosting: { f: { kind: pages-fleet, owner: globex } }\n');
const HERE = settings('organisation: E\nhosting: { h: { kind: pages-here } }\n');

const all = Object.fromEntries(APP_PERMISSIONS.map(({ name, level }) => [name, level]));
const without = (name: string, level?: string) => {
  const { [name]: _, ...rest } = all;
  return level === undefined ? rest : { ...rest, [name]: level };
};

suite('permissions of the App', () => {
  for (const [made, needed] of [
    [PLAIN, ['metadata', 'contents', 'issues', 'pull_requests', 'checks']],
    [HERE, ['metadata', 'contents', 'issues', 'pull_requests', 'checks', 'pages']],
    [FLEET, ['metadata', 'contents', 'issues', 'pull_requests', 'checks', 'administration', 'pages']],
    [ELSEWHERE, ['metadata', 'contents', 'issues', 'pull_requests', 'checks']],
  ] as const)
    test(`${Object.values(made.hosting)[0]?.kind ?? 'no hosting'}: each of ${needed.length} is asked for, and named when it is missing`, () => {
      for (const { name, title, level } of APP_PERMISSIONS) {
        const [check] = permissionChecks(made, without(name), 'acme');
        const isNeeded = (needed as readonly string[]).includes(name);
        assert.equal(check?.state, isNeeded ? 'bad' : 'ok', name);
        if (isNeeded) assert.equal(check?.text, `The App lacks at acme: ${title}: ${level}.`);
        if (isNeeded && level === 'write')
          assert.equal(permissionChecks(made, without(name, 'read'), 'acme')[0]?.state, 'bad', `${name}: read`);
      }
      assert.equal(permissionChecks(made, all, 'acme')[0]?.state, 'ok');
    });

  test('several at once; an upgrade without its permission is a convenience less', () => {
    const [check, upgrade] = permissionChecks(FLEET, { metadata: 'read', contents: 'write', issues: 'read' }, 'acme');
    assert.equal(
      check?.text,
      'The App lacks at acme: Issues: write, Pull requests: write, Checks: read, Administration: write, Pages: write.',
    );
    assert.equal(upgrade?.state, 'unknown');
    assert.equal(permissionChecks(PLAIN, all, 'acme')[1]?.state, 'ok');
  });

  test('a token does not tell; a fleet needs an App', () => {
    assert.equal(permissionChecks(PLAIN, null, 'acme')[0]?.state, 'unknown');
    for (const made of [FLEET, ELSEWHERE]) assert.equal(permissionChecks(made, null, 'acme')[0]?.state, 'bad');
  });

  test('a fleet at another account is asked about there', () => {
    assert.deepEqual([fleetOwners(FLEET, 'acme'), fleetOwners(ELSEWHERE, 'acme')], [[], ['globex']]);
    assert.equal(
      fleetCheck({ metadata: 'read', contents: 'write', administration: 'write', pages: 'write' }, 'globex').state,
      'ok',
    );
    const { state, text } = fleetCheck({ metadata: 'read', contents: 'write', pages: 'read' }, 'globex');
    assert.deepEqual([state, text], ['bad', 'The App lacks at globex: Administration: write, Pages: write.']);
  });

  test('the table of docs/github-app.md says the same', () => {
    const page = readFileSync(new URL('../../../docs/github-app.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| ([A-Z][\w ]+) \| (read(?: and write)?) \|/gm)];
    assert.deepEqual(
      rows.map(([, title, level]) => [title, level === 'read' ? 'read' : 'write']),
      APP_PERMISSIONS.map(({ title, level }) => [title, level]),
    );
  });

  test('doctor asks GitHub what the installation was granted, at each account', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { fake, environment } = await fakeWithRepository({ app: { id: '77', slug: 'postern', publicKey } });
    const { checks: _, ...permissions } = all;
    fake.world.installations.set('acme', { id: 5, permissions });
    const root = mkdtempSync(join(tmpdir(), 'postern-permissions-'));
    try {
      mkdirSync(join(root, 'domains'));
      const network = '{ resolver: "udp://127.0.0.1:9", control: [control.test] }';
      const hosting = '{ f: { kind: pages-fleet, owner: globex } }';
      writeFileSync(
        join(root, 'domains/_settings.yaml'),
        `organisation: E\nhosting: ${hosting}\nnetwork: ${network}\n`,
      );
      const { GITHUB_TOKEN: __, ...rest } = environment;
      const told = await doctor({
        root,
        data: join(root, 'data'),
        now: NOW,
        send: false,
        wait: 0,
        progress: () => {},
        environment: { ...rest, POSTERN_APP_ID: '77', POSTERN_APP_KEY: key },
      });
      const texts = told
        .filter(({ name }) => name.startsWith('github'))
        .map(({ name, state, text }) => [name, state, text]);
      assert.deepEqual(texts, [
        ['github', 'bad', 'The App lacks at acme: Checks: read.'],
        ['github globex', 'bad', 'The GitHub App is not installed at globex.'],
      ]);
    } finally {
      await fake.close();
      rmSync(root, { recursive: true, force: true });
    }
  });
});
