import { MODES } from '../../../standards/mta-sts-policy.ts';
import { isPolicyId } from '../../../standards/mta-sts-record.ts';
import { type Instant, parseInstant } from '../../clock.ts';
import { readPlace } from '../../hosting/host-place.ts';
import { type LedgerEvent, type MintedEvent, TRIGGERS } from './ledger-event.ts';

/** A line of a ledger that could not be read. It is stepped over, never removed, and said. */
export interface LedgerDamage {
  /** 1-based. */
  readonly line: number;
  /** `cut`: the last line, without its end: a run was killed while writing it. */
  readonly kind: 'cut' | 'unreadable';
}

export interface LedgerText {
  readonly events: readonly LedgerEvent[];
  readonly damage: readonly LedgerDamage[];
  /** Ids that could still be made out on damaged lines. */
  readonly damaged_ids: readonly string[];
}

/** The text of `data/policies/<domain>.jsonl`. Members that this version does not know are left aside. */
export function parseLedgerLines(text: string): LedgerText {
  const events: LedgerEvent[] = [];
  const damage: LedgerDamage[] = [];
  const damagedIds: string[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const event = eventOf(line);
    if (event !== null) {
      events.push(event);
      continue;
    }
    damage.push({ line: index + 1, kind: index === lines.length - 1 ? 'cut' : 'unreadable' });
    const id = /"id"\s*:\s*"([A-Za-z0-9]{1,32})"/.exec(line)?.[1];
    if (id !== undefined) damagedIds.push(id);
  }
  return { events, damage, damaged_ids: damagedIds };
}

/** What a person reads of damaged lines. `file`: such as `data/policies/example.com.jsonl`. */
export function damageWords(file: string, damage: readonly LedgerDamage[]): readonly string[] {
  return damage.map(({ line, kind }) =>
    kind === 'cut'
      ? `${file}: line ${line} is cut off, by a run that was killed while writing it. It is stepped over, and its id is not used again.`
      : `${file}: line ${line} cannot be read and is stepped over. Restore it from the history of data/, if it was ever whole.`,
  );
}

/** One line each, members in the order of interface and without a line end inside. */
export function ledgerLines(events: readonly LedgerEvent[]): readonly string[] {
  return events.map((event) => {
    const { at, event: kind, id, sha256 } = event;
    if ('hosting' in event) return JSON.stringify({ at, event: kind, id, sha256, hosting: event.hosting });
    if (event.event !== 'minted') return JSON.stringify({ at, event: kind, id, sha256 });
    const { body, mode, max_age, mx, triggers, commit, pull_request, approval } = event;
    const more = {
      ...(pull_request === undefined ? {} : { pull_request }),
      ...(approval === undefined ? {} : { approval }),
    };
    return JSON.stringify({ at, event: kind, id, sha256, body, mode, max_age, mx, triggers, commit, ...more });
  });
}

function eventOf(line: string): LedgerEvent | null {
  const value = jsonObject(line);
  if (value === null) return null;
  const { at: written, event, id, sha256 } = value;
  const at = typeof written === 'string' ? parseInstant(written) : null;
  if (at === null || typeof id !== 'string' || !isPolicyId(id)) return null;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  if (event === 'minted') return mintedOf(value, { at, id, sha256 });
  if (event === 'hosted' || event === 'moved' || event === 'released') {
    const hosting = readPlace(value['hosting']);
    return hosting === undefined ? null : { at, event, id, sha256, hosting };
  }
  return event === 'served' || event === 'announced' || event === 'withdrawn' ? { at, event, id, sha256 } : null;
}

function mintedOf(
  value: Readonly<Record<string, unknown>>,
  head: { readonly at: Instant; readonly id: string; readonly sha256: string },
): MintedEvent | null {
  const { body, mode: writtenMode, max_age, mx, triggers, commit, pull_request, approval } = value;
  const mode = MODES.find((known) => known === writtenMode);
  if (typeof body !== 'string' || mode === undefined || typeof max_age !== 'number' || !isTexts(mx)) return null;
  if (!isTexts(triggers) || !(commit === null || typeof commit === 'string')) return null;
  const pull = typeof pull_request === 'number' ? { pull_request } : {};
  const known = TRIGGERS.filter((trigger) => triggers.includes(trigger));
  return {
    ...head,
    event: 'minted',
    body,
    mode,
    max_age,
    mx,
    triggers: known,
    commit,
    ...pull,
    ...approvalOf(approval),
  };
}

function approvalOf(value: unknown): Pick<MintedEvent, 'approval'> {
  if (typeof value !== 'object' || value === null) return {};
  const { author, approvers, exception } = value as Readonly<Record<string, unknown>>;
  if (typeof author !== 'string' || !isTexts(approvers) || typeof exception !== 'boolean') return {};
  return { approval: { author, approvers, exception } };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
