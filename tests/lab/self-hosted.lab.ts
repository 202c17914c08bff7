import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startFakeDns } from '../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../fakes/dns/zone.ts';
import { composeMail, policyJson, reportJson, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { SENDER } from './mailbox-world.ts';
import { ownMachine, whyNoMachine } from './own-machine.ts';
import { makeOwner, TEMPLATE, withoutExamples } from './owner-repository.ts';
import { type Dovecot, startDovecot } from './servers/dovecot.ts';
import { git } from './workflow-runner.ts';

/**
 * docs/self-hosted.md as it is written: its commands on a machine that has nothing, the units as systemd would start them, their
 * timers by systemd's own calendar, and the crontab with a real cron.
 */

const skip = whyNoMachine() ?? false;
const folder = mkdtempSync(join(tmpdir(), 'postern-self-hosted-'));
const DOMAIN = 'example.com';
const zone: ZoneEntry[] = [
  { name: DOMAIN, type: 'MX', data: { preference: 10, exchange: `mx1.${DOMAIN}` } },
  { name: `mx1.${DOMAIN}`, type: 'A', data: '127.0.0.2' },
];
const page = readFileSync(join(TEMPLATE, 'docs/self-hosted.md'), 'utf8');
/** The first block of commands, each without its comment. */
const commands = (/```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
  .split('\n')
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter(Boolean);

let dovecot: Dovecot;
let closeDns: () => Promise<void>;
const machine = skip === false ? ownMachine(folder, join(TEMPLATE, 'node_modules')) : null;
const { remote, owner } = makeOwner(folder, withoutExamples);

function here(): NonNullable<typeof machine> {
  assert.ok(machine !== null);
  return machine;
}

/** As root, which must go well. */
async function root(script: string): Promise<string> {
  const { status, stdout, stderr } = await here().asRoot(script);
  assert.equal(status, 0, `${script}\n${stdout}${stderr}`);
  return stdout;
}

function secrets(now: string, more = ''): void {
  const file = join(here().etc, 'postern/secrets');
  writeFileSync(file, `POSTERN_IMAP_PASSWORD='secret'\nPOSTERN_NOW='${now}'\nUNRELATED='a $b \\c d'\n${more}`);
}

const inRoot = (path: string) => join(here().srv, 'postern', path);
const checkpoint = () => JSON.parse(readFileSync(inRoot('data/checkpoint.json'), 'utf8'));

/** Starts a unit, which must go well. */
async function start(unit: string): Promise<string> {
  const { status, stdout, stderr } = await here().start(`postern-${unit}.service`);
  assert.equal(status, 0, `${unit}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

before(async () => {
  if (skip !== false) return;
  dovecot = await startDovecot();
  const dns = await startFakeDns((asked) => respondFrom(zone, { aa: true })(asked));
  closeDns = dns.close;
  const summary = { 'total-successful-session-count': 400, 'total-failure-session-count': 0 };
  const json = reportJson({
    'report-id': '2026-11-02',
    'date-range': { 'start-datetime': '2026-11-02T00:00:00Z', 'end-datetime': '2026-11-02T23:59:59Z' },
    policies: [policyJson(DOMAIN, { summary })],
  });
  dovecot.deliver([await signMail(composeMail({ parts: [tlsrptPart(json)] }), SENDER)]);
  const network = `{ resolver: "${dns.url}", dns_port: ${dns.port}, smtp_port: 9, allow_private: true, ca_file: ca.pem, dkim_keys: keys.txt, second_look: 0, control: [mx1.${DOMAIN}] }`;
  const files = {
    'ca.pem': readFileSync(dovecot.caFile, 'utf8'),
    'keys.txt': `${SENDER.name}. 300 IN TXT "${SENDER.record}"\n`,
    'domains/_settings.yaml': `organisation: Lab\nreporting: { rua: ["mailto:tls@organisation.example"] }\nmailbox: { imap: { host: localhost, port: ${dovecot.imapsPort}, user: reports } }\nnetwork: ${network}\n`,
    [`domains/${DOMAIN}.yaml`]: `mode: testing\nmx: [mx1.${DOMAIN}]\n`,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(owner, path), text);
  git(owner, 'add', '--all');
  git(owner, 'commit', '--quiet', '--message', 'our own');
  git(owner, 'push', '--quiet', 'origin', 'main');
});

after(async () => {
  await dovecot?.stop();
  await closeDns?.();
  rmSync(folder, { recursive: true, force: true });
});

suite('a machine of one’s own', { skip, timeout: 600_000 }, () => {
  test('the commands of the page set it up', async () => {
    const done = commands.filter((line) => !/^sudo (systemctl|sudoedit)|^sudoedit/.test(line));
    assert.equal(commands.length - done.length, 3, 'systemctl twice and an editor are left out');
    for (const line of done)
      await root(
        `cd ${existsSync(inRoot('')) ? '/srv/postern' : '/'}; sudo() { if [ "$1" = -u ]; then shift; setpriv --reuid "$1" --regid "$1" --init-groups env HOME=/srv/postern "$@"; else "$@"; fi; }; ${line
          .replace('https://github.com/OWNER/REPOSITORY', `file://${remote}`)
          .replace(
            /sudo -u postern /,
            'setpriv --reuid postern --regid postern --init-groups env HOME=/srv/postern ',
          )}`,
      );
    assert.match(await root('stat -c "%U %a" /etc/postern/secrets /srv/postern'), /^root 600\npostern 755\n$/);
  });

  test('systemd accepts the units, and the timers mean what the page says', async () => {
    const verified = await here().asRoot('systemd-analyze verify --man=no /etc/systemd/system/postern-*');
    const told = verified.stderr.split('\n').filter((line) => line.includes('postern'));
    assert.deepEqual([verified.status, told], [0, []]);
    const enabled = commands.find((line) => line.includes('enable --now'))?.match(/postern-\w+\.timer/g) ?? [];
    const next: unknown[] = [];
    for (const timer of enabled) {
      const when =
        /^OnCalendar=(.*)$/m.exec(readFileSync(join(here().etc, 'systemd/system', timer), 'utf8'))?.[1] ?? '';
      const said = await root(
        `TZ=UTC systemd-analyze calendar --iterations=2 --base-time='2026-11-02 00:00:00 UTC' '${when}'`,
      );
      next.push([timer, ...[...said.matchAll(/(?:Next elapse|Iter\. #2): (.*) UTC/g)].map(([, at]) => at)]);
    }
    assert.deepEqual(next, [
      ['postern-hourly.timer', 'Mon 2026-11-02 00:17:00', 'Mon 2026-11-02 01:17:00'],
      ['postern-daily.timer', 'Mon 2026-11-02 05:41:00', 'Tue 2026-11-03 05:41:00'],
      ['postern-weekly.timer', 'Mon 2026-11-02 07:23:00', 'Mon 2026-11-09 07:23:00'],
      ['postern-monthly.timer', 'Wed 2026-11-04 06:53:00', 'Fri 2026-12-04 06:53:00'],
    ]);
    const often = /`OnCalendar=(\*:\S+)`/.exec(page)?.[1] ?? '';
    assert.match(await root(`systemd-analyze calendar '${often}'`), /Normalized form: \*-\*-\* \*:00\/10:00/);
  });

  test('systemd calls the sandbox of each unit OK', async () => {
    for (const unit of ['hourly', 'daily', 'weekly', 'monthly'])
      await root(`systemd-analyze security --offline=yes --threshold=50 /etc/systemd/system/postern-${unit}.service`);
  });

  test('each unit does its work as its user, in its sandbox, with the secrets of the file', async () => {
    secrets('2026-11-02T09:17:00Z');
    assert.match(await start('hourly'), /observations/);
    assert.equal(checkpoint().tasks.probe.last_success, '2026-11-02T09:17:00Z');
    secrets('2026-11-03T05:41:00Z');
    await start('daily');
    assert.equal(dovecot.count('INBOX'), 0, 'the mail was read with the password of the file');
    assert.ok(globSync('data/reports/month=2026-11/*.parquet', { cwd: inRoot('') }).length > 0);
    assert.ok(existsSync(inRoot('dist/reports/index.html')));
    secrets('2026-12-04T06:53:00Z');
    await start('weekly');
    await start('monthly');
    assert.ok(existsSync(inRoot('data/months/2026-11/manifest.json')));
    const owners = await root(
      'find /srv/postern/data /srv/postern/dist ! -user postern | head; stat -c %a /srv/postern/data/months',
    );
    assert.equal(owners, '750\n', 'all of it belongs to the user, and nobody else reads it');
  });

  test('nothing but its own folder can be written from inside, and the secrets cannot be read', async () => {
    const unit = join(here().etc, 'systemd/system/postern-hourly.service');
    const text = readFileSync(unit, 'utf8');
    const tries = ['/etc/x', '/var/x', '/usr/x', '/srv/x', '/home/x', '/root/x', '/sys/fs/cgroup/x']
      .map((path) => `touch ${path} && echo written ${path};`)
      .join(' ');
    const line = `ExecStart=/bin/sh -c '${tries} cat /etc/postern/secrets; ls /root; grep CapEff /proc/self/status; touch mine && echo own'`;
    writeFileSync(unit, text.replace(/^ExecStart=.*$/m, line));
    const { stdout } = await here().start('postern-hourly.service');
    assert.equal(stdout, 'CapEff:\t0000000000000000\nown\n');
    writeFileSync(unit, text);
  });

  test('a password that is refused shows as a failed unit', async () => {
    secrets('2026-12-05T05:41:00Z', "POSTERN_IMAP_PASSWORD='wrong'\n");
    const { status, stderr } = await here().start('postern-daily.service');
    assert.equal(status, 2, stderr);
    assert.match(stderr, /imap|mailbox/i);
  });

  test('cron runs the crontab: a line each minute, as the user, with the secrets', async () => {
    secrets('2026-12-06T09:17:00Z');
    await root('cd /srv/postern; chown root:postern /etc/postern/secrets; chmod 0640 /etc/postern/secrets');
    const example = readFileSync(inRoot('scripts/systemd/crontab.example'), 'utf8');
    writeFileSync(inRoot('crontab'), example.replace(/^17 \* \* \* \* /m, '* * * * * '));
    const [program = '', ...words] = here().shell;
    const cron = spawn(program, [...words, 'crontab -u postern /srv/postern/crontab; exec /usr/sbin/cron -f -L 15'], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [cron.stdout, cron.stderr])
      stream.on('data', (text) => {
        output += String(text);
      });
    try {
      const isDone = () => checkpoint().tasks.probe.last_success === '2026-12-06T09:17:00Z';
      for (let waited = 0; !isDone() && waited < 150 && cron.exitCode === null; waited += 1) await pause(1000);
      assert.ok(isDone(), `cron: ${output}`);
    } finally {
      process.kill(-(cron.pid ?? 0), 'SIGKILL');
    }
  });

  test('the other lines of the crontab, with nothing but the environment that cron gives', async () => {
    secrets('2027-01-04T06:53:00Z');
    const lines = readFileSync(inRoot('scripts/systemd/crontab.example'), 'utf8').split('\n');
    const given = lines.filter((line) => /^[A-Z]+=/.test(line)).map((line) => line.replace(/="(.*)"$/, '=$1'));
    const play = (line: string) => {
      const command = line.replace(/^(\S+\s+){5}/, '');
      const words = ['env', '-i', ...given, 'HOME=/srv/postern', 'LOGNAME=postern', '/bin/sh', '-c', command];
      const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      return here().asRoot(`cd /; exec setpriv --reuid postern --regid postern --init-groups ${quoted}`);
    };
    const jobs = lines.filter((line) => /^\d/.test(line));
    assert.equal(jobs.length, 4);
    for (const line of jobs) {
      const { status, stdout, stderr } = await play(line);
      assert.deepEqual([status, stdout, stderr], [0, '', ''], `${line}\n${stderr}`);
    }
    assert.ok(existsSync(inRoot('data/months/2026-12/manifest.json')));
    // With GitHub, which is not reachable here, alert is asked and says so where cron mails it.
    secrets(
      '2027-01-04T07:17:00Z',
      "GITHUB_TOKEN='t'\nGITHUB_REPOSITORY='acme/mail'\nGITHUB_API_URL='http://127.0.0.1:9'\n",
    );
    assert.match((await play(jobs[0] ?? '')).stderr, /github/i);
  });
});
