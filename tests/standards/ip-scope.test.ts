import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IpScope, ipScope } from '#scripts/standards/ip-scope.ts';

const SCOPES: readonly (readonly [address: string, IpScope | null])[] = [
  ['8.8.8.8', 'public'],
  ['192.0.0.9', 'public'],
  ['223.255.255.255', 'public'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['10.255.255.255', 'private'],
  ['11.0.0.0', 'public'],
  ['100.63.255.255', 'public'],
  ['100.64.0.0', 'shared'],
  ['100.100.100.200', 'metadata'],
  ['100.127.255.255', 'shared'],
  ['100.128.0.0', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.255', 'loopback'],
  ['169.254.1.1', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['172.15.255.255', 'public'],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['192.0.2.1', 'reserved'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'reserved'],
  ['198.20.0.1', 'public'],
  ['203.0.113.7', 'reserved'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['2a00:1450:4001::1', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['fc00::1', 'private'],
  ['fdff:ffff::1', 'private'],
  ['fd00:ec2::254', 'metadata'],
  ['FD00:EC2::254', 'metadata'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['fec0::1', 'private'],
  ['ff02::1', 'multicast'],
  ['2001:db8::1', 'reserved'],
  ['2001::1', 'reserved'],
  ['100::1', 'reserved'],
  ['64:ff9b:1::1', 'reserved'],
  ['4000::1', 'reserved'],
  // RFC 4291 §2.5.5.2: mapped.
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::FFFF:8.8.8.8', 'public'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  // RFC 4291 §2.5.5.1: compatible, deprecated.
  ['::127.0.0.1', 'reserved'],
  // RFC 2765 §2.1: translated.
  ['::ffff:0:10.0.0.1', 'private'],
  // RFC 6052 §2.1: NAT64.
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  // RFC 3056 §2: 6to4.
  ['2002:7f00:1::', 'loopback'],
  ['2002:808:808::1', 'public'],
  ['example.com', null],
  ['127.1', null],
  ['0177.0.0.1', null],
  ['2130706433', null],
  ['fe80::1%eth0', null],
  ['', null],
];

for (const [address, scope] of SCOPES) {
  test(`${address || 'nothing'} is ${scope ?? 'no address'}`, () => assert.equal(ipScope(address), scope));
}

test('an IPv4 address carried in IPv6 is never more public than by itself', () => {
  fc.assert(
    fc.property(fc.ipV4(), (v4) => {
      const scope = ipScope(v4);
      for (const prefix of ['::ffff:', '64:ff9b::', '::ffff:0:']) assert.equal(ipScope(`${prefix}${v4}`), scope);
    }),
  );
});
