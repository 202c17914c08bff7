import type { Instant } from '#scripts/core/clock.ts';
import type { Resolver } from '#scripts/core/probe/dns-lookup.ts';
import { createDial } from '#scripts/io/net/dial.ts';
import { fetchUrl } from '#scripts/io/net/fetch-url.ts';
import { createTrust } from '#scripts/io/net/trust.ts';
import { openRevocationLists } from '#scripts/io/smtp/revocation.ts';
import { openTlsContexts } from '#scripts/io/smtp/tls-contexts.ts';
import { createTurns } from '#scripts/io/smtp/turns.ts';
import type { MxEyes } from '#scripts/tasks/probe/look-at-mx.ts';

/** A resolver for tests that name addresses only: whoever asks it anything has erred. */
export const NO_RESOLVER: Resolver = {
  address: 'none',
  trusted: false,
  lookup: (name) => {
    throw new Error(`asked for ${name}`);
  },
};

/** Real sockets on loopback, trusting this root. */
export function laboratoryEyes(port: number, rootPem: string, now: Instant): MxEyes {
  const trust = createTrust(rootPem);
  const dial = createDial({ allow_private: true });
  const fetchNamed = (url: string) =>
    fetchUrl(url, {
      resolver: NO_RESOLVER,
      dial,
      allow_private: true,
      ca: rootPem,
      limit: 65_536,
      timeoutMs: 2000,
    });
  return {
    dial,
    port,
    ehlo: 'probe.lab.test',
    trust,
    contexts: openTlsContexts(trust),
    turns: createTurns(10),
    fetchIssuerAt: fetchNamed,
    lists: openRevocationLists(fetchNamed, trust, now),
    now,
  };
}
