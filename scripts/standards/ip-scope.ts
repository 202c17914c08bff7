import { isIpAddress } from './ip-address.ts';

/** What an address is for (RFC 6890 and the IANA special-purpose registries). Only `public` is somebody's host on the internet. */
export type IpScope =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'reserved';

/** First hit wins, so the narrow stand before the wide. */
const IPV4: readonly (readonly [prefix: string, IpScope])[] = [
  ['169.254.169.254/32', 'metadata'],
  ['169.254.170.2/32', 'metadata'],
  ['100.100.100.200/32', 'metadata'],
  ['192.0.0.192/32', 'metadata'],
  ['168.63.129.16/32', 'metadata'],
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.9/32', 'public'],
  ['192.0.0.10/32', 'public'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'reserved'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'reserved'],
  ['203.0.113.0/24', 'reserved'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
];
const IPV6: readonly (readonly [prefix: string, IpScope])[] = [
  ['fd00:ec2::254/128', 'metadata'],
  ['fd20:ce::254/128', 'metadata'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['64:ff9b:1::/48', 'reserved'],
  ['100::/64', 'reserved'],
  ['2001::/23', 'reserved'],
  ['2001:db8::/32', 'reserved'],
  ['3fff::/20', 'reserved'],
  ['5f00::/16', 'reserved'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  ['2000::/3', 'public'],
  ['::/0', 'reserved'],
];
/** An IPv4 address inside: mapped, compatible, translated (RFC 4291 §2.5.5, RFC 2765 §2.1, RFC 6052 §2.1), 6to4 (RFC 3056 §2). */
const EMBEDDED: readonly (readonly [prefix: string, at: number])[] = [
  ['::ffff:0:0/96', 96],
  ['::ffff:0:0:0/96', 96],
  ['64:ff9b::/96', 96],
  ['2002::/16', 16],
];

interface Range {
  readonly bits: bigint;
  readonly shift: bigint;
}

const IPV4_RANGES = IPV4.map(([prefix, scope]) => ({ range: rangeOf(prefix, 32), scope }));
const IPV6_RANGES = IPV6.map(([prefix, scope]) => ({ range: rangeOf(prefix, 128), scope }));
const EMBEDDED_RANGES = EMBEDDED.map(([prefix, at]) => ({ range: rangeOf(prefix, 128), at: BigInt(at) }));

/**
 * The scope of a bare address; null when the text is none. An IPv6 address that carries an IPv4 address has the scope of
 * that one, because that is where the packets end: `::ffff:127.0.0.1`, `64:ff9b::a9fe:a9fe`, `2002:7f00:1::`.
 */
export function ipScope(address: string): IpScope | null {
  if (!isIpAddress(address)) return null;
  if (!address.includes(':')) return scopeIn(IPV4_RANGES, ipv4Bits(address));
  const bits = ipv6Bits(address);
  const embedded = EMBEDDED_RANGES.find(({ range }) => isWithin(range, bits));
  if (embedded !== undefined) return scopeIn(IPV4_RANGES, (bits >> (96n - embedded.at)) & 0xffff_ffffn);
  return scopeIn(IPV6_RANGES, bits);
}

function scopeIn(ranges: readonly { readonly range: Range; readonly scope: IpScope }[], bits: bigint): IpScope {
  return ranges.find(({ range }) => isWithin(range, bits))?.scope ?? 'public';
}

function isWithin(range: Range, bits: bigint): boolean {
  return bits >> range.shift === range.bits;
}

function rangeOf(prefix: string, width: number): Range {
  const [address = '', length = ''] = prefix.split('/');
  const shift = BigInt(width - Number(length));
  return { bits: (width === 32 ? ipv4Bits(address) : ipv6Bits(address)) >> shift, shift };
}

function ipv4Bits(address: string): bigint {
  return address.split('.').reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

/** RFC 4291 §2.2, for a text that isIpAddress accepts. */
function ipv6Bits(address: string): bigint {
  const groups = (text: string): bigint[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => (group.includes('.') ? halves(group) : [BigInt(`0x${group}`)]));
  const [head = '', tail] = address.split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0n);
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | group, 0n);
}

function halves(ipv4: string): bigint[] {
  const bits = ipv4Bits(ipv4);
  return [bits >> 16n, bits & 0xffffn];
}
