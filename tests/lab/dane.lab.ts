import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ProbeResult } from '#scripts/tasks/probe.ts';
import type { Identity } from '../fakes/pki.ts';
import { type MailIdentities, mailIdentities } from '../fakes/smtp/faults.ts';
import { type LabZone, type Named, startNamed } from './servers/named.ts';
import { type DaneVerdict, postTlsFingerDane } from './servers/oracles.ts';
import { type Postfix, type Presents, startPostfix } from './servers/postfix.ts';
import { startUnbound, type Unbound } from './servers/unbound.ts';

/** DANE of a real Postfix, in signed, unsigned and broken zones, as the command sees it and as Postfix's own client does. */

const nowMs = Date.now();
const RESOLVER = '127.0.9.53';
const hash = (algorithm: 'sha256' | 'sha512', bytes: Uint8Array): string =>
  createHash(algorithm).update(bytes).digest('hex');
const spkiOf = ({ publicKey }: Pick<Identity, 'publicKey'>): Uint8Array =>
  publicKey.export({ type: 'spki', format: 'der' });
const S = (one: Identity): string => hash('sha256', spkiOf(one));

interface Case {
  readonly presents: (id: MailIdentities) => Presents;
  /** Data of TLSA records. */
  readonly tlsa: (id: MailIdentities) => readonly string[];
  readonly zone?: 'lab.test' | 'insecure.test' | 'bogus.test';
  readonly verdict: DaneVerdict;
  /** Codes of the `dane` rows. */
  readonly seen: readonly string[];
  /** The policy domain, where it matters. */
  readonly domain?: string;
  /** Where the records stand instead of at the host's own name; `at`: the label of the port. */
  readonly owner?: (host: string, at: string) => string;
  /** What the host is an alias of, link by link; the address stands at the end. */
  readonly alias?: (host: string) => readonly string[];
  /** What `_25._tcp` of the host is an alias of. */
  readonly tlsaAlias?: (host: string, at: string) => string;
}

const GOOD = (id: MailIdentities): Presents => [id.good, id.inter];
const OK = ['ok'];
const CASES: Readonly<Record<string, Case>> = {
  'D01 3 1 1 of the key': { presents: GOOD, tlsa: (id) => [`3 1 1 ${S(id.good)}`], verdict: 'pass', seen: OK },
  'D02 D03 expired and another name': {
    presents: (id) => [id.expiredOtherName, id.inter],
    tlsa: (id) => [`3 1 1 ${S(id.expiredOtherName)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D04 no intermediate': {
    presents: (id) => [id.good],
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D05 self-signed': {
    presents: (id) => [id.selfSigned],
    tlsa: (id) => [`3 1 1 ${S(id.selfSigned)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D07 3 0 1 of another certificate': {
    presents: GOOD,
    tlsa: (id) => [`3 0 1 ${hash('sha256', id.rsa.der)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  '3 0 1 of the certificate': {
    presents: GOOD,
    tlsa: (id) => [`3 0 1 ${hash('sha256', id.good.der)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D08 another key': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.rsa)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D09 the next key beside it': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`, `3 1 1 ${S(id.rsa)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D12 2 1 1 of the intermediate': {
    presents: GOOD,
    tlsa: (id) => [`2 1 1 ${S(id.inter)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D13 2 1 1, and the intermediate is not sent': {
    presents: (id) => [id.good],
    tlsa: (id) => [`2 1 1 ${S(id.inter)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D14 2 1 1 and expired': {
    presents: (id) => [id.expired, id.inter],
    tlsa: (id) => [`2 1 1 ${S(id.inter)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D15 2 1 1 and another name': {
    presents: (id) => [id.otherName, id.inter],
    tlsa: (id) => [`2 1 1 ${S(id.inter)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D17 2 0 1 of a root that is sent': {
    presents: (id) => [id.good, id.inter, id.root],
    tlsa: (id) => [`2 0 1 ${hash('sha256', id.root.der)}`],
    verdict: 'pass',
    seen: OK,
  },
  'D18 2 0 1 of a root that is not sent': {
    presents: GOOD,
    tlsa: (id) => [`2 0 1 ${hash('sha256', id.root.der)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D21 usage 1 alone': {
    presents: GOOD,
    tlsa: (id) => [`1 1 1 ${S(id.good)}`],
    verdict: 'encrypt',
    seen: ['ok', 'tlsa-usage'],
  },
  'D24 cut short': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good).slice(2)}`],
    verdict: 'encrypt',
    seen: ['ok', 'tlsa-malformed'],
  },
  'D25 cut short beside the right one': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good).slice(2)}`, `3 1 1 ${S(id.good)}`],
    verdict: 'pass',
    seen: ['ok', 'tlsa-malformed'],
  },
  'D26 an unknown matching type': {
    presents: GOOD,
    tlsa: (id) => [`3 1 9 ${S(id.good)}`],
    verdict: 'encrypt',
    seen: ['ok', 'tlsa-malformed'],
  },
  'D28 SHA2-512 alone': {
    presents: GOOD,
    tlsa: (id) => [`3 1 2 ${hash('sha512', spkiOf(id.good))}`],
    verdict: 'pass',
    seen: ['ok', 'tlsa-usage'],
  },
  'D29 a stronger digest of the old key': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`, `3 1 2 ${hash('sha512', spkiOf(id.rsa))}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D31 no STARTTLS': {
    presents: () => null,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    verdict: 'fail',
    seen: ['ok', 'tlsa-mismatch'],
  },
  'D33 a zone that is not signed': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.rsa)}`],
    zone: 'insecure.test',
    verdict: 'none',
    seen: OK,
  },
  'D35 a zone that is bogus': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    zone: 'bogus.test',
    verdict: 'unreachable',
    seen: ['dnssec-bogus'],
  },
  'D37 no record': { presents: GOOD, tlsa: () => [], verdict: 'none', seen: OK },
  'D16 2 1 1 and only the name of the domain': {
    presents: (id) => [id.otherName, id.inter],
    tlsa: (id) => [`2 1 1 ${S(id.inter)}`],
    domain: 'other.lab.test',
    verdict: 'pass',
    seen: OK,
  },
  'D39 an alias, records at its end': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    alias: (host) => [`end-${host}`],
    owner: (host, at) => `${at}.end-${host}`,
    verdict: 'pass',
    seen: OK,
  },
  'D40 an alias, records at its own name': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    alias: (host) => [`end-${host}`],
    verdict: 'pass',
    seen: OK,
  },
  'D41 an alias of an alias, records between': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.rsa)}`],
    alias: (host) => [`between-${host}`, `end-${host}`],
    owner: (host, at) => `${at}.between-${host}`,
    verdict: 'none',
    seen: OK,
  },
  'D42 an alias into a zone that is not signed': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    alias: (host) => [host.replace('lab.test', 'insecure.test')],
    verdict: 'pass',
    seen: OK,
  },
  'D43 the records are an alias': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.good)}`],
    tlsaAlias: (host, at) => `${at}.shared-${host}`,
    owner: (host, at) => `${at}.shared-${host}`,
    verdict: 'pass',
    seen: OK,
  },
  'D44 the records are an alias into a zone that is not signed': {
    presents: GOOD,
    tlsa: (id) => [`3 1 1 ${S(id.rsa)}`],
    tlsaAlias: (host, at) => `${at}.${host.replace('lab.test', 'insecure.test')}`,
    owner: (host, at) => `${at}.${host.replace('lab.test', 'insecure.test')}`,
    verdict: 'none',
    seen: OK,
  },
};

interface House extends Case {
  readonly name: string;
  readonly host: string;
  readonly domain: string;
  readonly address: string;
  readonly id: MailIdentities;
}

const houses: readonly House[] = Object.entries(CASES).map(([name, one], index) => {
  const zone = one.zone ?? 'lab.test';
  const host = `mx${index}.${zone}`;
  const domain = one.domain ?? (zone === 'bogus.test' ? `d${index}.lab.test` : `d${index}.${zone}`);
  const id = mailIdentities(nowMs, host, 'http://127.0.0.1:9');
  return { ...one, name, host, domain, id, address: `127.0.11.${index + 1}` };
});

/** Postfix's client asks the resolver that the machine names: without a mount namespace it cannot be given another. */
const isConfined = spawnSync('/usr/bin/unshare', ['-m', 'true']).status !== 0;
const skip = isConfined ? 'this machine gives no mount namespace' : false;

describe('DANE, seen by us and by Postfix', { timeout: 240_000, skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-lab-dane-'));
  let named: Named;
  let unbound: Unbound;
  let postfix: Postfix;
  let port = 0;

  before(async () => {
    postfix = await startPostfix(
      houses.map(({ presents, id }) => presents(id)),
      houses.map(({ address }) => address),
    );
    port = postfix.ports[0] ?? 0;
    const zone = (name: string, kind: LabZone['kind']): LabZone => {
      const records = houses.flatMap((house) => recordsOf(house).filter((line) => zoneOf(line) === name));
      return { name, kind, records };
    };
    named = await startNamed([
      zone('lab.test', 'secure'),
      zone('insecure.test', 'insecure'),
      zone('bogus.test', 'bogus'),
    ]);
    unbound = await startUnbound(named, { port53: RESOLVER });
  });

  after(async () => {
    for (const one of [unbound, named, postfix]) await one?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Postfix asks at the port it connects to, senders of mail and we at 25. */
  function recordsOf({ host, domain, address, tlsa, id, owner, alias, tlsaAlias }: House): readonly string[] {
    const names = [host, ...(alias?.(host) ?? [])];
    const links = names.slice(1).map((target, index) => `${names[index]}. CNAME ${target}.`);
    const ports = [`_25._tcp`, `_${port}._tcp`];
    const records = ports.flatMap((at) => {
      const stands = owner?.(host, at) ?? `${at}.${host}`;
      return [
        ...tlsa(id).map((data) => `${stands}. TLSA ${data}`),
        ...(tlsaAlias === undefined ? [] : [`${at}.${host}. CNAME ${tlsaAlias(host, at)}.`]),
      ];
    });
    return [`${names.at(-1)}. A ${address}`, ...links, `${domain}. MX 10 ${host}.`, ...records];
  }
  const zoneOf = (line: string): string => (line.split(' ')[0] ?? '').split('.').slice(-3, -1).join('.');

  test('both come to the same verdict on every record set', async () => {
    const ask = postTlsFingerDane({
      folder,
      rootPem: houses.map(({ id }) => id.root.pem).join(''),
      nameserver: RESOLVER,
      port,
    });
    const rows = (await probe(houses.map(({ domain }) => domain))).observations.filter(({ kind }) => kind === 'dane');
    for (const house of houses) {
      const own = rows.filter(({ domain }) => domain === house.domain);
      assert.deepEqual([...new Set(own.map(({ code }) => code))].sort(), [...house.seen].sort(), house.name);
      assert.equal(await ask(house.domain), house.verdict, `${house.name}: posttls-finger`);
    }
  });

  async function probe(domains: readonly string[]): Promise<ProbeResult> {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'domains'), { recursive: true });
    writeFileSync(join(root, 'ca.pem'), houses.map(({ id }) => id.root.pem).join(''));
    const network = [
      `resolver: ${unbound.udp}`,
      `smtp_port: ${port}`,
      'https_port: 9',
      `dns_port: ${named.port}`,
      'ca_file: ca.pem',
      'allow_private: true',
      `control: [${houses[0]?.host}]`,
      'validation_test: { secure: lab.test, bogus: bogus.test }',
      'second_look: 0',
    ];
    const settings = ['organisation: Lab', 'network:', ...network.map((line) => `  ${line}`), ''];
    writeFileSync(join(root, 'domains/_settings.yaml'), settings.join('\n'));
    for (const domain of domains) {
      const { host } = houses.find((one) => one.domain === domain) ?? assert.fail(domain);
      writeFileSync(join(root, `domains/${domain}.yaml`), `mode: testing\nmx: [${host}]\n`);
    }
    const child = spawn(process.execPath, ['scripts/postern.ts', 'probe', '--dry-run', '--json', '--root', root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    return JSON.parse(text);
  }
});
