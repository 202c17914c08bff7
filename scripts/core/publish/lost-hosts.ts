import type { Checkpoint } from '../checkpoint.ts';
import { withSection } from '../checkpoint.ts';
import type { Instant } from '../clock.ts';
import type { HostingSettings } from '../config/types.ts';
import type { Ledger } from '../policy/versions/ledger.ts';
import type { Observation } from '../probe/observation.ts';

/** What one probe saw of one domain's policy host. */
export interface HostLook {
  readonly domain: string;
  readonly rows: readonly Pick<Observation, 'kind' | 'outcome' | 'code'>[];
  readonly hosting: HostingSettings['kind'] | null;
  readonly ledger: Pick<Ledger, 'current'>;
}

/** What `publish` itself fills over the network, from any machine; the files of a bundle or a Worker a person deploys. */
const MENDED_BY_PUBLISH: readonly string[] = ['pages-fleet', 'pages-here'];
/** Said of a host that serves what it should. */
const STILL_SERVED = new Set(['policy-cert-expiring']);

/** Policy hosts that serve no longer what was published, by domain, each with the run that saw it first. */
export function lostHostsOf({ sections }: Checkpoint): ReadonlyMap<string, Instant> {
  const kept = sections['lost_hosts'];
  if (typeof kept !== 'object' || kept === null) return new Map();
  return new Map(
    Object.entries(kept).flatMap(([domain, since]) => (typeof since === 'string' ? [[domain, since as Instant]] : [])),
  );
}

/** What one probe looked at. */
export interface LostHostsQuestion {
  readonly looks: readonly HostLook[];
  /** Every domain that has a file; what is known of others is forgotten. */
  readonly configured: ReadonlySet<string>;
  readonly now: Instant;
}

/**
 * Keeps which hosts are lost, so that `publish` looks at them, however large the fleet is. What the probe could not see
 * stays as it was.
 */
export function withLostHosts(checkpoint: Checkpoint, { looks, configured, now }: LostHostsQuestion): Checkpoint {
  const before = lostHostsOf(checkpoint);
  const lost = new Map([...before].filter(([domain]) => configured.has(domain)));
  for (const look of looks) {
    const isLost = isHostLost(look);
    if (isLost === true) lost.set(look.domain, before.get(look.domain) ?? now);
    if (isLost === false) lost.delete(look.domain);
  }
  const all = [...lost].sort(([a], [b]) => (a < b ? -1 : 1));
  return withSection(checkpoint, 'lost_hosts', all.length === 0 ? undefined : Object.fromEntries(all));
}

/** Null: not known. */
function isHostLost({ rows, hosting, ledger }: HostLook): boolean | null {
  const wasServed = (ledger.current?.first_served_at ?? null) !== null;
  if (!wasServed || hosting === null || !MENDED_BY_PUBLISH.includes(hosting)) return false;
  const seen = rows.filter(({ kind, outcome }) => kind === 'policy' && outcome !== 'unknown');
  if (seen.some(({ outcome, code }) => outcome === 'bad' && !STILL_SERVED.has(code))) return true;
  return seen.length === 0 ? null : false;
}
