import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { Route53Client } from '@aws-sdk/client-route-53';
import { cloudflareClient, cloudflareProvider } from '#scripts/io/dns-providers/cloudflare.ts';
import { openProvider } from '#scripts/io/dns-providers/open-provider.ts';
import type { DnsProvider } from '#scripts/io/dns-providers/provider.ts';
import { route53Provider } from '#scripts/io/dns-providers/route53.ts';
import { setRecords } from '#scripts/io/dns-providers/set-records.ts';
import type { ProviderServer } from '../../fakes/dns-providers/http.ts';
import {
  type Records,
  startCloudflare,
  startDesec,
  startHetzner,
  startRoute53,
} from '../../fakes/dns-providers/providers.ts';

const zone = 'example.com';
const sleep = async (): Promise<void> => {};
const any = () => true;

interface Case {
  readonly kind: string;
  readonly start: (records: Records) => Promise<ProviderServer>;
  readonly open: (url: string) => Promise<DnsProvider | null>;
  /** The TTL that 300 becomes. */
  readonly ttl: number;
}

const CASES: readonly Case[] = [
  {
    kind: 'desec',
    start: startDesec,
    open: (url) =>
      openProvider(
        { kind: 'desec', zone: null },
        { environment: { DESEC_TOKEN: 'secret', DESEC_API_URL: url }, zone, isOurs: any, sleep },
      ),
    ttl: 3600,
  },
  {
    kind: 'hetzner',
    start: startHetzner,
    open: (url) =>
      openProvider(
        { kind: 'hetzner', zone: null },
        { environment: { HCLOUD_TOKEN: 'secret', HCLOUD_ENDPOINT: url }, zone, isOurs: any, sleep },
      ),
    ttl: 300,
  },
  {
    kind: 'cloudflare',
    start: startCloudflare,
    open: async (url) => cloudflareProvider(cloudflareClient('secret', url), zone, sleep),
    ttl: 300,
  },
  {
    kind: 'route53',
    start: startRoute53,
    open: async (endpoint) => {
      const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
      return route53Provider(
        new Route53Client({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 }),
        zone,
        sleep,
      );
    },
    ttl: 300,
  },
];

const NAME = '_mta-sts.example.com';
const KEY = `${NAME} TXT`;
const id = (text: string) => ({ name: NAME, type: 'TXT' as const, ttl: 300, values: [`v=STSv1; id=${text}`] });

for (const { kind, start, open, ttl } of CASES) {
  suite(kind, async () => {
    const records: Records = new Map();
    const server = await start(records);
    after(() => server.close());
    const opened = await open(server.url);
    assert.ok(opened !== null);
    const provider: DnsProvider = opened;
    const writes = () => server.requests.filter(({ method }) => method !== 'GET').length;

    test('makes, changes and removes a record set, and writes nothing when it is so already', async () => {
      records.clear();
      assert.equal(await setRecords(provider, id('1')), true);
      assert.deepEqual(records.get(KEY), { values: ['"v=STSv1; id=1"'], ttl });
      const before = writes();
      assert.equal(await setRecords(provider, id('1')), false);
      assert.equal(writes(), before);
      assert.equal(await setRecords(provider, id('2')), true);
      assert.deepEqual(records.get(KEY)?.values, ['"v=STSv1; id=2"']);
      assert.equal(await setRecords(provider, { ...id(''), values: [] }), true);
      assert.equal(records.has(KEY), false);
      assert.equal(await setRecords(provider, { ...id(''), values: [] }), false);
    });

    test('records of others at the name stay, also when ours goes', async () => {
      records.clear();
      records.set(KEY, { values: ['"somebody=else"', '"v=STSv1; id=old"'], ttl });
      await setRecords(provider, id('new'));
      assert.deepEqual([...(records.get(KEY)?.values ?? [])].sort(), ['"somebody=else"', '"v=STSv1; id=new"']);
      await setRecords(provider, { ...id(''), values: [] });
      assert.deepEqual(records.get(KEY)?.values, ['"somebody=else"']);
    });

    test('CNAME, and a TXT longer than one character string', async () => {
      records.clear();
      await setRecords(provider, { name: 'mta-sts.example.com', type: 'CNAME', ttl: 3600, values: ['acme.github.io'] });
      assert.match(records.get('mta-sts.example.com CNAME')?.values[0] ?? '', /^acme\.github\.io\.?$/);
      const rua = `v=TLSRPTv1; rua=${Array.from({ length: 12 }, (_, index) => `mailto:tls-reports-${index}@example.com`).join(',')}`;
      const long = { name: '_smtp._tls.example.com', type: 'TXT' as const, ttl: 86_400, values: [rua] };
      await setRecords(provider, long);
      assert.equal((records.get('_smtp._tls.example.com TXT')?.values[0]?.match(/"/g) ?? []).length, 4);
      assert.equal(await setRecords(provider, long), false);
    });

    for (const applied of [false, true])
      test(`a write without an answer (${applied ? 'made' : 'not made'}) is not repeated; the next run looks`, async () => {
        records.clear();
        server.fail({ kind: 'cut', applied }, 'write');
        const before = writes();
        await assert.rejects(setRecords(provider, id('3')), { code: 'dns-write-unsure', exit: 3 });
        assert.equal(writes() - before, 1);
        assert.equal(await setRecords(provider, id('3')), !applied);
        assert.deepEqual(records.get(KEY)?.values, ['"v=STSv1; id=3"']);
      });

    test('refused, and out of order, in words without the secret', async () => {
      records.clear();
      server.fail({ kind: 'status', status: 403 }, 'write');
      await assert.rejects(setRecords(provider, id('4')), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'dns-refused');
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
      server.fail({ kind: 'status', status: 503 }, 'read', 3);
      await assert.rejects(provider.read({ name: NAME, type: 'TXT' }), { code: 'dns-unavailable' });
      assert.equal(records.size, 0);
    });
  });
}

suite('what only some have', () => {
  for (const { kind, start, open } of CASES)
    test(`${kind}: a limit is waited for, and told when it is too long`, async () => {
      const records: Records = new Map();
      const server = await start(records);
      const provider = await open(server.url);
      assert.ok(provider !== null);
      const limited = { kind: 'status', status: 429, headers: { 'retry-after': '20' } } as const;
      server.fail(limited, 'write');
      server.fail(limited, 'read');
      assert.equal(await setRecords(provider, id('5')), true);
      server.fail({ ...limited, headers: { 'retry-after': '120' } }, 'write', 60);
      await assert.rejects(setRecords(provider, id('6')), { code: 'dns-unavailable', message: /wait/ });
      await server.close();
    });

  test('route53 swaps only what was seen: a change in between is seen and kept apart', async () => {
    const records: Records = new Map([[KEY, { values: ['"v=STSv1; id=1"'], ttl: 300 }]]);
    const server = await startRoute53(records);
    const provider = await CASES[3]?.open(server.url);
    assert.ok(provider);
    const held = await provider.read({ name: NAME, type: 'TXT' });
    records.set(KEY, { values: ['"v=STSv1; id=other"'], ttl: 300 });
    assert.equal(await provider.write(held, ['v=STSv1; id=2'], 300), 'conflict');
    assert.deepEqual(records.get(KEY)?.values, ['"v=STSv1; id=other"']);
    const nothing = { ...held, values: [], handle: null };
    assert.equal(await provider.write(nothing, ['v=STSv1; id=2'], 300), 'conflict', 'made by somebody else meanwhile');
    await server.close();
  });

  test('route53: its own words for a limit, and answers that are no XML', async () => {
    const records: Records = new Map();
    const server = await startRoute53(records);
    const provider = await CASES[3]?.open(server.url);
    assert.ok(provider);
    for (const code of ['Throttling', 'PriorRequestNotComplete']) {
      const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>so</Message></Error></ErrorResponse>`;
      server.fail({ kind: 'status', status: 400, headers: { 'content-type': 'text/xml' }, body }, 'write');
      assert.equal(await setRecords(provider, id(code)), true, code);
    }
    const html = { kind: 'status', headers: { 'content-type': 'text/html' }, body: '<p>proxy' } as const;
    server.fail({ ...html, status: 403 }, 'write');
    await assert.rejects(setRecords(provider, id('7')), { code: 'dns-refused', message: /status 403, with an answer/ });
    server.fail({ ...html, status: 200 }, 'write');
    await assert.rejects(setRecords(provider, id('7')), { code: 'dns-write-unsure' }, 'it may have been done');
    await server.close();
  });

  test('without its secret a provider says which one', async () => {
    for (const [kind, name] of [
      ['desec', 'DESEC_TOKEN'],
      ['hetzner', 'HCLOUD_TOKEN'],
      ['cloudflare', 'CLOUDFLARE_API_TOKEN'],
    ] as const)
      await assert.rejects(
        openProvider({ kind, zone: null }, { environment: {}, zone, isOurs: any }),
        (error: Error & { code?: string; hint?: string }) => {
          assert.equal(error.code, 'dns-not-configured');
          assert.match(error.message, new RegExp(name));
          return true;
        },
      );
  });
});
