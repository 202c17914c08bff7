import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { readDomainFiles } from '#scripts/io/files/domain-files.ts';
import { loadConfiguration } from '#scripts/tasks/load-configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-domain-files-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let roots = 0;
/** A repository with these files below `domains/`. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = join(folder, String(roots++));
  mkdirSync(join(root, 'domains'), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'domains', path)), { recursive: true });
    writeFileSync(join(root, 'domains', path), text);
  }
  return root;
}

const everything = () => true;
const kinds = (root: string, wanted: (path: string, folder: boolean) => boolean = everything) =>
  readDomainFiles(root, wanted).map(({ path, kind }) => `${path} ${kind}`);

suite('reading domains/', () => {
  test('the files of domains/ and of one folder below, by name, with their bytes', () => {
    const root = rootWith({
      'b.example.yaml': 'b',
      'acme/c.example.yaml': 'c',
      '_settings.yaml': 's',
      'acme/deep/d.yaml': 'd',
    });
    assert.deepEqual(kinds(root), [
      '_settings.yaml file',
      'acme/c.example.yaml file',
      'acme/deep unread',
      'b.example.yaml file',
    ]);
    const [settings] = readDomainFiles(root, everything);
    assert.deepEqual(settings?.kind === 'file' && [...settings.bytes], [...Buffer.from('s')]);
  });

  test('opens nothing that is not wanted', () => {
    const root = rootWith({ 'a.yaml': 'a', 'b.txt': 'b', 'acme/c.yaml': 'c' });
    const asked: string[] = [];
    const result = kinds(root, (path, isFolder) => {
      asked.push(`${path}${isFolder ? '/' : ''}`);
      return path === 'a.yaml';
    });
    assert.deepEqual(result, ['a.yaml file', 'acme unread', 'b.txt unread']);
    assert.deepEqual(asked, ['a.yaml', 'acme/', 'b.txt']);
  });

  test('a file over 256 KiB is not read, one of 256 KiB is', () => {
    const root = rootWith({
      'a.yaml': '#'.repeat(262_144),
      'b.yaml': '#'.repeat(262_145),
      'c.yaml': '#'.repeat(10_000_000),
    });
    assert.deepEqual(kinds(root), ['a.yaml file', 'b.yaml too-large', 'c.yaml too-large']);
  });

  test('links: followed inside the root, refused outside, and told when they lead nowhere', () => {
    const outside = rootWith({ 'secret.yaml': 'secret' });
    const root = rootWith({ 'a.yaml': 'a', 'acme/b.yaml': 'b' });
    writeFileSync(join(root, 'shared.yaml'), 's');
    const link = (target: string, path: string) => symlinkSync(target, join(root, 'domains', path));
    link('../shared.yaml', 'inside.yaml');
    link('acme', 'twin');
    link(join(outside, 'domains', 'secret.yaml'), 'outside.yaml');
    link(join(outside, 'domains'), 'outside');
    link('/etc', 'etc');
    link('nowhere.yaml', 'dangling.yaml');
    link('round.yaml', 'round.yaml');
    link('..', 'up');
    assert.deepEqual(kinds(root), [
      'a.yaml file',
      'acme/b.yaml file',
      'dangling.yaml unreadable',
      'etc outside-root',
      'inside.yaml file',
      'outside outside-root',
      'outside.yaml outside-root',
      'round.yaml unreadable',
      'twin/b.yaml file',
      'up/domains unread',
      'up/shared.yaml file',
    ]);
  });

  test('a socket is not a file', async () => {
    const root = rootWith({ 'a.yaml': 'a' });
    const server = createServer().listen(join(root, 'domains', 's.yaml'));
    await once(server, 'listening');
    try {
      assert.deepEqual(kinds(root), ['a.yaml file', 's.yaml special']);
    } finally {
      server.close();
    }
  });

  test('no domains/: root-missing, exit 2', () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    const asFile = join(folder, 'as-file');
    mkdirSync(asFile);
    writeFileSync(join(asFile, 'domains'), '');
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(join(rootWith({}), 'domains'), join(elsewhere, 'domains'));
    for (const root of [bare, asFile, elsewhere, join(folder, 'absent')]) {
      assert.throws(
        () => readDomainFiles(root, everything),
        (error) =>
          error instanceof PosternError && error.code === 'root-missing' && error.exit === 2 && error.hint !== null,
      );
    }
  });
});

suite('loading the configuration', () => {
  test('settings, domains and problems of a real folder', async () => {
    const root = rootWith({
      '_settings.yaml': 'organisation: Example\n',
      'schema.json': '{}',
      'README.md': '#',
      'example.com.yaml': 'mode: testing\nmx: [mx.example.com]\n',
      'acme/example.net.yaml': 'mode: none\n',
      'acme/deep/example.org.yaml': 'mode: none\n',
      'example.org.yml': 'mode: none\n',
      'folder.yaml/x': '',
      'a\u001b[31m.yaml': 'mode: none\n',
    });
    const { settings, domains, problems } = await loadConfiguration(root);
    assert.equal(settings?.organisation, 'Example');
    assert.deepEqual(
      domains.map(({ file, customer }) => [file, customer]),
      [
        ['domains/example.com.yaml', null],
        ['domains/acme/example.net.yaml', 'acme'],
      ],
    );
    assert.deepEqual(
      problems.map(({ file, rule }) => `${file} ${rule}`),
      [
        'domains/a\\u{1b}[31m.yaml file-name',
        'domains/acme/deep file-depth',
        'domains/example.org.yml file-name',
        'domains/folder.yaml file-kind',
      ],
    );
  });

  test('rules about the day are left to check', async () => {
    const root = rootWith({
      '_settings.yaml': 'organisation: Example\n',
      'example.com.yaml': 'mode: none\noverrides: [{code: mass-change, reason: y, until: 2000-01-01}]\n',
    });
    assert.deepEqual((await loadConfiguration(root)).problems, []);
  });
});
