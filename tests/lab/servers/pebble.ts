import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPki } from '../../fakes/pki.ts';
import { freePort, run } from './process.ts';

export interface Pebble {
  readonly directory: string;
  /** A file with the root that the ACME address itself is certified by. */
  readonly caFile: string;
  /** Where it looks for the answers to its challenges. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** PEM of the root that its certificates lead to. */
  readonly root: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** An ACME authority on loopback (RFC 8555) that asks the DNS server at this port. */
export async function startPebble(dnsPort: number): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-pebble-'));
  const pki = createPki(Date.now());
  const root = pki.certificate({ name: 'Lab ACME root', ca: true });
  const leaf = pki.certificate({ name: 'localhost', dns: ['localhost'], issuer: root });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const caFile = file('ca.pem', root.pem);
  const [port, managementPort, httpPort, tlsPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: file('chain.pem', leaf.pem + root.pem),
    privateKey: file('key.pem', leaf.keyPem),
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
  const config = file('pebble.json', JSON.stringify({ pebble }));
  const get = (path: string, at: number) => fetchText(`https://localhost:${at}${path}`, root.pem);
  const options = ['-config', config, '-dnsserver', `127.0.0.1:${dnsPort}`];
  const up = async () => (await get('/dir', port)) !== null && (await get('/roots/0', managementPort)) !== null;
  const running = await run('/usr/bin/pebble', options, up, { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' });
  return {
    directory: `https://localhost:${port}/dir`,
    caFile,
    httpPort,
    tlsPort,
    root: async () => (await get('/roots/0', managementPort)) ?? '',
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fetchText(url: string, ca: string): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request(
      url,
      { ca, agent: false, lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve(response.statusCode === 200 ? text : null));
      },
    );
    asked.on('error', () => resolve(null));
    asked.end();
  });
}
