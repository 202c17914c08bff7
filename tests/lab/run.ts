/** `npm run test:lab [name…]`: the tests that need Debian packages. As root it installs what is missing; otherwise it says what to install. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { basename } from 'node:path';

/** Package and the program it brings. */
const NEEDED: Readonly<Record<string, string>> = {
  chromium: '/usr/bin/chromium',
  'dovecot-imapd': '/usr/sbin/dovecot',
  bind9: '/usr/sbin/named',
  'bind9-utils': '/usr/bin/dnssec-keygen',
  'bind9-dnsutils': '/usr/bin/dig',
  unbound: '/usr/sbin/unbound',
  postfix: '/usr/sbin/postfix',
  caddy: '/usr/bin/caddy',
  'nginx-light': '/usr/sbin/nginx',
  pebble: '/usr/bin/pebble',
  microsocks: '/usr/bin/microsocks',
  faketime: '/usr/bin/faketime',
  openssl: '/usr/bin/openssl',
  'poppler-utils': '/usr/bin/pdftoppm',
  systemd: '/usr/bin/systemd-analyze',
  cron: '/usr/sbin/cron',
};

const missing = Object.entries(NEEDED)
  .filter(([, program]) => !existsSync(program))
  .map(([name]) => name);

if (missing.length > 0) {
  if (process.getuid?.() !== 0) {
    console.error(`test:lab needs ${missing.join(', ')}\n  hint: sudo apt-get install ${missing.join(' ')}`);
    process.exit(2);
  }
  apt('update', '--quiet');
  apt('install', '--yes', '--quiet', '--no-install-recommends', ...missing);
}

const all = globSync('tests/lab/*.lab.ts').sort();
const wanted = process.argv
  .slice(2)
  .map((name) => `tests/lab/${basename(name).replace(/\.lab\.ts$|\.ts$/, '')}.lab.ts`);
const strange = wanted.filter((file) => !all.includes(file));
if (strange.length > 0) {
  console.error(
    `test:lab: there is no ${strange.join(', ')}\n  hint: ${all.map((file) => basename(file, '.lab.ts')).join(', ')}`,
  );
  process.exit(2);
}
const files = wanted.length > 0 ? wanted : all;
// One after the other, each in a process of its own: the servers of one never slow down the clock of another.
for (const file of files) {
  console.error(`\n${file}`);
  const run = spawnSync(process.execPath, ['--test', '--test-isolation=none', file], { stdio: 'inherit' });
  if (run.status !== 0) process.exitCode = 1;
}

function apt(...options: readonly string[]): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync('apt-get', options, { stdio: ['ignore', 2, 2], env: environment });
  if (done.status !== 0) {
    console.error(`apt-get ${options.join(' ')} ended with ${done.status ?? done.signal}`);
    process.exit(3);
  }
}
