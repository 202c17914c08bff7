import type { Resolver } from '../../core/probe/dns-lookup.ts';
import { isDefinite } from '../../core/probe/dns-lookup.ts';
import type { Sighting } from '../../core/probe/sighting.ts';
import { fault, unseen } from '../../core/probe/sighting.ts';

/** Names whose answers are known: one signed well, one signed wrongly on purpose. */
export interface ValidationTest {
  readonly secure: string;
  readonly bogus: string;
}

/** Kept by their operators for this purpose or for long. */
export const VALIDATION_TEST: ValidationTest = { secure: 'internetsociety.org', bogus: 'dnssec-failed.org' };

/**
 * Does the resolver validate, over a path on which that can be believed? Null when it does. Only then something can be
 * said about DANE; a resolver that does not is a gap of this vantage and no fault of any domain.
 */
export async function observeValidation(resolver: Resolver, names: ValidationTest): Promise<Sighting | null> {
  if (!resolver.trusted)
    return fault('not-validating', `${resolver.address} is neither on loopback nor reached over TLS`);
  const [secure, bogus] = await Promise.all([secureLookup(resolver, names.secure), resolver.lookup(names.bogus, 'A')]);
  if (!isDefinite(secure.status)) return unseen(`dns-${secure.status}`, `${names.secure}: ${secure.detail}`);
  if (!secure.secure) return fault('not-validating', `${names.secure} is signed and was not validated`);
  if (bogus.status === 'bogus') return null;
  if (isDefinite(bogus.status)) return fault('not-validating', `${names.bogus} is bogus and was answered`);
  // A validator that says no more than SERVFAIL when asked to skip the check has still refused.
  return bogus.status === 'servfail' ? null : unseen(`dns-${bogus.status}`, `${names.bogus}: ${bogus.detail}`);
}

/** Whatever the name has: a denial is validated like an answer. */
function secureLookup(resolver: Resolver, name: string) {
  return resolver.lookup(name, 'SOA');
}
