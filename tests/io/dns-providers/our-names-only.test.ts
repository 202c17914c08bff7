import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOurName } from '#scripts/core/dns/our-names.ts';
import { ourNamesOnly } from '#scripts/io/dns-providers/our-names-only.ts';
import type { DnsProvider, RecordSetKey } from '#scripts/io/dns-providers/provider.ts';
import { domainName, pattern } from '../../core/analysis/world.ts';

const domain = domainName('example.com');
const touched: RecordSetKey[] = [];
const everything: DnsProvider = {
  kind: 'fake',
  read: async (key) => {
    touched.push(key);
    return { ...key, values: [], ttl: null, handle: null };
  },
  write: async (held) => {
    touched.push(held);
    return 'written';
  },
};
const of = (managed: boolean) =>
  ourNamesOnly(everything, (name) =>
    isOurName(name, { domain, dane: { managed, required: false, next_keys: [] } }, domainName('sts.acme.example'), [
      pattern('mx1.example.com'),
    ]),
  );

const OURS = [
  '_mta-sts.example.com',
  '_smtp._tls.example.com',
  'mta-sts.example.com',
  '_mta-sts.example.com.sts.acme.example',
];

test('our names are let through, TLSA only when DANE is managed', async () => {
  for (const name of OURS) await of(false).read({ name, type: 'TXT' });
  await of(true).read({ name: '_25._tcp.mx1.example.com', type: 'TLSA' });
  await assert.rejects(of(false).read({ name: '_25._tcp.mx1.example.com', type: 'TLSA' }), {
    code: 'dns-foreign-name',
    exit: 2,
  });
  await assert.rejects(of(true).read({ name: '_25._tcp.mx2.example.com', type: 'TLSA' }), { code: 'dns-foreign-name' });
});

test('every other name and type is refused before anything is read or written', async () => {
  const label = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
  const name = fc.oneof(
    fc.array(label, { minLength: 0, maxLength: 4 }).map((labels) => [...labels, 'example', 'com'].join('.')),
    fc.constantFrom(
      'example.com',
      'www.example.com',
      '_dmarc.example.com',
      'mta-sts.example.net',
      '_mta-sts.sub.example.com',
      '',
    ),
  );
  await fc.assert(
    fc.asyncProperty(name, async (one) => {
      if (OURS.includes(one)) return;
      touched.length = 0;
      const provider = of(false);
      const held = { name: one, type: 'TXT' as const, values: [], ttl: null, handle: null };
      await assert.rejects(provider.read(held), { code: 'dns-foreign-name' });
      await assert.rejects(provider.write(held, ['x'], 60), { code: 'dns-foreign-name' });
      assert.deepEqual(touched, []);
    }),
  );
  for (const type of ['MX', 'A', 'NS'] as unknown as RecordSetKey['type'][])
    await assert.rejects(of(false).read({ name: 'mta-sts.example.com', type }), { code: 'dns-foreign-name' });
});
