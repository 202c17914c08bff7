import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askServer } from '#scripts/io/dns/ask.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { freePort, run } from './process.ts';

export interface LabZone {
  /** One label below `test`: `lab.test`. */
  readonly name: string;
  /** `secure` is signed and delegated so; `bogus` has another key's DS; `expired` signatures of last year; `lame` is delegated to a server that does not hold it. */
  readonly kind: 'secure' | 'insecure' | 'bogus' | 'expired' | 'lame';
  /** Lines of a zone file; names are relative to the zone. */
  readonly records: readonly string[];
  /** Names that the TSIG key may change, with the types. */
  readonly updatable?: readonly string[];
}

export interface Named {
  readonly address: '127.0.0.1';
  readonly port: number;
  /** For `dns` of the settings, and for POSTERN_TSIG_SECRET. */
  readonly tsig: { readonly key_name: string; readonly algorithm: 'hmac-sha256'; readonly secret: string };
  /** A file with the DS of the root, for a validating resolver. */
  readonly anchorFile: string;
  /** Each with the port where a resolver finds it: that of a server that refuses for a lame one. */
  readonly zones: readonly { readonly name: string; readonly port: number }[];
  readonly stop: () => Promise<void>;
}

/** Signed before any test and until after it. */
const EXPIRED = ['-s', '20250101000000', '-e', '20250201000000'];

/** BIND on loopback that holds a root of its own, `test`, and zones below it. */
export async function startNamed(zones: readonly LabZone[]): Promise<Named> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-named-'));
  const keys = join(folder, 'keys');
  const wrong = join(folder, 'wrong');
  for (const path of [keys, wrong]) mkdirSync(path);
  const tool = (program: string, ...options: string[]) =>
    execFileSync(`/usr/bin/${program}`, options, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const newKey = (zone: string) => tool('dnssec-keygen', '-q', '-K', keys, '-k', 'default', zone);
  const ds = (path: string) => tool('dnssec-dsfromkey', '-2', path);

  const rootKey = newKey('.');
  const testKey = newKey('test.');
  const delegations = zones.flatMap(({ name, kind }) => {
    if (kind === 'lame') return [`${name}. NS ns.${name}.`, `ns.${name}. A 127.0.0.1`];
    const ns = `${name}. NS ns1.test.`;
    if (kind === 'insecure') return [ns];
    const own = newKey(`${name}.`);
    if (kind !== 'bogus') return [ns, ds(join(keys, own))];
    const other = tool('dnssec-keygen', '-q', '-K', wrong, '-a', 'ECDSAP256SHA256', '-f', 'KSK', `${name}.`);
    return [ns, ds(join(wrong, other))];
  });
  const address = 'ns1.test. A 127.0.0.1';
  write(folder, 'root.zone', ['test. NS ns1.test.', ds(join(keys, testKey)), address]);
  write(folder, 'test.zone', [address, ...delegations]);
  for (const { name, kind, records } of zones) {
    if (kind === 'lame') continue;
    write(folder, `${name}.zone`, records);
    if (kind === 'expired') {
      tool(
        'dnssec-signzone',
        '-q',
        '-P',
        '-z',
        '-K',
        keys,
        '-S',
        '-o',
        `${name}.`,
        ...EXPIRED,
        '-f',
        `${name}.signed`,
        `${name}.zone`,
      );
    }
  }
  const anchorFile = join(folder, 'anchor.ds');
  writeFileSync(anchorFile, `${ds(join(keys, rootKey))}\n`);
  const port = await freePort();
  const refusing = await startFakeDns(() => ({ rcode: 5 }));
  const secret = randomBytes(32).toString('base64');
  writeFileSync(join(folder, 'named.conf'), configuration({ folder, port, secret, zones }));
  const server = { address: '127.0.0.1', port } as const;
  const holds = async (name: string) => {
    const query = { name, type: 'SOA', recursive: false, unchecked: false, edns: true } as const;
    const reply = await askServer(server, query, { udp: [300], tcp: 300 });
    return 'rcode' in reply && reply.rcode === 0 && reply.answers.some(({ type }) => type === 'SOA');
  };
  const signed = async (name: string) => {
    const query = { name, type: 'SOA', recursive: false, unchecked: false, edns: true } as const;
    const reply = await askServer(server, query, { udp: [300], tcp: 300 });
    return 'rcode' in reply && reply.answers.some(({ type }) => type === 'RRSIG');
  };
  const up = async () => {
    const wanted = zones.filter(({ kind }) => kind !== 'lame');
    const checks = wanted.map(({ name, kind }) => (kind === 'insecure' ? holds(name) : signed(name)));
    return (await Promise.all([...checks, signed('.'), signed('test')])).every(Boolean);
  };
  const running = await run('/usr/sbin/named', ['-c', join(folder, 'named.conf'), '-4', '-n', '1', '-f'], up).catch(
    (error) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${log(folder)}`);
    },
  );
  return {
    ...server,
    tsig: { key_name: 'lab-key', algorithm: 'hmac-sha256', secret },
    anchorFile,
    zones: [
      ...['.', 'test'].map((name) => ({ name, port })),
      ...zones.map(({ name, kind }) => ({ name, port: kind === 'lame' ? refusing.port : port })),
    ],
    stop: async () => {
      await running.stop();
      await refusing.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function write(folder: string, file: string, records: readonly string[]): void {
  const head = ['$TTL 300', '@ IN SOA ns1.test. host.test. 1 3600 600 86400 60', '@ IN NS ns1.test.'];
  writeFileSync(join(folder, file), `${[...head, ...records].join('\n')}\n`);
}

function configuration(of: { folder: string; port: number; secret: string; zones: readonly LabZone[] }): string {
  const { folder, port, secret, zones } = of;
  const signing = 'dnssec-policy default; inline-signing yes;';
  const zone = ({ name, kind, updatable }: LabZone) => {
    if (kind === 'lame') return '';
    if (kind === 'expired') return `zone "${name}" { type primary; file "${name}.signed"; };`;
    const grants = (updatable ?? []).map((name) => `grant lab-key ${name};`).join(' ');
    const update = grants === '' ? '' : `update-policy { ${grants} };`;
    // A zone that is updated is signed in place.
    const how = kind === 'insecure' ? '' : update === '' ? signing : 'dnssec-policy default;';
    return `zone "${name}" { type primary; file "${name}.zone"; ${how} ${update} };`;
  };
  return `options {
  directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key";
  managed-keys-directory "${folder}"; key-directory "${folder}/keys";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; allow-transfer { none; }; minimal-responses yes; notify no;
};
key "lab-key" { algorithm hmac-sha256; secret "${secret}"; };
controls { };
logging { channel file { file "named.log"; severity info; }; category default { file; }; };
zone "." { type primary; file "root.zone"; ${signing} };
zone "test" { type primary; file "test.zone"; ${signing} };
${zones.map(zone).join('\n')}
`;
}

function log(folder: string): string {
  try {
    return readFileSync(join(folder, 'named.log'), 'utf8').slice(-4000);
  } catch {
    return '';
  }
}
