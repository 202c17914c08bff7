import { parseMtaStsPolicy } from '../../../standards/mta-sts-policy.ts';
import { parseMtaStsRecords } from '../../../standards/mta-sts-record.ts';
import { sha256Hex } from '../../../standards/sha-256.ts';
import type { LiveFacts } from '../live-facts.ts';
import { foldLedger, type Ledger } from './ledger.ts';
import type { LedgerEvent } from './ledger-event.ts';

/**
 * A policy that was in service before Postern came, as ledger events: its id, its bytes and its max_age then count like
 * those of our own versions, so that it is never weakened by accident and retires only when its cached copies are gone.
 * Empty unless nothing was ever published here and record and body are both sound.
 */
export function adoptedEvents(ledger: Ledger, live: LiveFacts | null): readonly LedgerEvent[] {
  if (live === null || ledger.ids.size > 0 || !live.mta_sts.known || !live.served.known) return [];
  const record = parseMtaStsRecords(live.mta_sts.value.values);
  const { body } = live.served.value;
  const policy = body === null ? null : parseMtaStsPolicy(new TextEncoder().encode(body));
  if (!record.ok || body === null || policy === null || !policy.ok) return [];
  const { at } = live;
  const head = { at, id: record.value.id, sha256: sha256Hex(body) };
  const { mode, max_age, mx } = policy.value;
  return [
    { ...head, event: 'minted', body, mode, max_age, mx, triggers: ['scope'], commit: null },
    { ...head, event: 'served' },
    { ...head, event: 'announced' },
  ];
}

/** The ledger as it will be once what was found is written down. */
export function withAdopted(ledger: Ledger, adopted: readonly LedgerEvent[]): Ledger {
  return adopted.length === 0 ? ledger : foldLedger(adopted);
}
