import { excerpt } from './excerpt.ts';
import type { Fault } from './parsed.ts';

/** The grammar that RFC 8461 §3.1 and RFC 8460 §3 share: `version 1*(*WSP ";" *WSP name "=" value) [*WSP ";" *WSP]`. */

export interface RecordField {
  readonly name: string;
  readonly value: string;
}

/** What one of the two standards adds to the shared grammar. */
export interface RecordKind {
  /** The literal it begins with, `v=STSv1`. */
  readonly version: string;
  /** For messages: `_mta-sts`. */
  readonly owner: string;
  /** `RFC 8461 §3.1`. */
  readonly clause: string;
}

const FIELD_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;
/** `1*(%x21-3A / %x3C / %x3E-7E)`: printable ASCII without space, `;` and `=`. */
const EXTENSION_VALUE = /^[\x21-\x3a\x3c\x3e-\x7e]+$/;
/** A record longer than this is no record: hostile text stays bounded. */
const MAX_LENGTH = 4096;

/**
 * The one record that counts among the TXT records of a name (each with its strings already joined). Records that do
 * not begin with the version and `;` are dropped; any other number than one left means the feature is not in use.
 */
export function selectRecord(records: readonly string[], kind: RecordKind, lints: Fault[]): string | Fault {
  const { version, owner, clause } = kind;
  const candidates = records.filter((record) => record.startsWith(`${version};`));
  if (candidates.length > 1) {
    const message = `${candidates.length} records at \`${owner}\` begin with \`${version};\`; senders then use none (${clause}).`;
    return { code: 'record-several', message };
  }
  if (candidates[0] !== undefined) return candidates[0];

  // Legal by the grammar, dropped by the text on several records (RFC 8461 erratum 6285): readable, never published.
  const spaced = records.filter(
    (record) => record.startsWith(version) && /^[ \t]+;/.test(record.slice(version.length)),
  );
  if (spaced.length === 1 && spaced[0] !== undefined) {
    const message = `White space stands before the first \`;\`; many senders then do not see the record (${clause}).`;
    lints.push({ code: 'space-before-semicolon', message });
    return spaced[0];
  }
  const stem = version.slice(0, -1).toLowerCase();
  const near = records.find((record) => record.toLowerCase().includes(stem));
  if (near === undefined) return { code: 'record-absent', message: `There is no record at \`${owner}\` (${clause}).` };
  const message = `\`${excerpt(near)}\` does not begin with exactly \`${version};\` (${clause}).`;
  return { code: 'record-version', message };
}

/** The fields after the version, in order; faults for what is not `name=value` between single semicolons. */
export function readRecordFields(record: string, kind: RecordKind, faults: Fault[]): readonly RecordField[] {
  const { version, clause } = kind;
  if (record.length > MAX_LENGTH) {
    faults.push({ code: 'record-too-long', message: `The record has ${record.length} characters (${clause}).` });
    return [];
  }
  const rest = record.slice(version.length).replace(/^[ \t]*;[ \t]*/, '');
  const parts = rest.split(/[ \t]*;[ \t]*/);
  if (parts.at(-1) === '') parts.pop();
  if (parts.length === 0) {
    faults.push({ code: 'record-empty', message: `Nothing stands after \`${version}\` (${clause}).` });
  }
  const fields: RecordField[] = [];
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0));
    if (part === '') faults.push({ code: 'field-empty', message: `Two semicolons stand in a row (${clause}).` });
    else if (!FIELD_NAME.test(name)) {
      faults.push({ code: 'field-syntax', message: `\`${excerpt(part)}\` is not \`name=value\` (${clause}).` });
    } else fields.push({ name, value: part.slice(equals + 1) });
  }
  return fields;
}

/** Unknown fields: ignored when well-formed, fatal when not, because the record is then outside the grammar. */
export function readExtensions(
  fields: readonly RecordField[],
  kind: RecordKind,
  faults: Fault[],
): readonly { readonly key: string; readonly value: string }[] {
  const extensions: { key: string; value: string }[] = [];
  for (const { name, value } of fields) {
    if (EXTENSION_VALUE.test(value)) extensions.push({ key: name, value });
    else {
      const message = `The value of \`${name}\` must be printable ASCII without spaces, \`;\` and \`=\`, and not empty (${kind.clause}).`;
      faults.push({ code: 'field-value', message });
    }
  }
  return extensions;
}
