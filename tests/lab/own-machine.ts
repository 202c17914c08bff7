import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A machine of one's own as far as it goes without booting one: `/etc`, `/srv`, `/run` and the spool of cron are its own, in a
 * namespace of mounts, so that units and docs are tried with the very paths they name and leave nothing behind.
 */
export interface OwnMachine {
  /** Where `/etc` and `/srv` of the machine really stand. */
  readonly etc: string;
  readonly srv: string;
  /** A shell script as root there. */
  readonly asRoot: (script: string) => Promise<Ended>;
  /** The words that start such a shell, for a daemon. */
  readonly shell: readonly string[];
  /** What systemd does at `systemctl start`: user, folder, environment, and what of the sandbox are mounts and capabilities. */
  readonly start: (unit: string) => Promise<Ended>;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there can be none here; null when there can. */
export function whyNoMachine(): string | null {
  if (process.getuid?.() !== 0) return 'only root has a namespace of mounts';
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/srv'], { encoding: 'utf8' });
  return tried.status === 0 ? null : `no namespace of mounts: ${tried.error?.message ?? tried.stderr.trim()}`;
}

export function ownMachine(folder: string, modules: string): OwnMachine {
  const [etc, srv, spool] = ['etc', 'srv', 'spool'].map((name) => join(folder, name)) as [string, string, string];
  spawnSync('cp', ['-a', '/etc', etc]);
  mkdirSync(srv);
  mkdirSync(spool);
  const mounts = `mount --bind ${etc} /etc; mount --bind ${srv} /srv; mount -t tmpfs tmpfs /run
mount --bind ${spool} /var/spool/cron; mkdir -p /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs; chmod 1730 /var/spool/cron/crontabs
if [ -d /srv/postern ]; then mkdir -p /srv/postern/node_modules; mount --bind ${modules} /srv/postern/node_modules; fi`;
  const shell = ['unshare', '--mount', '/bin/sh', '-ec', `${mounts}\neval "$1"`, 'sh'];
  // Not at once: servers of the test answer meanwhile.
  const asRoot = (script: string): Promise<Ended> => {
    const [program = '', ...words] = shell;
    const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
    const child = spawn(program, [...words, script], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, ...said }));
    });
  };
  return {
    etc,
    srv,
    asRoot,
    shell,
    start: (unit) => asRoot(startScript(unitOf(join(etc, 'systemd/system', unit)), etc)),
  };
}

type Unit = readonly (readonly [key: string, value: string])[];

/** The lines of `[Service]`. */
function unitOf(path: string): Unit {
  const text = readFileSync(path, 'utf8').split('[Service]\n')[1] ?? '';
  return text
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

/** Every line of a unit is tried or named here as one that cannot be: a new one is a decision. */
function startScript(unit: Unit, etc: string): string {
  const before: string[] = [];
  const variables = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', 'LANG=C.UTF-8'];
  const as: string[] = [];
  let [folder, umask, command] = ['/', '0022', ''];
  const writable: string[] = [];
  for (const [key, value] of unit)
    switch (key) {
      case 'Type':
      case 'TimeoutStartSec':
      // Whoever waits for the laboratory would wait longer.
      case 'Nice':
      // Filters of system calls, which only systemd itself sets.
      case 'RestrictAddressFamilies':
      case 'LockPersonality':
        break;
      case 'User':
        as.push(`--reuid ${value} --init-groups`);
        break;
      case 'Group':
        as.push(`--regid ${value}`);
        break;
      case 'NoNewPrivileges':
        as.push('--no-new-privs');
        break;
      case 'CapabilityBoundingSet':
        as.push('--bounding-set=-all --inh-caps=-all');
        break;
      case 'WorkingDirectory':
        folder = value;
        break;
      case 'Environment':
        variables.push(value);
        break;
      case 'EnvironmentFile':
        variables.push(...environmentFile(value, etc));
        break;
      case 'UMask':
        umask = value;
        break;
      case 'ReadWritePaths':
        writable.push(value);
        break;
      case 'ProtectSystem':
        before.push(
          'for each in /usr /etc /var /opt /boot /srv; do mount --bind $each $each; mount -o remount,bind,ro $each; done',
        );
        break;
      case 'ProtectHome':
        before.push('for each in /home /root; do mount -t tmpfs -o mode=000 tmpfs $each; done');
        break;
      case 'PrivateTmp':
        before.push('for each in /tmp /var/tmp; do mount -t tmpfs -o mode=1777 tmpfs $each; done');
        break;
      case 'PrivateDevices':
        before.push(
          'mount -t tmpfs -o mode=755 tmpfs /mnt; mkdir -m 1777 /mnt/shm; ln -s /proc/self/fd /mnt/fd',
          'for each in null zero full random urandom tty; do touch /mnt/$each; mount --bind /dev/$each /mnt/$each; done',
          'mount --rbind /mnt /dev',
        );
        break;
      case 'ProtectKernelTunables':
        before.push('mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys');
        break;
      case 'ProtectControlGroups':
        before.push(
          'if [ -d /sys/fs/cgroup ]; then mount --bind /sys/fs/cgroup /sys/fs/cgroup; mount -o remount,bind,ro /sys/fs/cgroup; fi',
        );
        break;
      case 'ExecStart':
        command = value.replaceAll('$$', '$');
        break;
      default:
        throw new Error(`a line that the laboratory does not know: ${key}=${value}`);
    }
  // What may be written is taken aside before all is made read-only, and laid over it again.
  const aside = writable.map((path, index) => `mkdir -p /run/w${index}; mount --rbind ${path} /run/w${index}`);
  const back = writable.map((path, index) => `mount --rbind /run/w${index} ${path}`);
  const quoted = variables.map((one) => `'${one.replaceAll("'", "'\\''")}'`).join(' ');
  const inner = `umask ${umask}; cd ${folder}; exec ${command}`.replaceAll("'", "'\\''");
  return [...aside, ...before, ...back, `exec env -i ${quoted} setpriv ${as.join(' ')} /bin/sh -c '${inner}'`].join(
    '\n',
  );
}

/** As systemd reads it, as root: one NAME=value a line, in quotes or not, and nothing is expanded (systemd.exec). */
function environmentFile(value: string, etc: string): readonly string[] {
  const path = join(etc, value.replace(/^-/, '').replace(/^\/etc\//, ''));
  if (value.startsWith('-') && !existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => line.replace(/=(['"])(.*)\1$/, '=$2'));
}
