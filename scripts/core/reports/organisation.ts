import { getDomain } from 'tldts';

const HOST = /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/;
/** The last `@` and what can be a host behind it: `tls@example.com`, `TLS <tls@example.com>`, `mailto:tls@example.com`. */
const ADDRESS_DOMAIN = /@([^\s@<>()[\],;:"]{1,253})[>)"\s]*$/;

/** Answers given before: a mailbox hears from few hosts, again and again. */
const known = new Map<string, string | null>();
const KNOWN_HOSTS = 1000;

/** The organisational domain of a host by the Public Suffix List: `corp.mail.ru` → `mail.ru`. Null when it is not a host. */
export function organisationalDomain(host: string): string | null {
  const before = known.get(host);
  if (before !== undefined) return before;
  const found = lookUp(host);
  if (known.size >= KNOWN_HOSTS) known.clear();
  known.set(host, found);
  return found;
}

function lookUp(host: string): string | null {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (!HOST.test(name)) return null;
  return getDomain(name, { allowPrivateDomains: true }) ?? name;
}

/** The host of an address such as contact-info; null when there is none. */
export function addressDomain(address: string | null): string | null {
  if (address === null || address.length > 1000) return null;
  const host = ADDRESS_DOMAIN.exec(address)?.[1]?.toLowerCase().replace(/\.$/, '');
  return host !== undefined && HOST.test(host) ? host : null;
}
