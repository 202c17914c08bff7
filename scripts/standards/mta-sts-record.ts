import { excerpt } from './excerpt.ts';
import type { Fault, Parsed } from './parsed.ts';
import { type RecordKind, readExtensions, readRecordFields, selectRecord } from './txt-record.ts';

/** The TXT record at `_mta-sts.<policy domain>` (RFC 8461 §3.1). */
export interface MtaStsRecord {
  /** 1 to 32 letters and digits. Compared for equality only: ids have no order. */
  readonly id: string;
  readonly extensions: readonly { readonly key: string; readonly value: string }[];
}

const KIND: RecordKind = { version: 'v=STSv1', owner: '_mta-sts', clause: 'RFC 8461 §3.1' };

/** RFC 8461 §3.1 `sts-id`: 1 to 32 letters and digits. */
export function isPolicyId(text: string): boolean {
  return /^[A-Za-z0-9]{1,32}$/.test(text);
}

/**
 * The TXT record set at `_mta-sts`, the strings of each record joined without a space. The fault `record-absent` means
 * that no record claims to be one. Lints: `space-before-semicolon`, `duplicate-field`.
 */
export function parseMtaStsRecords(records: readonly string[]): Parsed<MtaStsRecord> {
  const faults: Fault[] = [];
  const lints: Fault[] = [];
  const record = selectRecord(records, KIND, lints);
  if (typeof record !== 'string') return { ok: false, faults: [record] };

  const fields = readRecordFields(record, KIND, faults);
  const ids = fields.filter(({ name }) => name === 'id');
  // spec question: RFC 8461 §3.2 says that the first of a repeated field counts, and means this record too; a first id
  // that is no id could also be read as an unknown field. A record that is read in two ways is not usable.
  const id = ids[0]?.value;
  if (id === undefined) {
    faults.push({ code: 'id-missing', message: 'The record has no `id=` field (RFC 8461 §3.1).' });
  } else if (!isPolicyId(id)) {
    const message = `The id \`${excerpt(id)}\` must be 1 to 32 letters and digits (RFC 8461 §3.1).`;
    faults.push({ code: 'id-syntax', message });
  }
  if (ids.length > 1) {
    const message = 'The record has several ids; the first counts (RFC 8461 §3.2), some senders take the last.';
    lints.push({ code: 'duplicate-field', message });
  }
  const others = fields.filter(({ name }) => name !== 'id');
  const extensions = readExtensions(others, KIND, faults);
  if (faults.length > 0 || id === undefined) return { ok: false, faults };
  return { ok: true, value: { id, extensions }, lints };
}

/** The record as it is published. `id` must satisfy isPolicyId. */
export function renderMtaStsRecord(id: string): string {
  return `v=STSv1; id=${id}`;
}
