import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A real Dovecot on loopback, with one user `reports`, password `secret`, TLS, and OAuth2 tokens that the test gives out. */
export interface Dovecot {
  readonly imapsPort: number;
  /** Plain at first, STARTTLS offered and required. */
  readonly imapPort: number;
  /** Plain, without any TLS: the laboratory's port. */
  readonly plainPort: number;
  /** PEM of the authority its certificate is from. */
  readonly caFile: string;
  /** The folder of its files, and the one below it that is the mailbox: for a server that delivers into it. */
  readonly root: string;
  /** Tokens that are good, by user. */
  readonly tokens: Map<string, string>;
  /** Puts mails into a folder, as a delivery does: no connection is needed and the server sees them at once. */
  readonly deliver: (mails: Iterable<Uint8Array>, folder?: string) => void;
  /** Files of a folder, by their bytes. */
  readonly messages: (folder: string) => readonly Buffer[];
  readonly count: (folder: string) => number;
  /** Deletes the mail of a folder. */
  readonly forget: (folder: string) => void;
  /** Gives INBOX another UIDVALIDITY and other UIDs, as a restored or moved mailbox has. */
  readonly renumber: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startDovecot(options: { readonly tls?: boolean } = {}): Promise<Dovecot> {
  const root = mkdtempSync(join(tmpdir(), 'postern-dovecot-'));
  const account = process.getuid?.() === 0 ? identity('nobody') : null;
  const user = account?.name ?? userInfo().username;
  const group = account?.group ?? spawnSync('id', ['-gn'], { encoding: 'utf8' }).stdout.trim();
  const own = (path: string): void => {
    if (account !== null) chownSync(path, account.uid, account.gid);
  };
  const makeFolder = (path: string): string => {
    mkdirSync(path, { recursive: true });
    own(path);
    return path;
  };
  chmodSync(root, 0o755);
  own(root);
  const maildir = join(root, 'mail');
  for (const path of ['run', 'state', 'mail', 'mail/new', 'mail/cur', 'mail/tmp']) makeFolder(join(root, path));
  const caFile = makeCertificate(root);
  const tokens = new Map<string, string>();
  const introspection = await startIntrospection(tokens);
  const [imapPort, imapsPort, plainPort] = await Promise.all([freePort(), freePort(), freePort()]);
  writeFileSync(
    join(root, 'oauth2.conf.ext'),
    `introspection_mode = post\nintrospection_url = http://127.0.0.1:${portOf(introspection)}/\nusername_attribute = email\n`,
  );
  writeFileSync(
    join(root, 'dovecot.conf'),
    configuration({ root, user, group, imapPort, imapsPort, plainPort, tls: options.tls !== false }),
  );
  const server = spawn('/usr/sbin/dovecot', ['-F', '-c', join(root, 'dovecot.conf')], { stdio: 'ignore' });
  await listening(imapPort, root);

  let delivered = 0;
  const folderPath = (folder: string): string =>
    folder === 'INBOX' ? maildir : join(maildir, `.${folder.replaceAll('/', '.')}`);
  const files = (folder: string): readonly string[] =>
    ['new', 'cur'].flatMap((part) => {
      const path = join(folderPath(folder), part);
      try {
        return readdirSync(path).map((name) => join(path, name));
      } catch {
        return [];
      }
    });
  return {
    imapPort,
    imapsPort,
    plainPort,
    caFile,
    root,
    tokens,
    deliver: (mails, folder = 'INBOX') => {
      for (const mail of mails) {
        delivered += 1;
        const name = `${1_700_000_000 + delivered}.M${delivered}P1.lab`;
        // As a delivery does: what stands in new is whole, and the server may move it at once.
        const path = join(folderPath(folder), 'tmp', name);
        writeFileSync(path, mail);
        own(path);
        renameSync(path, join(folderPath(folder), 'new', name));
      }
    },
    messages: (folder) => files(folder).map((path) => readFileSync(path)),
    count: (folder) => files(folder).length,
    forget: (folder) => {
      for (const path of files(folder)) rmSync(path);
    },
    renumber: async () => {
      // A new UIDVALIDITY is the time it is given at, in seconds.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      for (const name of readdirSync(maildir)) {
        if (/^dovecot/.test(name)) rmSync(join(maildir, name), { recursive: true });
      }
    },
    stop: async () => {
      const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
      server.kill('SIGTERM');
      await ended;
      introspection.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function configuration(of: {
  readonly root: string;
  readonly user: string;
  readonly group: string;
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly plainPort: number;
  readonly tls: boolean;
}): string {
  const { root, user, group } = of;
  return `
base_dir = ${root}/run
state_dir = ${root}/state
log_path = ${root}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = ${user}
default_login_user = ${user}
default_internal_group = ${group}
mail_uid = ${user}
mail_gid = ${group}
mail_location = maildir:${root}/mail
ssl = ${of.tls ? 'yes' : 'no'}
ssl_cert = <${root}/server.pem
ssl_key = <${root}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
first_valid_uid = 1
mail_max_userip_connections = 50
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${of.imapPort}
  }
  inet_listener imaps {
    port = ${of.imapsPort}
    ssl = yes
  }
  inet_listener plain {
    port = ${of.plainPort}
  }
}
service stats {
  chroot =
}
passdb {
  driver = static
  mechanisms = plain login
  args = password=secret
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${root}/oauth2.conf.ext
}
userdb {
  driver = static
  args = uid=${user} gid=${group} home=${root}/mail
}
namespace inbox {
  inbox = yes
  separator = /
}
`;
}

/** An authority and a certificate for localhost and 127.0.0.1. */
function makeCertificate(root: string): string {
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=Lab authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(root, 'server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'server.ext'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signing);
  return join(root, 'ca.pem');
}

/** RFC 7662: whose a token is. */
async function startIntrospection(tokens: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const token = new URLSearchParams(body).get('token');
      const email = [...tokens].find(([, known]) => known === token)?.[0];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(email === undefined ? { active: false } : { active: true, email }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function identity(name: string): { readonly name: string; readonly group: string; uid: number; gid: number } {
  const ask = (flag: string): string => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim();
  return { name, group: ask('-gn'), uid: Number(ask('-u')), gid: Number(ask('-g')) };
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: { address: () => AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}

async function listening(port: number, root: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      setTimeout(() => socket.destroy(), 2000).unref();
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Dovecot does not answer: ${readFileSync(join(root, 'dovecot.log'), 'utf8').slice(-2000)}`);
}
