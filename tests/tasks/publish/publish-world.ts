import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Instant } from '#scripts/core/clock.ts';
import { createAskAuthority } from '#scripts/io/dns/ask-authority.ts';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import type { DnsProvider } from '#scripts/io/dns-providers/provider.ts';
import { connectGitHub } from '#scripts/io/github/connect.ts';
import { unsharedBudget } from '#scripts/io/github/write-budget.ts';
import type { Hosting } from '#scripts/io/hosting/hosting.ts';
import { pagesFleet } from '#scripts/io/hosting/pages-fleet.ts';
import { pagesHere } from '#scripts/io/hosting/pages-here.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { atAuthorities } from '#scripts/tasks/publish/at-authorities.ts';
import type { PublishWorld } from '#scripts/tasks/publish/world.ts';
import { type PublishOptions, publish } from '#scripts/tasks/publish.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom, type ZoneEntry } from '../../fakes/dns/zone.ts';
import { type FakeGitHub, startFakeGitHub } from '../../fakes/github/server.ts';
import { addAccount, addRepository, fileText } from '../../fakes/github/world.ts';
import { createPki } from '../../fakes/pki.ts';
import { httpAnswer, startPolicyHost } from '../../fakes/policy-host.ts';
import { jumpingClock } from '../../io/github/connection.ts';

export const NOW = '2026-11-21T06:00:00Z' as Instant;
const FLEET = 'hosting: { fleet: { kind: pages-fleet, owner: acme, repository_name: "{host}" } }';
const DNS = 'dns: { ours: { kind: desec, zone: example.com }, people: { kind: manual } }';

/** One certificate for every lab, good in all the months that tests live through. */
const pki = createPki(Date.parse(NOW));
const root = pki.certificate({ name: 'Lab root', ca: true, from: -400, to: 400 });
const certificate = (domains: readonly string[]) =>
  pki.certificate({
    name: 'host',
    dns: domains.map((domain) => `mta-sts.${domain}`),
    issuer: root,
    from: -400,
    to: 400,
  });
const leaf = certificate(['example.com']);

const APP_PERMISSIONS = {
  administration: 'write',
  checks: 'read',
  contents: 'write',
  metadata: 'read',
  pages: 'write',
  pull_requests: 'write',
};

/** The run ended here, as by SIGKILL: nothing after it happens. */
export class Killed extends Error {}

/** Ends the run at one outside call, before or after it took effect. Counts the calls of all runs together. */
interface Killer {
  calls: number;
  /** Null: nobody is killed. */
  at: number | null;
  when: 'before' | 'after';
  dead: boolean;
}

/** A GitHub, a DNS and policy hosts that hang together: what is written here is seen there. */
export interface PublishLab {
  readonly root: string;
  readonly data: string;
  readonly github: FakeGitHub;
  /** What a command needs to reach that GitHub. */
  readonly environment: Readonly<Record<string, string>>;
  readonly zone: ZoneEntry[];
  /** Where every server of the zone is asked. */
  readonly dnsPort: number;
  readonly killer: Killer;
  /** Changes of DNS that were made, `set TXT _mta-sts.example.com`. */
  readonly dnsWrites: string[];
  readonly write: (files: Readonly<Record<string, string | null>>) => void;
  readonly run: (changes?: Partial<PublishOptions>) => ReturnType<typeof publish>;
  /** What GitHub does in its own time: certificates for hosts that DNS leads to it. */
  readonly issueCertificates: () => void;
  /** What the policy host serves instead of its newest commit; null: its newest commit. */
  stale: string | null;
  /** What the web server of `bundle` serves by host; a host's name may lead to it: `web.example`. */
  readonly bundle: Map<string, string>;
  /** What another place serves, where the host's name may lead, too: `elsewhere.example`. */
  elsewhere: string | null;
  readonly close: () => Promise<void>;
}

/** `app`: GitHub is asked with the token of an App, else with that of a person. */
export async function openLab(
  domains: readonly string[] = ['example.com'],
  { app = false }: { readonly app?: boolean } = {},
): Promise<PublishLab> {
  const keys = app ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : null;
  const folder = mkdtempSync(join(tmpdir(), 'postern-publish-'));
  const data = join(folder, 'data');
  const publicKey = keys?.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const github = await startFakeGitHub(
    publicKey === undefined ? {} : { app: { id: '77', slug: 'postern', publicKey } },
  );
  addAccount(github.world, 'robot', 'User');
  github.world.installations.set('acme', { id: 5, permissions: APP_PERMISSIONS });
  const environment: Readonly<Record<string, string>> = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: 'acme/mail',
    ...(keys === null
      ? { GITHUB_TOKEN: 'secret' }
      : { POSTERN_APP_ID: '77', POSTERN_APP_KEY: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }),
  };
  addRepository(github.world, 'acme', 'mail');
  github.world.tokens.set('secret', { kind: 'person', login: 'robot' });
  const zone: ZoneEntry[] = [
    { name: 'example.com', type: 'NS', data: 'ns1.example.com' },
    { name: 'ns1.example.com', type: 'A', data: '127.0.0.1' },
    ...domains.map((name) => ({ name, type: 'MX', data: { preference: 10, exchange: 'mx1.example.com' } })),
    { name: 'acme.github.io', type: 'A', data: '127.0.0.1' },
    { name: 'web.example', type: 'A', data: '127.0.0.1' },
  ];
  const dns = await startFakeDns((asked) => respondFrom(zone, { aa: true })(asked));
  // What the plan sees of the policy host; publishing itself looks through `fetchBody`, where it can be killed.
  const host = await startPolicyHost({
    chain: [
      domains.some((domain) => domain !== 'example.com')
        ? certificate(['example.com', ...domains].slice(0, 200))
        : leaf,
      root,
    ],
    answer: (socket) => {
      const body = served(lab, socket.servername || '')[0]?.body ?? null;
      const type = { 'Content-Type': 'text/plain' };
      socket.end(body === null ? httpAnswer(404, type, '') : httpAnswer(200, type, body));
    },
  });
  writeFileSync(join(folder, 'ca.pem'), root.pem);
  const killer: Killer = { calls: 0, at: null, when: 'before', dead: false };
  const dnsWrites: string[] = [];
  const network = `network: { resolver: "${dns.url}", dns_port: ${dns.port}, https_port: ${host.port}, ca_file: ca.pem, allow_private: true }`;

  const write = (files: Readonly<Record<string, string | null>>): void => {
    for (const [path, text] of Object.entries(files)) {
      const full = join(folder, 'domains', path);
      mkdirSync(dirname(full), { recursive: true });
      if (text === null) rmSync(full);
      else writeFileSync(full, text);
    }
  };
  write({
    '_settings.yaml': [
      'organisation: Acme',
      'reporting: { rua: ["mailto:tls@example.com"] }',
      FLEET,
      DNS,
      network,
      '',
    ].join('\n'),
  });
  for (const domain of domains)
    write({ [`${domain}.yaml`]: 'mode: testing\nmx: [mx1.example.com]\nhosting: fleet\ndns: ours\n' });

  github.onRequest = () => {
    if (killer.dead) return github.fail({ kind: 'cut', applied: false });
    killer.calls++;
    if (killer.calls !== killer.at) return;
    killer.dead = true;
    github.fail({ kind: 'cut', applied: killer.when === 'after' });
  };
  const call = async <T>(act: () => T | Promise<T>): Promise<T> => {
    if (killer.dead) throw new Killed();
    killer.calls++;
    const isLast = killer.calls === killer.at;
    if (isLast) killer.dead = true;
    if (isLast && killer.when === 'before') throw new Killed();
    const result = await act();
    if (isLast) throw new Killed();
    return result;
  };

  const provider: DnsProvider = {
    kind: 'memory',
    read: ({ name, type }) =>
      call(() => {
        const held = zone.filter((one) => one.name === name && one.type === type && one.fails === undefined);
        return {
          name,
          type,
          values: held.map(({ data: value }) => (type === 'TLSA' ? tlsaText(value as TlsaData) : String(value))),
          ttl: held[0]?.ttl ?? null,
          handle: null,
        };
      }),
    write: ({ name, type }, values, ttl) =>
      call(() => {
        for (const old of zone.filter((one) => one.name === name && one.type === type && one.fails === undefined))
          zone.splice(zone.indexOf(old), 1);
        for (const value of values) zone.push({ name, type, data: type === 'TLSA' ? tlsaData(value) : value, ttl });
        dnsWrites.push(`${values.length === 0 ? 'delete' : 'set'} ${type} ${name}`);
        return 'written' as const;
      }),
  };

  const lab: PublishLab = {
    environment,
    root: folder,
    data,
    github,
    zone,
    dnsPort: dns.port,
    killer,
    dnsWrites,
    write,
    stale: null,
    bundle: new Map(),
    elsewhere: null,
    run: async (changes = {}) => {
      const resolver = await openResolver({ resolver: dns.url }, { ca: null });
      const ask = createAskAuthority({ port: dns.port, allow_private: true });
      const connected = connectGitHub({ environment, budget: unsharedBudget(), clock: jumpingClock() });
      const now = changes.now ?? NOW;
      github.world.now = now;
      const world: PublishWorld = {
        now,
        hosting: async (place): Promise<Hosting | null> => {
          if (place === null) return null;
          if (place.kind === 'pages-fleet') return pagesFleet(await connected, place);
          return place.kind === 'pages-here' ? pagesHere(await connected) : ownServer(lab, call);
        },
        provider: async (config) => (config.dns === 'ours' ? provider : null),
        fetchBody: (host) => call(() => served(lab, host)),
        atAuthorities: (record) => call(() => atAuthorities(record, resolver, ask)),
        nameExists: (name) => call(() => zone.some((one) => one.name === name)),
        keepFiles: async () => {},
        // Written at once or not at all: the ledger itself is tested elsewhere.
        record: (domain, events) => {
          if (killer.dead) throw new Killed();
          killer.calls++;
          const isLast = killer.calls === killer.at;
          if (isLast) killer.dead = true;
          if (isLast && killer.when === 'before') throw new Killed();
          appendLedger(data, domain, events);
          if (isLast) throw new Killed();
        },
      };
      try {
        return await publish({
          root: folder,
          data,
          now,
          domains: [],
          checksum: null,
          dryRun: false,
          environment: { GITHUB_REPOSITORY: 'acme/mail' },
          progress: () => {},
          world,
          ...changes,
        });
      } finally {
        await resolver.close();
      }
    },
    issueCertificates: () => {
      for (const { pages } of github.world.repositories.values()) {
        const leads = zone.some(({ name, type }) => name === pages?.cname && type === 'CNAME');
        if (pages !== null && leads) pages.certificate = 'approved';
      }
    },
    close: async () => {
      await dns.close();
      rmSync(folder, { recursive: true, force: true });
      await host.close();
      await github.close();
    },
  };
  return lab;
}

/** TLSA data as dns-packet takes it. */
interface TlsaData {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly certificate: Buffer;
}

/** `3 1 1 hex` as that, and back. */
export function tlsaData(text: string): TlsaData {
  const [usage, selector, matching, hex] = text.split(' ');
  const certificate = Buffer.from(hex ?? '', 'hex');
  return { usage: Number(usage), selector: Number(selector), matchingType: Number(matching), certificate };
}

export function tlsaText({ usage, selector, matchingType, certificate }: TlsaData): string {
  return `${usage} ${selector} ${matchingType} ${certificate.toString('hex')}`;
}

/** A bundle whose web server always has the files of the last run. */
function ownServer({ bundle }: PublishLab, call: <T>(act: () => T) => Promise<T>): Hosting {
  return {
    kind: 'bundle',
    serve: ({ host, files }) =>
      call(() => {
        bundle.set(host, files.find(({ path }) => path === '.well-known/mta-sts.txt')?.text ?? '');
        return null;
      }),
    settle: async () => null,
    release: (host) => call(() => bundle.delete(host)),
  };
}

/** As Pages does: by claim, over HTTPS once there is a certificate. */
export function served({ github, zone, stale, elsewhere, bundle }: PublishLab, host: string) {
  const own = bundle.get(host);
  if (zone.some(({ name, type, data }) => name === host && type === 'CNAME' && data === 'web.example'))
    return [{ address: '127.0.0.1', code: own === undefined ? 'policy-http-status' : 'ok', body: own ?? null }];
  if (zone.some(({ name, type, data }) => name === host && type === 'CNAME' && data === 'elsewhere.example'))
    return [{ address: '127.0.0.1', code: 'ok', body: elsewhere }];
  const leads = zone.some(({ name, type, data }) => name === host && type === 'CNAME' && data === 'acme.github.io');
  if (!leads) return [];
  const site = [...github.world.repositories.values()].find(({ pages }) => pages?.cname === host);
  const body = site === undefined ? null : (stale ?? fileText(site, 'main', '.well-known/mta-sts.txt'));
  if (site?.pages?.certificate !== 'approved' || body === null)
    return [{ address: '127.0.0.1', code: 'policy-cert-name', body: null }];
  return [{ address: '127.0.0.1', code: 'ok', body }];
}
