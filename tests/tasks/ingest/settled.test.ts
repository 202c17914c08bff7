import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { globSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderBox } from '#scripts/io/receiver/folder-box.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { receivedFolder } from '#scripts/tasks/receive.ts';
import { policyJson, reportJson } from '../../io/mail/report-mail.ts';
import { instantOf } from '../../io/store/stored-rows.ts';
import { NOW, newWorld, type World } from '../ingest-world.ts';

/* A second run over many files that hold nothing new reads none of them, and reads all of them when anything changed. */

const FILES = 1000;
const worlds: World[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

const textOf = (id: string, sessions = 10) =>
  JSON.stringify(
    reportJson({
      'report-id': id,
      policies: [
        policyJson('example.com', {
          summary: { 'total-successful-session-count': sessions, 'total-failure-session-count': 0 },
        }),
      ],
    }),
  );

async function settledWorld(): Promise<World> {
  const world = newWorld();
  worlds.push(world);
  for (let index = 0; index < FILES; index += 1) world.put(`${index}.json`, textOf(`r${index}`));
  // What was written this moment could be written again unseen: it is not trusted.
  await sleep(300);
  const first = await run(world);
  assert.deepEqual([first.result.reports, first.read], [FILES, true]);
  return world;
}

/** Whether files were read: then there is progress. */
async function run(world: World) {
  let read = false;
  const progress = () => {
    read = true;
  };
  const { root, data, inbox } = world;
  const result = await ingest({ root, data, paths: [inbox], now: instantOf(NOW), dryRun: false, progress });
  return { result, read };
}

test('nothing changed: nothing is read, and the answer is the same as by reading', async () => {
  const world = await settledWorld();
  const before = world.tree();
  const again = await run(world);
  assert.equal(again.read, false);
  assert.deepEqual(world.tree(), before);
  // Another file makes it read all; without that file the answer must be the one given before.
  const more = world.put('x.txt', '');
  const slow = await run(world);
  assert.equal(slow.read, true);
  rmSync(more);
  const { other: _, messages, ...rest } = slow.result;
  const { other, messages: said, ...same } = again.result;
  assert.deepEqual([same, said, other], [rest, messages - 1, {}]);
});

test('the same size and the same time of writing do not hide other content', async () => {
  const world = await settledWorld();
  const path = join(world.inbox, '7.json');
  const { atime, mtime, size } = statSync(path);
  writeFileSync(path, textOf('r7', 20));
  utimesSync(path, atime, mtime);
  assert.equal(statSync(path).size, size);
  const { read, result } = await run(world);
  assert.deepEqual([read, result.reports, result.conflicts], [true, 1, 1]);
});

test('a lost part of the store is made again', async () => {
  const world = await settledWorld();
  for (const part of globSync('reports/*/*.parquet', { cwd: world.data })) rmSync(join(world.data, part));
  const { read, result } = await run(world);
  assert.deepEqual([read, result.reports], [true, FILES]);
});

test('a domain that is managed since makes it read again', async () => {
  const world = await settledWorld();
  writeFileSync(join(world.root, 'domains/example.org.yaml'), 'mode: testing\nmx: [mx1.example.org]\n');
  assert.equal((await run(world)).read, true);
});

test('what came by HTTPS since is read, although the folder holds nothing new', async () => {
  const world = await settledWorld();
  const bytes = Buffer.from(textOf('by-https'));
  await folderBox(receivedFolder(world.data)).put(hash('sha256', bytes), bytes);
  const { root, data } = world;
  const options = { root, data, paths: [], now: instantOf(NOW), dryRun: false, progress: () => {} };
  const { reports, duplicates } = await ingest(options);
  assert.deepEqual([reports, duplicates], [1, FILES]);
});
