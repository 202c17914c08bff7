import type { FaultTellers } from '../fault-tellers.ts';
import type { Remark } from '../remark.ts';
import schemas from '../schemas.json' with { type: 'json' };
import type { CompiledSchema } from './compiled-schema.ts';
import type { WrittenDomain } from './domain-schema.ts';
import { quickValidity } from './quick-validity.ts';
import type { WrittenSettings } from './settings-schema.ts';

/** What the schema accepts of a document, and what it says about the rest. */
export interface Validated<Written> {
  /** Top-level keys with a fault are left out; null when the document is not a map. */
  readonly accepted: Partial<Written> | null;
  /** The top-level keys left out. */
  readonly refused: ReadonlySet<string>;
  readonly remarks: readonly Remark[];
}

/** Null when only the tellers could say. */
export type Validate<Written> = (value: unknown, tellers: FaultTellers | null) => Validated<Written> | null;

export const validateDomain: Validate<WrittenDomain> = (value, tellers) => validate(domains, value, tellers);
export const validateSettings: Validate<WrittenSettings> = (value, tellers) => validate(settings, value, tellers);

/** A schema, compiled on first need: that takes longer than all else `check` does for a single file. */
interface Validator {
  readonly schema: object;
  compiled: CompiledSchema | null;
  /** Values that were looked at without. */
  quick: number;
}

const domains: Validator = { schema: schemas.domain, compiled: null, quick: 0 };
const settings: Validator = { schema: schemas.settings, compiled: null, quick: 0 };

/** With more values, compiling takes less time than it saves. */
const QUICK_VALUES = 200;

function validate<Written extends object>(
  validator: Validator,
  value: unknown,
  tellers: FaultTellers | null,
): Validated<Written> | null {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap && validator.compiled === null && validator.quick < QUICK_VALUES) {
    validator.quick += 1;
    if (quickValidity(validator.schema, value) === true) {
      return { accepted: value as Written, refused: new Set(), remarks: [] };
    }
  }
  validator.compiled ??= tellers?.compile(validator.schema) ?? null;
  if (validator.compiled === null) return null;
  const remarks = validator.compiled(value);
  if (remarks === null && isMap) return { accepted: value as Written, refused: new Set(), remarks: [] };
  if (!isMap) return { accepted: null, refused: new Set(), remarks: remarks ?? [] };
  const refused = new Set(remarks?.flatMap(({ path }) => path.slice(0, 1).map(String)));
  const accepted = Object.fromEntries(Object.entries(value).filter(([key]) => !refused.has(key)));
  return { accepted: accepted as Partial<Written>, refused, remarks: remarks ?? [] };
}
