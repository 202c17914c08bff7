import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an independent client says of the certificate: null is sound, else its own words. */
export type Oracle = (port: number) => Promise<string | null>;

export interface OracleOptions {
  readonly folder: string;
  readonly host: string;
  readonly rootPem: string;
  /** A revocation list in PEM, when the client is to look. */
  readonly listPem?: string;
  /** Seconds of the epoch: the clock to judge by. */
  readonly at?: number;
}

/** Postfix's own look, as a sending MTA that demands a fitting certificate (`secure`). */
export function postTlsFinger({ folder, host, rootPem }: OracleOptions): Oracle {
  const roots = join(folder, 'roots.pem');
  writeFileSync(roots, rootPem);
  return async (port) => {
    const options = [
      '-c',
      '-L',
      'summary,verbose',
      '-l',
      'secure',
      '-F',
      roots,
      '-s',
      host,
      '-o',
      'inet_protocols=ipv4',
    ];
    const said = await outputOf('/usr/sbin/posttls-finger', [...options, `[127.0.0.1]:${port}`, host]);
    if (/Verified TLS connection established/.test(said)) return null;
    return /verification failed for [^ ]+: (.*)/.exec(said)?.[1] ?? said.slice(-500);
  };
}

/** What Postfix makes of a domain's first MX host under DANE: `none`: no TLSA record counts; `encrypt`: none is usable. */
export type DaneVerdict = 'pass' | 'fail' | 'encrypt' | 'none' | 'unreachable';

export interface DaneOracleOptions {
  readonly folder: string;
  readonly rootPem: string;
  /** A validating resolver on port 53: Postfix asks whom the machine names, so the machine is told so for it alone. */
  readonly nameserver: string;
  readonly port: number;
}

/** `posttls-finger -l dane` (RFC 7672), in a mount namespace with a resolv.conf of its own. Needs root. */
export function postTlsFingerDane({ folder, rootPem, nameserver, port }: DaneOracleOptions) {
  const [roots, resolvers] = [join(folder, 'dane-roots.pem'), join(folder, 'resolv.conf')];
  writeFileSync(roots, rootPem);
  writeFileSync(resolvers, `nameserver ${nameserver}\noptions trust-ad\n`);
  const script = 'mount --bind "$0" /etc/resolv.conf && exec /usr/sbin/posttls-finger "$@"';
  return async (domain: string): Promise<DaneVerdict> => {
    const look = ['-c', '-L', 'summary,verbose', '-l', 'dane', '-F', roots, '-o', 'inet_protocols=ipv4'];
    const said = await outputOf('/usr/bin/unshare', [
      '-m',
      'sh',
      '-c',
      script,
      resolvers,
      ...look,
      `${domain}:${port}`,
    ]);
    return daneVerdict(said);
  };
}

function daneVerdict(said: string): DaneVerdict {
  if (/Verified TLS connection established/.test(said)) return 'pass';
  if (/all TLSA records unusable|unsupported TLSA/.test(said)) return 'encrypt';
  if (/DNSSEC-signed TLSA record/.test(said)) return 'fail';
  return /TLS connection established/.test(said) ? 'none' : 'unreachable';
}

export function opensslClient({ folder, host, rootPem, listPem, at }: OracleOptions): Oracle {
  const [roots, lists] = [join(folder, 'roots.pem'), join(folder, 'lists.pem')];
  writeFileSync(roots, rootPem);
  if (listPem !== undefined) writeFileSync(lists, listPem);
  const more = [
    ...(listPem === undefined ? [] : ['-crl_check', '-CRL', lists]),
    ...(at === undefined ? [] : ['-attime', String(at)]),
  ];
  return async (port) => {
    const target = ['-starttls', 'smtp', '-connect', `127.0.0.1:${port}`, '-servername', host];
    const judge = ['-CAfile', roots, '-no-CApath', '-verify_hostname', host, ...more];
    const said = await outputOf('/usr/bin/openssl', ['s_client', ...target, ...judge]);
    const [, code, words = ''] = /Verify return code: (\d+) \(([^)]*)\)/.exec(said) ?? [];
    if (code === undefined) return said.slice(-500);
    return code === '0' ? null : words;
  };
}

function outputOf(program: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, [...options], { timeout: 20_000, maxBuffer: 2 ** 22 }, (_error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`);
    });
    child.stdin?.end('QUIT\n');
  });
}
