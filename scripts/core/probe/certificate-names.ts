import { parseHostName } from '../../standards/domain-name.ts';

/**
 * RFC 8461 §4.2 and RFC 6125 §6.4: does one of these DNS names of a certificate stand for the host? A star is the whole
 * first label and exactly one; above it stand at least two labels. The common name counts for nothing.
 */
export function namesHost(names: readonly string[], host: string): boolean {
  const wanted = parseHostName(host);
  return wanted !== null && names.some((name) => nameFits(name, wanted));
}

function nameFits(name: string, host: string): boolean {
  if (!name.startsWith('*.')) return parseHostName(name) === host;
  const above = parseHostName(name.slice(2));
  const dot = host.indexOf('.');
  return above?.includes('.') === true && dot > 0 && host.slice(dot + 1) === above;
}
