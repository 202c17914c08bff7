import type { Instant } from '#scripts/core/clock.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent, MintedEvent, ObservedEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { mintVersion } from '#scripts/core/policy/versions/mint.ts';
import type { Mode, MtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import { instant, pattern } from '../analysis/world.ts';

/** Ledgers for tests, minted by the code itself so that bodies, hashes and ids fit. */

export const at: (text: string) => Instant = instant;

export function policy(mode: Mode, ...mx: readonly string[]): MtaStsPolicy {
  const max_age = mode === 'enforce' ? 604_800 : 86_400;
  return { version: 'STSv1', mode, mx: mx.map(pattern), max_age, extensions: [] };
}

export function minted(when: string, body: MtaStsPolicy, before: readonly LedgerEvent[] = []): MintedEvent {
  const event = mintVersion(foldLedger(before), body, { now: at(when), commit: null });
  if (event === null) throw new Error('the test mints the same body twice');
  return event;
}

/** Versions in order, only minted. */
export function story(
  ...steps: readonly (readonly [when: string, body: MtaStsPolicy])[]
): [MintedEvent, ...MintedEvent[]] & readonly [MintedEvent, MintedEvent] {
  const events: MintedEvent[] = [];
  for (const [when, body] of steps) events.push(minted(when, body, events));
  return events as [MintedEvent, MintedEvent];
}

export function observed(of: MintedEvent, event: ObservedEvent['event'], when: string): ObservedEvent {
  return { at: at(when), event, id: of.id, sha256: of.sha256 };
}

/** Minted, served and announced within two minutes. */
export function published(
  when: string,
  body: MtaStsPolicy,
  before: readonly LedgerEvent[] = [],
): readonly LedgerEvent[] {
  const event = minted(when, body, before);
  return [event, observed(event, 'served', when), observed(event, 'announced', when)];
}
