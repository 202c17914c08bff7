import { SHARED_PROVIDERS } from '../config/rules/shared-providers.ts';
import type { Actor } from '../finding.ts';

/** Who can mend a fault at this host: a host under the zone of a mail provider is mended there, any other by you. */
export function responsibleFor(host: string | null): Extract<Actor, 'you' | 'provider'> {
  if (host === null) return 'you';
  const name = host.toLowerCase();
  return SHARED_PROVIDERS.some(({ zone }) => name === zone || name.endsWith(`.${zone}`)) ? 'provider' : 'you';
}
