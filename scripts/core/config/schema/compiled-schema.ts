import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvErrors from 'ajv-errors';
import ajvFormats from 'ajv-formats';
import type { Remark } from '../remark.ts';
import { FORMATS } from './formats.ts';
import { remarkOf } from './schema-remark.ts';

/** What is wrong with a value; null when nothing is. */
export type CompiledSchema = (value: unknown) => readonly Remark[] | null;

/** The schema as a function that also tells every fault. */
export function compile(schema: object): CompiledSchema {
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
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? null : (validate.errors ?? []).flatMap((error) => remarkOf(error) ?? []));
}
