import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Pebble } from './pebble.ts';
import { run } from './process.ts';

export interface Caddy {
  readonly port: number;
  /** `<folder>/<host>` is the document root of a host. */
  readonly folder: string;
  /** Writes a policy where the host serves it. */
  readonly serve: (host: string, body: string) => void;
  readonly stop: () => Promise<void>;
}

/** A web server on loopback that serves policy hosts with certificates from a lab authority, on its TLS port. */
export async function startCaddy(pebble: Pebble, hosts: readonly string[]): Promise<Caddy> {
  const root = mkdtempSync(join(tmpdir(), 'postern-caddy-'));
  const folder = join(root, 'sites');
  const site = hosts.map((host) => `https://${host}`).join(', ');
  writeFileSync(
    join(root, 'Caddyfile'),
    `{
	admin off
	storage file_system ${root}/storage
	http_port ${pebble.httpPort}
	https_port ${pebble.tlsPort}
	default_bind 127.0.0.1
	acme_ca ${pebble.directory}
	acme_ca_root ${pebble.caFile}
	email lab@lab.test
	servers {
		protocols h1 h2
	}
}
${site} {
	root * ${folder}/{host}
	header Content-Type "text/plain; charset=utf-8"
	file_server
}
`,
  );
  const serve = (host: string, body: string) => {
    const wellKnown = join(folder, host, '.well-known');
    mkdirSync(wellKnown, { recursive: true });
    writeFileSync(join(wellKnown, 'mta-sts.txt'), body);
  };
  const certified = (host: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: pebble.tlsPort, servername: host, rejectUnauthorized: false });
      socket.once('secureConnect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  const up = async () => (await Promise.all(hosts.map(certified))).every(Boolean);
  const environment = { HOME: root, XDG_DATA_HOME: root, XDG_CONFIG_HOME: root };
  const running = await run(
    '/usr/bin/caddy',
    ['run', '--config', join(root, 'Caddyfile'), '--adapter', 'caddyfile'],
    up,
    environment,
  );
  return {
    port: pebble.tlsPort,
    folder,
    serve,
    stop: async () => {
      await running.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
