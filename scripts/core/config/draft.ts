import type { DomainName } from '../../standards/domain-name.ts';
import type { Document } from './document.ts';
import type { FaultTellers } from './fault-tellers.ts';
import type { FileFault } from './file-role.ts';
import type { Remark } from './remark.ts';
import type { WrittenDomain } from './schema/domain-schema.ts';
import type { Validate, Validated } from './schema/validate.ts';
import { decode } from './yaml/decode.ts';
import { readYaml } from './yaml/yaml-text.ts';

/** A document on its way: rules add their remarks to it. */
export interface Draft<Written> extends Document {
  /** Null when the text is not readable YAML. */
  readonly validated: Validated<Written> | null;
  readonly file_faults: FileFault[];
  readonly remarks: Remark[];
}

export interface DomainDraft extends Draft<WrittenDomain> {
  /** Null when the file name is not a domain. */
  readonly domain: DomainName | null;
  readonly customer: string | null;
}

/** Bytes → text → YAML → what the schema says; it stops at the first of these that fails. Null when only the tellers could say. */
export function draftOf<Written>(
  file: string,
  bytes: Uint8Array,
  validate: Validate<Written>,
  tellers: FaultTellers | null,
): Draft<Written> | null {
  const decoded = decode(bytes);
  const { text } = decoded;
  const yaml = decoded.ok ? readYaml(text, tellers) : { ok: false as const, faults: [decoded.fault] };
  if (yaml === null) return null;
  if (!yaml.ok) return { file, text, validated: null, file_faults: [], text_faults: yaml.faults, remarks: [] };
  const validated = validate(yaml.value, tellers);
  if (validated === null) return null;
  return { file, text, validated, file_faults: [], text_faults: [], remarks: [...validated.remarks] };
}
