import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { load } from 'js-yaml';
import { dnscontrolFiles } from '#scripts/core/dns/dnscontrol.ts';
import { octodnsFiles } from '#scripts/core/dns/octodns.ts';
import { terraformFiles } from '#scripts/core/dns/terraform.ts';
import { zoneFiles } from '#scripts/core/dns/zone-file.ts';
import { zoneRecords } from '#scripts/core/dns/zone-records.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { config, domainName } from '../analysis/world.ts';
import { policy, published } from '../policy/ledger-events.ts';
import { settings } from '../policy/plan-world.ts';
import { ago, MX } from '../policy/promotion-world.ts';

const made = settings('organisation: E\nhosting: { fleet: { kind: pages-fleet, owner: Acme } }\n');
const rua = ["mailto:it's@example.com", `https://example.com/\${x}?a=%{b};c`];
const domain = config({ hosting: 'fleet', rua });
const first = published(ago(20), policy('testing', ...MX));
const ledger = foldLedger(first);
const id = ledger.current?.id ?? '';
const zones = zoneRecords([{ config: domain, ledger, tlsa: [] }], made, null);
const TLS_RPT = `v=TLSRPTv1; rua=${rua.join(',')}`;

function text(files: readonly { readonly path: string; readonly text: string }[], path: string): string {
  const file = files.find((one) => one.path === path);
  assert.ok(file !== undefined, files.map((one) => one.path).join(' '));
  return file.text;
}

/** DNSControl's functions, so that the file can be run. */
function runDnscontrol(source: string): unknown {
  const seen: unknown[] = [];
  const record =
    (type: string) =>
    (...given: unknown[]) => [type, ...given];
  const world = {
    NewRegistrar: () => 'none',
    NewDnsProvider: () => 'dns',
    DnsProvider: () => 'provider',
    NO_PURGE: 'no purge',
    TTL: (seconds: number) => seconds,
    TXT: record('TXT'),
    CNAME: record('CNAME'),
    TLSA: record('TLSA'),
    D: (...given: unknown[]) => seen.push(...given),
  };
  // A trailing comma in a call is JavaScript that DNSControl's engine reads too.
  runInNewContext(source, world);
  return JSON.parse(JSON.stringify(seen));
}

suite('records for other tools', () => {
  test('an id only when its bytes were seen served (RFC 8461 §8.1)', () => {
    const fresh = published(ago(1), policy('enforce', ...MX), first).slice(0, 1);
    const after = foldLedger([...first, ...fresh]);
    assert.notEqual(after.current?.id, id);
    const [zone] = zoneRecords([{ config: domain, ledger: after, tlsa: [] }], made, null);
    assert.ok(zone?.records.some(({ values }) => values[0] === `v=STSv1; id=${id}`));
    const nothing = zoneRecords([{ config: domain, ledger: foldLedger([]), tlsa: [] }], made, null);
    assert.deepEqual(
      nothing[0]?.records.map(({ name }) => name),
      ['_smtp._tls.example.com', 'mta-sts.example.com'],
    );
  });

  test('zone file: absolute names, quoted strings', () => {
    const lines = text(zoneFiles(zones), 'example.com.zone')
      .split('\n')
      .filter((line) => !line.startsWith(';'));
    assert.deepEqual(lines, [
      `_mta-sts.example.com. 300 IN TXT "v=STSv1; id=${id}"`,
      `_smtp._tls.example.com. 86400 IN TXT "${TLS_RPT}"`,
      'mta-sts.example.com. 3600 IN CNAME acme.github.io.',
      '',
    ]);
  });

  test('octoDNS: what a YAML reader sees, and the allow-list around it', () => {
    const files = octodnsFiles(zones);
    assert.deepEqual(load(text(files, 'zones/example.com.yaml')), {
      '_mta-sts': { ttl: 300, type: 'TXT', value: `v=STSv1\\; id=${id}` },
      '_smtp._tls': { ttl: 86_400, type: 'TXT', value: TLS_RPT.replaceAll(';', '\\;') },
      'mta-sts': { ttl: 3600, type: 'CNAME', value: 'acme.github.io.' },
    });
    const around = load(text(files, 'config.yaml')) as Record<string, Record<string, Record<string, unknown>>>;
    assert.deepEqual(around['processors']?.['only-postern-1']?.['allowlist'], ['_mta-sts', '_smtp._tls', 'mta-sts']);
    assert.deepEqual(around['zones']?.['example.com.']?.['processors'], ['only-postern-1']);
  });

  test('octoDNS may touch no name of a zone that has no record here: neither its host’s address nor an id of before', () => {
    const bundle = settings('organisation: E\nhosting: { own: { kind: bundle, server: caddy } }\n');
    const other = config({ domain: domainName('example.net'), hosting: 'own', rua: ['mailto:r@acme.example'] });
    const both = [...zones, ...zoneRecords([{ config: other, ledger: foldLedger([]), tlsa: [] }], bundle, null)];
    const around = load(text(octodnsFiles(both), 'config.yaml')) as Record<
      string,
      Record<string, Record<string, unknown>>
    >;
    const [filter] = (around['zones']?.['example.net.']?.['processors'] ?? []) as string[];
    assert.deepEqual(around['processors']?.[filter ?? '']?.['allowlist'], ['_smtp._tls']);
  });

  test('DNSControl: the file run as JavaScript names each record, and never purges', () => {
    assert.deepEqual(runDnscontrol(text(dnscontrolFiles(zones), 'dnsconfig.js')), [
      'example.com',
      'none',
      'provider',
      'no purge',
      ['TXT', '_mta-sts', `v=STSv1; id=${id}`, 300],
      ['TXT', '_smtp._tls', TLS_RPT, 86_400],
      ['CNAME', 'mta-sts', 'acme.github.io.', 3600],
    ]);
  });

  test('Terraform: what HCL would read into a string is written out', () => {
    const records = text(terraformFiles(zones), 'postern-records.tf');
    assert.match(records, /"_mta-sts\.example\.com TXT" = \{/);
    assert.match(
      records,
      /values = \["v=TLSRPTv1; rua=mailto:it's@example\.com,https:\/\/example\.com\/\$\$\{x\}\?a=%%\{b\};c"\]/,
    );
    assert.match(text(terraformFiles(zones), 'postern-dns.tf'), /zone {5}= "\$\{each\.value\.zone\}\."/);
  });

  test('with delegation, ids stand in our zone and CNAMEs in the customer’s', () => {
    const ours = settings('organisation: E\ndelegation_zone: sts.acme.example\n');
    const customer = config({ delegation: 'cname', rua: ['mailto:r@acme.example'] });
    const made = zoneRecords([{ config: customer, ledger, tlsa: [] }], ours, null);
    assert.deepEqual(
      made.map(({ zone, records }) => [zone, records.map(({ name, type }) => `${name} ${type}`)]),
      [
        ['example.com', ['_mta-sts.example.com CNAME', '_smtp._tls.example.com CNAME', 'mta-sts.example.com CNAME']],
        [
          'sts.acme.example',
          ['_mta-sts.example.com.sts.acme.example TXT', '_smtp._tls.example.com.sts.acme.example TXT'],
        ],
      ],
    );
  });

  suite('with dane.managed, TLSA records', () => {
    const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
    const set = (host: string, ...keys: readonly string[]) => {
      const values = keys.map((key) => `3 1 1 ${key}`);
      return { name: `_25._tcp.${host}`, type: 'TLSA', ttl: 3600, values, seen: [] } as const;
    };
    const managed = config({ ...domain, dane: { managed: true, required: false, next_keys: [B] } });
    const exported = (tlsa: readonly ReturnType<typeof set>[], given = managed) =>
      zoneRecords([{ config: given, ledger, tlsa }], made, null);
    const [host = ''] = MX;
    const withTlsa = exported([set(host, A, B)]);

    test('only at names that are ours: hosts that `mx` covers, and only when DANE is managed', () => {
      const names = (given: ReturnType<typeof exported>) =>
        given.flatMap(({ records }) => records.filter(({ type }) => type === 'TLSA').map(({ name }) => name));
      assert.deepEqual(names(exported([set(host, A), set('mx.provider.net', A)])), [`_25._tcp.${host}`]);
      assert.deepEqual(names(exported([set(host, A)], domain)), []);
    });

    test('zone file: a line for each key', () => {
      const lines = text(zoneFiles(withTlsa), 'example.com.zone').split('\n');
      for (const key of [A, B])
        assert.ok(lines.includes(`_25._tcp.${host}. 3600 IN TLSA 3 1 1 ${key}`), lines.join('\n'));
    });

    test('octoDNS: fields by name, and the name in the allow-list', () => {
      const files = octodnsFiles(withTlsa);
      const label = `_25._tcp.${host.slice(0, -'.example.com'.length)}`;
      const zone = load(text(files, 'zones/example.com.yaml')) as Record<string, unknown>;
      const value = (key: string) => ({
        certificate_association_data: key,
        certificate_usage: 3,
        matching_type: 1,
        selector: 1,
      });
      assert.deepEqual(zone[label], { ttl: 3600, type: 'TLSA', values: [value(A), value(B)] });
      const around = load(text(files, 'config.yaml')) as Record<string, Record<string, Record<string, string[]>>>;
      assert.ok(around['processors']?.['only-postern-1']?.['allowlist']?.includes(label));
    });

    test('DNSControl: a call for each key', () => {
      const seen = runDnscontrol(text(dnscontrolFiles(withTlsa), 'dnsconfig.js')) as readonly unknown[];
      const label = `_25._tcp.${host.slice(0, -'.example.com'.length)}`;
      const calls = seen.filter((call) => Array.isArray(call) && call[0] === 'TLSA');
      assert.deepEqual(
        calls,
        [A, B].map((key) => ['TLSA', label, 3, 1, 1, key, 3600]),
      );
    });

    test('Terraform: in the local value, and a word that hashicorp/dns makes none', () => {
      const files = terraformFiles(withTlsa);
      assert.ok(text(files, 'postern-records.tf').includes(`"_25._tcp.${host} TLSA" = {`));
      assert.match(text(files, 'postern-dns.tf'), /^# hashicorp\/dns makes no TLSA records/);
      assert.doesNotMatch(text(terraformFiles(zones), 'postern-dns.tf'), /TLSA/);
    });
  });
});
