import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askServer } from '#scripts/io/dns/ask.ts';
import { createPki } from '../../fakes/pki.ts';
import type { Named } from './named.ts';
import { freePort, run } from './process.ts';

export interface Unbound {
  /** For `network.resolver`. */
  readonly udp: string;
  readonly https: string;
  /** PEM of the root that the https address is certified by. */
  readonly ca: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** A validating resolver on loopback over the zones of a lab server: UDP and TCP on one port, DoH on another. */
export async function startUnbound(
  named: Named,
  /** `port53`: an address where it listens on port 53 as well, for programs that can ask on no other. */
  options: { readonly validate?: boolean; readonly port53?: string } = {},
): Promise<Unbound> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-unbound-'));
  const pki = createPki(Date.now());
  const root = pki.certificate({ name: 'Lab resolver root', ca: true });
  const leaf = pki.certificate({ name: 'localhost', dns: ['localhost'], issuer: root });
  writeFileSync(join(folder, 'key.pem'), leaf.keyPem);
  writeFileSync(join(folder, 'chain.pem'), leaf.pem + root.pem);
  const [port, httpsPort] = [await freePort(), await freePort()];
  const stubs = named.zones.map(
    ({ name, port: at }) => `stub-zone:\n  name: "${name}"\n  stub-addr: 127.0.0.1@${at}\n  stub-prime: no`,
  );
  const also = options.port53 === undefined ? '' : `interface: ${options.port53}@53`;
  const modules = options.validate === false ? 'iterator' : 'validator iterator';
  writeFileSync(
    join(folder, 'unbound.conf'),
    `server:
  directory: "${folder}"
  chroot: ""
  username: ""
  pidfile: "${folder}/unbound.pid"
  use-syslog: no
  verbosity: 1
  interface: 127.0.0.1@${port}
  interface: 127.0.0.1@${httpsPort}
  ${also}
  https-port: ${httpsPort}
  tls-service-key: "${folder}/key.pem"
  tls-service-pem: "${folder}/chain.pem"
  do-not-query-localhost: no
  trust-anchor-file: "${named.anchorFile}"
  module-config: "${modules}"
  access-control: 127.0.0.0/8 allow
  local-zone: "test." nodefault
  ede: yes
  cache-max-ttl: 1
  cache-max-negative-ttl: 1
remote-control:
  control-enable: no
${stubs.join('\n')}
`,
  );
  const query = { name: 'test', type: 'SOA', recursive: true, unchecked: false, edns: true } as const;
  const up = async () => 'rcode' in (await askServer({ address: '127.0.0.1', port }, query, { udp: [300], tcp: 300 }));
  const running = await run('/usr/sbin/unbound', ['-d', '-c', join(folder, 'unbound.conf')], up);
  return {
    udp: `udp://127.0.0.1:${port}`,
    https: `https://localhost:${httpsPort}/dns-query`,
    ca: root.pem,
    port,
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
