import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../fakes/pki.ts';
import { freePort, run } from './process.ts';

const PROGRAM = '/usr/sbin/nginx';

export interface Nginx {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/**
 * nginx with the two files of a bundle as they were written, but for the ports and the place of the certificates. Throws
 * what nginx says when it does not take them.
 */
export async function startNginx(
  dist: string,
  port: number,
  certificates: readonly { readonly host: string; readonly leaf: Identity; readonly chain: string }[],
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-nginx-'));
  const live = join(folder, 'live');
  for (const { host, leaf, chain } of certificates) {
    mkdirSync(join(live, host), { recursive: true });
    writeFileSync(join(live, host, 'fullchain.pem'), chain);
    writeFileSync(join(live, host, 'privkey.pem'), leaf.keyPem);
  }
  const httpPort = await freePort();
  const include = (name: string): string => {
    const text = readFileSync(join(dist, name), 'utf8')
      .replaceAll('/etc/letsencrypt/live/', `${live}/`)
      .replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replaceAll('listen 80;', `listen 127.0.0.1:${httpPort};`)
      .replaceAll(/^ *listen \[::\].*\n/gm, '');
    writeFileSync(join(folder, name), text);
    return `  include ${join(folder, name)};`;
  };
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(folder, name)};`,
  );
  const config = join(folder, 'main.conf');
  const user = process.getuid?.() === 0 ? ['user root;'] : [];
  writeFileSync(
    config,
    [
      ...user,
      `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events { }`,
      'http {',
      '  access_log off; include /etc/nginx/mime.types;',
      ...temporary,
      include('nginx-acme.conf'),
      include('nginx.conf'),
      '}',
    ].join('\n'),
  );
  execFileSync(PROGRAM, ['-t', '-c', config], { stdio: 'pipe' });
  const up = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  const running = await run(PROGRAM, ['-c', config], up);
  return {
    port,
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
