import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = globSync(['*.md', 'docs/*.md', 'data/README.md', 'tests/example/README.md'], { cwd: root });

test('there are documents to look at', () => {
  assert.ok(pages.length >= 10, `only ${pages.length}`);
});

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');

  test(`${page}: every link and every file it names is there`, () => {
    for (const [, target] of text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(root, dirname(page), target ?? '')), `link to ${target}`);
    }
    for (const [, path] of text.matchAll(/`((?:scripts|site|tests|docs|\.github|\.ci)\/[\w./-]+)`/g)) {
      assert.ok(existsSync(join(root, path ?? '')), `names ${path}`);
    }
  });

  test(`${page}: every npm script it names is one`, () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, name] of text.matchAll(/`npm (?:run )?(test(?::\w+)?|start|check|fix|bench|example|reference)`/g)) {
      assert.ok(scripts[name ?? ''] !== undefined, name);
    }
  });
}
