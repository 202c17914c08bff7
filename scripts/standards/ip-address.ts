const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
const GROUP = /^[0-9a-f]{1,4}$/i;

/** An IPv4 address without leading zeros (RFC 6943 §3.1.1) or an IPv6 address (RFC 4291 §2.2), without a zone. */
export function isIpAddress(text: string): boolean {
  if (text.length > 45) return false;
  return text.includes(':') ? isIpv6(text) : IPV4.test(text);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [i, half] of halves.entries()) {
    if (half === '') {
      if (halves.length === 1) return false;
      continue;
    }
    const parts = half.split(':');
    const last = parts.at(-1) ?? '';
    // Only the very end may be written as an IPv4 address.
    if (i === halves.length - 1 && last.includes('.')) {
      if (!IPV4.test(last)) return false;
      parts.pop();
      groups += 2;
    }
    if (!parts.every((part) => GROUP.test(part))) return false;
    groups += parts.length;
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}
