import { epochMs, type Instant } from '../core/clock.ts';
import { foldLedger, type Ledger } from '../core/policy/versions/ledger.ts';
import type { LedgerEvent } from '../core/policy/versions/ledger-event.ts';
import { damageWords, ledgerLines, parseLedgerLines } from '../core/policy/versions/ledger-lines.ts';
import { appendLedgerText, listLedgers, readLedgerText } from '../io/files/policy-ledger.ts';
import { type DomainName, parseDomainName } from '../standards/domain-name.ts';

/** What was published for a domain, at `until` or before. A missing file is an empty ledger. */
export function readLedger(dataDir: string, domain: DomainName, until: Instant | null = null): Ledger {
  const { events, damage, damaged_ids } = parseLedgerLines(readLedgerText(dataDir, domain) ?? '');
  const hosts = parseLedgerLines(readLedgerText(dataDir, domain, 'hosts') ?? '');
  const all = [...hosts.events, ...events];
  const known = until === null ? all : all.filter(({ at }) => epochMs(at) <= epochMs(until));
  const told = [
    ...damageWords(`data/policies/${domain}.jsonl`, damage),
    ...damageWords(`data/hosts/${domain}.jsonl`, hosts.damage),
  ];
  return { ...foldLedger(known, damaged_ids), damage: told };
}

/** What happened to the versions, in the order of the file; lines that cannot be read are left out. */
export function readLedgerEvents(dataDir: string, domain: DomainName): readonly LedgerEvent[] {
  return parseLedgerLines(readLedgerText(dataDir, domain) ?? '').events;
}

/**
 * Writes down what happened, durably, before it returns. Two runs that may both mint take turns by the lock of the store
 * (`lockStore`): appending alone mixes no lines, but each would decide on what it read.
 */
export function appendLedger(dataDir: string, domain: DomainName, events: readonly LedgerEvent[]): void {
  const [hosts, versions] = [events.filter(isHostEvent), events.filter((event) => !isHostEvent(event))];
  appendLedgerText(dataDir, domain, ledgerLines(hosts), 'hosts');
  appendLedgerText(dataDir, domain, ledgerLines(versions));
}

function isHostEvent(event: LedgerEvent): boolean {
  return 'hosting' in event;
}

/** Every domain that was ever published, also when its file under `domains/` is gone. */
export function domainsWithLedger(dataDir: string): readonly DomainName[] {
  return listLedgers(dataDir).flatMap((name) => {
    const parsed = parseDomainName(name);
    return parsed.ok && parsed.value === name ? [parsed.value] : [];
  });
}
