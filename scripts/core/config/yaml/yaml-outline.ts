import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { Path } from '../remark.ts';

/** Where everything stands in a YAML text: what js-yaml's values do not say. Offsets are 0-based UTF-16 units. */
export interface Outline {
  readonly offset: number;
  /** Null when it is not a map. */
  readonly entries: ReadonlyMap<string, { readonly key_offset: number; readonly value: Outline }> | null;
  readonly items: readonly Outline[];
}

export interface KeyFault {
  readonly kind: 'duplicate' | 'complex';
  readonly key: string;
  readonly offset: number;
  readonly first_offset: number;
}

/** The outline of the first document of an event stream, and every key that cannot stand. */
export function outlineOf(
  source: string,
  events: readonly Event[],
): { outline: Outline; key_faults: readonly KeyFault[] } {
  const keyFaults: KeyFault[] = [];
  let at = 1; // Event 0 opens the document.

  const next = (fallback: number): Outline => {
    const event = events[at++];
    switch (event?.type) {
      case EVENT_ID.MAPPING:
        return mapFrom(event.start);
      case EVENT_ID.SEQUENCE: {
        const items: Outline[] = [];
        while (at < events.length && events[at]?.type !== EVENT_ID.POP) items.push(next(event.start));
        at++;
        return { offset: event.start, entries: null, items };
      }
      case EVENT_ID.SCALAR:
        return { offset: scalarOffset(event) ?? fallback, entries: null, items: [] };
      case EVENT_ID.ALIAS:
        return { offset: event.anchorStart - 1, entries: null, items: [] };
      default:
        return { offset: fallback, entries: null, items: [] };
    }
  };

  const mapFrom = (start: number): Outline => {
    const entries = new Map<string, { key_offset: number; value: Outline }>();
    while (at < events.length && events[at]?.type !== EVENT_ID.POP) {
      const event = events[at];
      const key = event?.type === EVENT_ID.SCALAR ? scalarKey(source, event) : null;
      const keyOffset = next(start).offset;
      const value = next(keyOffset);
      if (key === null) {
        keyFaults.push({ kind: 'complex', key: '', offset: keyOffset, first_offset: keyOffset });
        continue;
      }
      const first = entries.get(key);
      if (first === undefined) entries.set(key, { key_offset: keyOffset, value });
      else keyFaults.push({ kind: 'duplicate', key, offset: keyOffset, first_offset: first.key_offset });
    }
    at++;
    return { offset: start, entries, items: [] };
  };

  return { outline: next(0), key_faults: keyFaults };
}

/** The offset of a path's value, or of its key; of the nearest part that exists when the path leads further. */
export function offsetOf(outline: Outline, path: Path, onKey: boolean): number {
  let here = outline;
  let offset = outline.offset;
  for (const [index, step] of path.entries()) {
    const entry = here.entries?.get(String(step));
    const value = typeof step === 'number' ? (here.items[step] ?? entry?.value) : entry?.value;
    if (value === undefined) break;
    const wantsKey = onKey && entry !== undefined && index === path.length - 1;
    offset = wantsKey ? entry.key_offset : value.offset;
    here = value;
  }
  return offset;
}

function scalarKey(source: string, event: ScalarEvent): string {
  return event.valueStart < 0 ? 'null' : getScalarValue(source, event);
}

/** Null for a value that is not written, such as that of `mode:`. A quoted one begins at its quote. */
function scalarOffset({ valueStart, style }: ScalarEvent): number | null {
  if (valueStart < 0) return null;
  return style === SCALAR_STYLE.DOUBLE_QUOTED || style === SCALAR_STYLE.SINGLE_QUOTED ? valueStart - 1 : valueStart;
}
