import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dovecot } from './dovecot.ts';

/** A real Postfix on loopback that takes mail under STARTTLS only and delivers it into Dovecot's mailbox. Needs root. */
export interface PostfixDelivery {
  readonly port: number;
  readonly log: () => string;
  readonly stop: () => void;
}

/** `addresses` have the mailbox; any other is refused. The certificate is Dovecot's: of its authority, for localhost. */
export async function startPostfixDelivery(dovecot: Dovecot, addresses: readonly string[]): Promise<PostfixDelivery> {
  const root = mkdtempSync(join(tmpdir(), 'postern-postfix-'));
  chmodSync(root, 0o755);
  for (const folder of ['etc', 'queue', 'data']) mkdirSync(join(root, folder));
  own(join(root, 'data'), 'postfix');
  const port = await freePort();
  const certificate = ['server.key', 'server.pem']
    .map((name) => readFileSync(join(dovecot.root, name), 'utf8'))
    .join('');
  writeFileSync(join(root, 'etc/server.pem'), certificate, { mode: 0o600 });
  writeFileSync(join(root, 'etc/main.cf'), mainCf(root, dovecot.root, addresses));
  writeFileSync(join(root, 'etc/master.cf'), masterCf(port));
  const postfix = (command: string): void => {
    const { status, stderr } = spawnSync('/usr/sbin/postfix', ['-c', join(root, 'etc'), command], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`postfix ${command}: ${stderr}`);
  };
  const log = (): string => readFileSync(join(root, 'maillog'), { encoding: 'utf8', flag: 'a+' });
  postfix('start');
  for (let waited = 0; !(await answers(port)); waited += 50) {
    if (waited > 15_000) throw new Error(`postfix did not come up:\n${log()}`);
    await pause(50);
  }
  return {
    port,
    log,
    stop: () => {
      postfix('stop');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function mainCf(root: string, mail: string, addresses: readonly string[]): string {
  const domains = [...new Set(addresses.map((address) => address.slice(address.indexOf('@') + 1)))];
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout.trim());
  return `compatibility_level = 3.6
queue_directory = ${root}/queue
data_directory = ${root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.lab.test
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = ${domains.join(', ')}
virtual_mailbox_base = ${mail}
virtual_mailbox_maps = inline:{ ${addresses.map((address) => `{ ${address} = mail/ }`).join(', ')} }
virtual_minimum_uid = 1
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
default_transport = error:no outbound in the lab
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_tls_chain_files = ${root}/etc/server.pem
maillog_file = ${root}/maillog
maillog_file_prefixes = ${root}
alias_maps =
alias_database =
`;
}

function masterCf(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
qmgr unix n - n 300 1 qmgr
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
error unix - - n - - error
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`;
}

function own(path: string, user: string): void {
  spawnSync('chown', [user, path]);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
