import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { sha256Of } from '#scripts/io/evidence/month-folders.ts';
import { releaseMonths } from '#scripts/tasks/release-months.ts';
import { verify } from '#scripts/tasks/verify.ts';
import type { Fault } from '../fakes/github/server.ts';
import { fakeWithRepository } from '../io/github/connection.ts';
import { MonthWorld } from './month-world.ts';

suite('frozen months as releases', () => {
  let folder: string;
  let world: MonthWorld;
  let github: Awaited<ReturnType<typeof fakeWithRepository>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-release-'));
    world = new MonthWorld(join(folder, 'world'));
    await world.report('2026-09-10', { successful: 5 }, '2026-09-11T06:00:00Z');
    await world.report('2026-10-10', { successful: 5 }, '2026-10-11T06:00:00Z');
    await world.digest('2026-11-04T06:00:00Z');
    rmSync(world.out, { recursive: true });
  });
  beforeEach(async () => {
    github = await fakeWithRepository();
    // The writes of the test before count for the limit of a minute.
    rmSync(join(world.data, 'checkpoint.json'), { force: true });
  });
  afterEach(() => github.fake.close());
  after(() => rmSync(folder, { recursive: true, force: true }));

  const release = (options: { files?: readonly string[]; dry_run?: boolean; data?: string } = {}) =>
    releaseMonths({
      data: world.data,
      out: world.out,
      files: [],
      dry_run: false,
      pdf: false,
      environment: github.environment,
      progress: () => {},
      ...options,
    });
  const there = () => github.repository.releases.toReversed();
  const names = () => there().map(({ tag, draft, assets }) => [tag, draft, assets.map(({ name }) => name)]);
  const BOTH = [
    ['month-2026-09', false, ['evidence-2026-09.zip', 'manifest-2026-09.json']],
    ['month-2026-10', false, ['evidence-2026-10.zip', 'manifest-2026-10.json', 'data.bundle']],
  ];
  const bundle = () => {
    const extra = join(folder, 'extra');
    mkdirSync(extra, { recursive: true });
    writeFileSync(join(extra, 'data.bundle'), 'bundle');
    writeFileSync(join(extra, 'evidence-2026-08.zip'), 'of a release of its own');
    return { files: [extra] };
  };

  test('each month once, oldest first, with what was named at the newest; what is downloaded holds', async () => {
    assert.deepEqual((await release({ dry_run: true })).published, ['2026-09', '2026-10']);
    assert.deepEqual(names(), []);
    assert.deepEqual((await release(bundle())).published, ['2026-09', '2026-10']);
    assert.deepEqual(names(), BOTH);
    const [, newest] = there();
    const zip = join(folder, 'downloaded.zip');
    writeFileSync(zip, newest?.assets[0]?.bytes ?? '');
    assert.equal((await verify(zip, () => {})).ok, true);
    const manifest = readFileSync(join(world.data, 'months/2026-10/manifest.json'));
    assert.deepEqual(newest?.assets[1]?.bytes, manifest);
    assert.ok(newest?.body.includes(sha256Of(manifest)));
    assert.ok(newest?.body.includes(sha256Of(newest.assets[0]?.bytes ?? '')));

    const before = github.fake.writes().length;
    assert.deepEqual(await release(bundle()), {
      published: [],
      unchanged: ['2026-09', '2026-10'],
      differs: [],
      incomplete: [],
    });
    assert.equal(github.fake.writes().length, before, 'and changes nothing');
  });

  const CUTS: readonly (readonly [string, Fault])[] = [
    ['before it is made', { kind: 'cut', applied: false }],
    ['after it is made', { kind: 'cut', applied: true }],
  ];
  for (const operation of [
    'POST /repos/{owner}/{repo}/releases',
    'POST /repos/{owner}/{repo}/releases/{release_id}/assets',
    'PATCH /repos/{owner}/{repo}/releases/{release_id}',
  ] as const)
    for (const [when, fault] of CUTS)
      test(`a connection that ends at ${operation} ${when}: the next run ends at the same releases`, async () => {
        github.fake.fail(fault, operation);
        await assert.rejects(release(bundle()), { code: 'github-write-unsure' });
        await release(bundle());
        const published = names().filter(([, draft]) => draft === false);
        assert.deepEqual(published, BOTH);
        assert.equal(there().filter(({ draft }) => draft).length, 0, 'no draft is left');
      });

  test('an upload that stopped half-way is made anew, and a stranger’s draft is left alone', async () => {
    github.fake.fail({ kind: 'cut', applied: false }, 'PATCH /repos/{owner}/{repo}/releases/{release_id}');
    await assert.rejects(release());
    const [draft] = there();
    assert.ok(draft !== undefined);
    for (const asset of draft.assets) asset.state = 'open';
    github.repository.releases.push({
      id: 7,
      tag: 'month-2026-10',
      name: 'x',
      body: '',
      draft: true,
      author: 'mallory',
      assets: [],
    });
    await release();
    assert.deepEqual(
      there().map(({ tag, draft: hidden, author }) => [tag, hidden, author]),
      [
        ['month-2026-10', true, 'mallory'],
        ['month-2026-09', false, 'robot'],
        ['month-2026-10', false, 'robot'],
      ],
    );
    assert.ok(there().every(({ assets }) => assets.every(({ state }) => state === 'uploaded')));
  });

  test('a release of another manifest is told apart, and not touched', async () => {
    await release();
    const [first] = there();
    assert.ok(first !== undefined);
    first.body = first.body.replace(/sha256=[0-9a-f]{64}/, `sha256=${'0'.repeat(64)}`);
    const before = github.fake.writes().length;
    const { differs, unchanged } = await release();
    assert.deepEqual([differs, unchanged], [['2026-09'], ['2026-10']]);
    assert.equal(github.fake.writes().length, before);
  });

  test('the token of a workflow that may write contents is enough; one that may not is told', async () => {
    for (const level of ['write', 'read'])
      github.fake.world.tokens.set(level, {
        kind: 'actions',
        repository: 'acme/mail',
        permissions: { contents: level, metadata: 'read' },
      });
    const secret = github.environment['GITHUB_TOKEN'] ?? '';
    try {
      github.environment['GITHUB_TOKEN'] = 'read';
      await assert.rejects(release(), { code: 'github-forbidden' });
      github.environment['GITHUB_TOKEN'] = 'write';
      assert.deepEqual((await release()).published, ['2026-09', '2026-10']);
      assert.equal(there()[0]?.author, 'github-actions[bot]');
    } finally {
      github.environment['GITHUB_TOKEN'] = secret;
    }
  });

  test('nothing frozen: GitHub is not asked', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    await release({ data: empty });
    assert.equal(github.fake.requests.length, 0);
  });
});
