import type { Mode } from '../../../standards/mta-sts-policy.ts';
import type { Instant } from '../../clock.ts';
import { foldHosts, type HostClaims, NO_HOSTS } from './host-claims.ts';
import type { LedgerEvent, MintedEvent, ObservedEvent, Trigger } from './ledger-event.ts';

/** One policy version: a body under an id, and when each thing first and last happened to it. */
export interface PolicyVersion {
  readonly id: string;
  /** Of `body`, lower-case hex. */
  readonly sha256: string;
  readonly body: string;
  readonly mode: Mode;
  /** Seconds. */
  readonly max_age: number;
  readonly mx: readonly string[];
  readonly triggers: readonly Trigger[];
  readonly commit: string | null;
  readonly pull_request: number | null;
  readonly minted_at: Instant;
  /** Null: never seen served. */
  readonly first_served_at: Instant | null;
  readonly last_served_at: Instant | null;
  /** Null: its id was never seen at every authoritative server. */
  readonly announced_at: Instant | null;
  /** Null: still in service, or never was. */
  readonly withdrawn_at: Instant | null;
}

/** `data/policies/<domain>.jsonl` folded: what was published, in the order it was minted. */
export interface Ledger {
  readonly versions: readonly PolicyVersion[];
  /** The version minted last, unless it was withdrawn: what the policy host serves or is about to. */
  readonly current: PolicyVersion | null;
  /** The version whose id was announced last, unless it was withdrawn: the one in force for senders. */
  readonly in_force: PolicyVersion | null;
  /** Every id that ever stood in the file, also on a damaged line: none of them is given out again. */
  readonly ids: ReadonlySet<string>;
  /** Ids that stand with two different bodies: senders may hold either. */
  readonly reused: readonly string[];
  /** Where its policy host stands and stood. */
  readonly hosts: HostClaims;
  /** What could not be read, as a sentence each: stepped over, never removed. */
  readonly damage: readonly string[];
}

export const NO_LEDGER: Ledger = {
  versions: [],
  current: null,
  in_force: null,
  ids: new Set(),
  reused: [],
  hosts: NO_HOSTS,
  damage: [],
};

/**
 * Events in the order of the file. Ids seen on lines that could not be read count as taken. A served or announced event
 * without its minted one (its line was lost) says nothing about a body, so it makes no version; its id stays taken.
 */
export function foldLedger(events: readonly LedgerEvent[], takenIds: readonly string[] = []): Ledger {
  const versions = new Map<string, PolicyVersion>();
  const reused = new Set<string>();
  const ids = new Set<string>(takenIds);
  let minted: string | null = null;
  let announced: string | null = null;
  for (const event of events) {
    ids.add(event.id);
    const known = versions.get(event.id);
    if (known !== undefined && known.sha256 !== event.sha256) reused.add(event.id);
    if (event.event === 'minted') {
      if (known === undefined) versions.set(event.id, mintedVersion(event));
      minted = event.id;
    } else if (isObserved(event) && known !== undefined && known.sha256 === event.sha256) {
      versions.set(event.id, withEvent(known, event.event, event.at));
      if (event.event === 'announced') announced = event.id;
    }
  }
  const inService = (id: string | null) => {
    const version = id === null ? undefined : versions.get(id);
    return version === undefined || version.withdrawn_at !== null ? null : version;
  };
  return {
    versions: [...versions.values()],
    current: inService(minted),
    in_force: inService(announced),
    ids,
    reused: [...reused].sort(),
    hosts: foldHosts(events),
    damage: [],
  };
}

/** The version published under an id; null when the id is not of our making (`txt-id-unknown`). */
export function versionOfId({ versions }: Ledger, id: string): PolicyVersion | null {
  return versions.find((version) => version.id === id) ?? null;
}

/** The versions that published these bytes, oldest first: after a rollback there are several. */
export function versionsOfSha256({ versions }: Ledger, sha256: string): readonly PolicyVersion[] {
  return versions.filter((version) => version.sha256 === sha256);
}

function isObserved(event: LedgerEvent): event is ObservedEvent {
  return event.event === 'served' || event.event === 'announced' || event.event === 'withdrawn';
}

function mintedVersion(event: MintedEvent): PolicyVersion {
  const { at, id, sha256, body, mode, max_age, mx, triggers, commit, pull_request } = event;
  return {
    id,
    sha256,
    body,
    mode,
    max_age,
    mx,
    triggers,
    commit,
    pull_request: pull_request ?? null,
    minted_at: at,
    first_served_at: null,
    last_served_at: null,
    announced_at: null,
    withdrawn_at: null,
  };
}

/** Times are kept as the earliest and latest seen, whatever the order two runs wrote their lines in. */
function withEvent(version: PolicyVersion, event: 'served' | 'announced' | 'withdrawn', at: Instant): PolicyVersion {
  switch (event) {
    case 'served':
      return {
        ...version,
        first_served_at: earlier(version.first_served_at, at),
        last_served_at: later(version.last_served_at, at),
      };
    case 'announced':
      return { ...version, announced_at: earlier(version.announced_at, at) };
    case 'withdrawn':
      return { ...version, withdrawn_at: earlier(version.withdrawn_at, at) };
  }
}

function earlier(a: Instant | null, b: Instant): Instant {
  return a === null || b < a ? b : a;
}

function later(a: Instant | null, b: Instant): Instant {
  return a === null || b > a ? b : a;
}
