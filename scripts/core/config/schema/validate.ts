import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvErrors from 'ajv-errors';
import ajvFormats from 'ajv-formats';
import type { Remark } from '../remark.ts';
import schemas from '../schemas.json' with { type: 'json' };
import type { WrittenDomain } from './domain-schema.ts';
import { FORMATS } from './formats.ts';
import { quickValidity } from './quick-validity.ts';
import { remarkOf } from './schema-remark.ts';
import type { WrittenSettings } from './settings-schema.ts';

/** What the schema accepts of a document, and what it says about the rest. */
export interface Validated<Written> {
  /** Top-level keys with a fault are left out; null when the document is not a map. */
  readonly accepted: Partial<Written> | null;
  /** The top-level keys left out. */
  readonly refused: ReadonlySet<string>;
  readonly remarks: readonly Remark[];
}

export function validateDomain(value: unknown): Validated<WrittenDomain> {
  return validate<WrittenDomain>(domains, value);
}

export function validateSettings(value: unknown): Validated<WrittenSettings> {
  return validate<WrittenSettings>(settings, value);
}

/** A schema, compiled on first need: that takes longer than all else `check` does for a single file. */
interface Validator {
  readonly schema: object;
  compiled: ValidateFunction | null;
  /** Values that were looked at without. */
  quick: number;
}

const domains: Validator = { schema: schemas.domain, compiled: null, quick: 0 };
const settings: Validator = { schema: schemas.settings, compiled: null, quick: 0 };

/** With more values, compiling takes less time than it saves. */
const QUICK_VALUES = 200;

/** The schema as a function that also tells every fault. */
export function compile(schema: object): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    discriminator: true,
    strictTypes: false,
    strictRequired: false,
    // A test holds the schemas to their meta-schema; compiling that here would take longer than all else.
    meta: false,
    validateSchema: false,
  });
  ajvFormats.default(ajv, ['date', 'date-time', 'email', 'uri']);
  for (const [name, { read }] of Object.entries(FORMATS)) {
    ajv.addFormat(name, { type: 'string', validate: (text: string) => read(text).ok });
  }
  ajvErrors.default(ajv);
  ajv.addKeyword('x-rule');
  return ajv.compile(schema);
}

function validate<Written extends object>(validator: Validator, value: unknown): Validated<Written> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isMap && validator.compiled === null && validator.quick < QUICK_VALUES) {
    validator.quick += 1;
    if (quickValidity(validator.schema, value) === true) {
      return { accepted: value as Written, refused: new Set(), remarks: [] };
    }
  }
  validator.compiled ??= compile(validator.schema);
  const { compiled } = validator;
  const valid = compiled(value);
  if (valid && isMap) return { accepted: value as Written, refused: new Set(), remarks: [] };
  const remarks = (compiled.errors ?? []).flatMap((error: ErrorObject) => remarkOf(error) ?? []);
  if (!isMap) return { accepted: null, refused: new Set(), remarks };
  const refused = new Set(remarks.flatMap(({ path }) => path.slice(0, 1).map(String)));
  const accepted = Object.fromEntries(Object.entries(value).filter(([key]) => !refused.has(key)));
  return { accepted: accepted as Partial<Written>, refused, remarks };
}
