import { PosternError } from '../../core/failure.ts';
import type { DnsProvider, RecordSetKey } from './provider.ts';

const OUR_TYPES: readonly string[] = ['TXT', 'CNAME', 'TLSA'];

/**
 * A provider that touches nothing but the names it was opened for, whatever a plan says: the one place where this is
 * enforced. Throws PosternError `dns-foreign-name` (exit 2) before anything is read or written.
 */
export function ourNamesOnly(provider: DnsProvider, isOurs: (name: string) => boolean): DnsProvider {
  const check = ({ name, type }: RecordSetKey): void => {
    if (isOurs(name) && OUR_TYPES.includes(type)) return;
    throw new PosternError('dns-foreign-name', `${type} ${name} is not a record that Postern may touch.`, {
      hint: 'only _mta-sts, _smtp._tls and mta-sts of the domain are, and _25._tcp of its MX hosts when DANE is managed',
      exit: 2,
    });
  };
  return {
    kind: provider.kind,
    read: async (key) => {
      check(key);
      return provider.read(key);
    },
    write: async (held, values, ttl) => {
      check(held);
      return provider.write(held, values, ttl);
    },
  };
}
