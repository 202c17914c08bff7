import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../fakes/pki.ts';
import { freePort, run } from './process.ts';

/** What a listener of Postfix presents; null: it offers no TLS. */
export type Presents = readonly Identity[] | null;

export interface Postfix {
  /** In the order asked for. */
  readonly ports: readonly number[];
  readonly stop: () => Promise<void>;
}

/**
 * A real Postfix on loopback with one listener for each chain: on ports of their own, or on one port of the addresses
 * named. Needs root, as Postfix does.
 */
export async function startPostfix(
  listeners: readonly Presents[],
  addresses: readonly string[] | null = null,
): Promise<Postfix> {
  const home = mkdtempSync(join(tmpdir(), 'postern-postfix-'));
  chmodSync(home, 0o755);
  for (const folder of ['etc', 'queue', 'data']) mkdirSync(join(home, folder));
  const owner = Number((await text('id', '-u', 'postfix')).trim());
  chownSync(join(home, 'data'), owner, -1);
  const ports: number[] = [];
  const services: string[] = [];
  for (const [index, chain] of listeners.entries()) {
    const port = addresses === null ? await freePort() : (ports[0] ?? (await freePort()));
    const address = addresses?.[index] ?? '127.0.0.1';
    ports.push(port);
    const file = join(home, 'etc', `${index}.pem`);
    const [own] = chain ?? [];
    if (own !== undefined)
      writeFileSync(file, `${own.keyPem}${(chain ?? []).map(({ pem }) => pem).join('')}`, { mode: 0o600 });
    services.push(
      `${address}:${port} inet n - n - - smtpd`,
      ...(own === undefined ? ['  -o smtpd_tls_security_level=none'] : [`  -o smtpd_tls_chain_files=${file}`]),
    );
  }
  writeFileSync(join(home, 'etc/main.cf'), mainConfiguration(home));
  writeFileSync(join(home, 'etc/master.cf'), [...services, ...SERVICES, ''].join('\n'));
  const running = await run('/usr/sbin/postfix', ['-c', join(home, 'etc'), 'start-fg'], () =>
    greets(addresses?.at(-1) ?? '127.0.0.1', ports.at(-1) ?? 0),
  );
  return {
    ports,
    stop: async () => {
      await text('/usr/sbin/postfix', '-c', join(home, 'etc'), 'stop').catch(() => '');
      await running.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function mainConfiguration(home: string): string {
  return `compatibility_level = 3.6
queue_directory = ${home}/queue
data_directory = ${home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx1.lab.test
mydestination =
default_transport = error:no outbound in lab
smtpd_tls_security_level = may
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
maillog_file = ${home}/maillog
maillog_file_prefixes = ${home}
alias_maps =
alias_database =
`;
}

const SERVICES = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'error unix - - n - - error',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'anvil unix - - n - 1 anvil',
  'proxymap unix - - n - - proxymap',
  'postlog unix-dgram n - n - 1 postlogd',
];

function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.end('QUIT\r\n');
      resolve(true);
    });
  });
}

async function text(program: string, ...options: readonly string[]): Promise<string> {
  const { promisify } = await import('node:util');
  const { execFile } = await import('node:child_process');
  return (await promisify(execFile)(program, [...options])).stdout;
}
