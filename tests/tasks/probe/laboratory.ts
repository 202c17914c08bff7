import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantOf } from '#scripts/core/clock.ts';
import { type ProbeOptions, type ProbeResult, probe } from '#scripts/tasks/probe.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../../fakes/dns/zone.ts';
import { startHttpFolder } from '../../fakes/http-folder.ts';
import { type FaultServer, type Peculiarity, startFaultServer } from '../../fakes/smtp/fault-server.ts';
import { type MailIdentities, mailIdentities } from '../../fakes/smtp/faults.ts';

export interface Machine {
  readonly host: string;
  /** Loopback: all machines listen on one port. */
  readonly address: string;
  readonly server: Peculiarity;
}

export interface Laboratory {
  readonly root: string;
  readonly data: string;
  readonly zone: ZoneEntry[];
  readonly id: MailIdentities;
  readonly servers: ReadonlyMap<string, FaultServer>;
  /** `network` of the settings, line by line. */
  readonly write: (network: readonly string[], domains: Readonly<Record<string, readonly string[]>>) => void;
  readonly probe: (changes?: Partial<ProbeOptions>) => Promise<ProbeResult>;
  readonly close: () => Promise<void>;
}

export const LAB_HOST = 'mx1.lab.test';
export const LAB_NOW = instantOf(Date.now());

/** A resolver, mail servers and a folder with domains, all on loopback. `machines` are made from the identities. */
export async function startLaboratory(machines: (id: MailIdentities) => readonly Machine[]): Promise<Laboratory> {
  const home = mkdtempSync(join(tmpdir(), 'postern-probe-'));
  const [root, data] = [join(home, 'root'), join(home, 'data')];
  mkdirSync(join(root, 'domains'), { recursive: true });
  const http = await startHttpFolder({});
  const id = mailIdentities(Date.parse(LAB_NOW), LAB_HOST, http.url);
  http.put('/inter.der', id.inter.der);
  http.put('/inter.crl', id.revocationList);
  writeFileSync(join(root, 'ca.pem'), id.root.pem);
  const zone: ZoneEntry[] = [];
  const dns = await startFakeDns((asked) => respondFrom(zone, { ad: true })(asked));
  const servers = new Map<string, FaultServer>();
  let port = 0;
  for (const { host, address, server } of machines(id)) {
    const running = await startFaultServer(server, { host: address, port });
    port = running.port;
    servers.set(`${host} ${address}`, running);
    zone.push({ name: host, type: address.includes(':') ? 'AAAA' : 'A', data: address });
  }
  return {
    root,
    data,
    zone,
    id,
    servers,
    write: (network, domains) => {
      const settings = [
        'organisation: Laboratory',
        'reporting: { rua: [mailto:tls@reports.example] }',
        'network:',
        `  resolver: ${dns.url}`,
        `  smtp_port: ${port === 0 ? 9 : port}`,
        '  https_port: 9',
        `  dns_port: ${dns.port}`,
        '  ca_file: ca.pem',
        ...network.map((line) => `  ${line}`),
      ];
      writeFileSync(join(root, 'domains/_settings.yaml'), `${settings.join('\n')}\n`);
      for (const [domain, mx] of Object.entries(domains)) {
        writeFileSync(join(root, `domains/${domain}.yaml`), `mode: testing\nmx: [${mx.join(', ')}]\n`);
        zone.push(
          ...mx.map((exchange, index) => ({
            name: domain,
            type: 'MX',
            data: { preference: 10 * (index + 1), exchange },
          })),
        );
      }
    },
    probe: (changes = {}) =>
      probe({
        root,
        data,
        now: LAB_NOW,
        domains: [],
        shard: { index: 1, count: 1 },
        budgetSeconds: null,
        dryRun: false,
        environment: {},
        progress: () => {},
        ...changes,
      }),
    close: async () => {
      await Promise.all([dns.close(), http.close(), ...[...servers.values()].map((one) => one.close())]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
