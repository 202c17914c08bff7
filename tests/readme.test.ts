import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
/** The lines of every `sh` block, without their comments. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap((block) =>
  (block[1] ?? '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== ''),
);

let checkout: string;
suite('the README', () => {
  before(() => {
    checkout = mkdtempSync(join(tmpdir(), 'postern-readme-'));
    const made = /^(?:node_modules|dist|\.git|\.astro|\.cache)(?:$|\/)|^data\/(?!README\.md$|inbox|example)/;
    cpSync(root, checkout, { recursive: true, filter: (path) => !made.test(relative(root, path)) });
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  });
  after(() => rmSync(checkout, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }));

  /** What a shell of the user's would see: not this run's own npm variables, and no Actions. */
  function environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_|GITHUB_)/i.test(name));
    return Object.fromEntries(own);
  }

  function run(command: string): ChildProcess & { readonly text: () => string } {
    const child = spawn('bash', ['-c', command], { cwd: checkout, env: environment(), detached: true });
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    return Object.assign(child, { text: () => text });
  }

  function ended(child: ChildProcess): Promise<number | null> {
    return new Promise((resolve) => child.once('exit', resolve));
  }

  test('npm start and npm test stand at the top, and the links lead somewhere', () => {
    assert.deepEqual(commands.slice(0, 2), ['npm start', 'npm test']);
    assert.ok(readme.indexOf('npm test') < 300);
    for (const [, target] of readme.matchAll(/\]\(([^)#:]+)\)/g))
      assert.ok(existsSync(join(root, target ?? '')), target);
  });

  test('npm start serves two sites made from the example mail', { timeout: 120_000 }, async () => {
    const child = run('npm start -- --port 0');
    const addresses = await new Promise<readonly [string, string]>((resolve, reject) => {
      child.stdout?.on('data', () => {
        const found = child.text().match(/^reports\s+(\S+)\npolicies\s+(\S+)$/m);
        if (found !== null) resolve([found[1] ?? '', found[2] ?? '']);
      });
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${child.text()}`)));
    });
    try {
      const [reports, policies] = addresses;
      assert.match(await (await fetch(reports)).text(), /example\.com/);
      const policy = await (await fetch(`${policies}example.com/.well-known/mta-sts.txt`)).text();
      assert.match(policy, /^version: STSv1\r\nmode: enforce\r\n/);
    } finally {
      const end = ended(child);
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await end;
    }
  });

  for (const command of commands.slice(2)) {
    test(`${command} does what the README says`, { timeout: 120_000 }, async () => {
      const child = run(command);
      const exit = await ended(child);
      // These end with 1 where the example has something urgent or refused: that is their answer, not a failure.
      assert.ok(
        exit === 0 || (exit === 1 && /postern (?:review|plan|status)/.test(command)),
        `ended with ${exit}:\n${child.text()}`,
      );
      assert.notEqual(child.text().trim(), '');
    });
  }
});
