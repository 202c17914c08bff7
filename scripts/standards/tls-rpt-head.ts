import { isRfc3339, readDateTime } from './date-time.ts';
import { excerpt } from './excerpt.ts';
import type { JsonValue } from './json-value.ts';
import {
  closeInner,
  isAbsent,
  isObject,
  keep,
  openInner,
  type ReportNotes,
  repair,
  takeText,
  type WireObject,
  warn,
} from './tls-rpt-wire.ts';

/** The parts of RFC 8460 §4.4 that say who reports and for when. */

export interface ReportRange {
  readonly start: string;
  readonly end: string;
}

const RANGE_KEYS = new Set(['start-datetime', 'end-datetime']);
const ADDRESS = /^[^@\s]+@[^@\s]+$/u;
/** A UTC day (RFC 8460 §4.1), with an hour for reporters that mean a local one. */
const LONG_RANGE_MS = 25 * 3_600_000;

/** Some software puts the report into an array of one. */
export function unwrap(value: JsonValue, notes: ReportNotes): JsonValue {
  if (!Array.isArray(value) || value.length !== 1) return value;
  repair(notes, 'wrapped-array');
  return value[0];
}

/** The `date-range`. Without one the report belongs to no day: nothing outside the JSON may replace it (§5.6). */
export function readRange(report: WireObject): ReportRange | { readonly reason: string; readonly message: string } {
  const raw = report.raw['date-range'];
  if (isAbsent(raw)) {
    return { reason: 'missing:date-range', message: 'The report has no `date-range` (RFC 8460 §4.4).' };
  }
  if (!isObject(raw)) return { reason: 'date', message: 'The `date-range` is not an object (RFC 8460 §4.4).' };
  const range = openInner(report, 'date-range', RANGE_KEYS);
  const start = takeInstant(range, 'start-datetime', 'start');
  const end = takeInstant(range, 'end-datetime', 'end');
  if (start === null || end === null) {
    const key = start === null ? 'start-datetime' : 'end-datetime';
    const shown = excerpt(JSON.stringify(raw[key] ?? null));
    return { reason: 'date', message: `\`${key}\` is ${shown}, which is no moment in time (RFC 8460 §4.4, RFC 3339).` };
  }
  closeInner(report, 'date-range', range);
  if (end < start) {
    return { reason: 'range-reversed', message: `The range ends at ${end}, before it starts at ${start}.` };
  }
  const sameDay = start.slice(0, 10) === end.slice(0, 10);
  if (!sameDay && Date.parse(end) - Date.parse(start) > LONG_RANGE_MS) warn(report.notes, 'range-long');
  return { start, end };
}

/** Repairs after which the text cannot be told from the moment. */
const LOST: ReadonlySet<string> = new Set(['offset', 'leap-second', 'date-form']);

function takeInstant(range: WireObject, key: string, name: string): string | null {
  const text = takeText(range, key);
  const reading = text === null ? null : readDateTime(text);
  if (text === null || reading === null) return null;
  if (!isRfc3339(text)) range.notes.strict = false;
  // hour-24 is said once for a report, the others for each end of the range.
  for (const id of reading.repairs) warn(range.notes, id === 'hour-24' ? id : `${id}:${name}`);
  // An offset, another form and parts of a second are not in the moment: as it was sent it is kept beside.
  if (reading.repairs.some((id) => LOST.has(id)) || /\.\d*[1-9]/.test(text)) keep(range, key, text);
  return reading.instant;
}

/** A text that §4.4 requires. `name` is how warnings call it. */
export function takeRequired(report: WireObject, key: string, name: string): string | null {
  const text = takeText(report, key);
  if (text === null) repair(report.notes, 'missing', name);
  return text;
}

/** `contact-info`, which §4.4 wants to be a mail address. */
export function takeContact(report: WireObject): string | null {
  const contact = takeRequired(report, 'contact-info', 'contact');
  if (contact !== null && !ADDRESS.test(contact)) repair(report.notes, 'not-an-address', 'contact');
  return contact;
}
