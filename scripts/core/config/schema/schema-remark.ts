import type { ErrorObject } from 'ajv/dist/2020.js';
import { excerpt } from '../../../standards/excerpt.ts';
import { nearest } from '../../near.ts';
import { type Path, pathText, type Remark } from '../remark.ts';
import type { RuleId } from '../rules/rule-table.ts';
import { FORMATS } from './formats.ts';

/** A validator's error in our words; null for one that another error tells better. */
export function remarkOf(error: ErrorObject): Remark | null {
  // The name of a map's entry is reported as `propertyNames`, with the name; what is wrong with it comes along.
  if (error.keyword === 'if' || error.propertyName !== undefined) return null;
  const path = pathOf(error.instancePath);
  const schema = (error.parentSchema ?? {}) as Schema;
  const name = path.length === 0 ? 'The file' : `\`${pathText(path)}\``;
  const base = { rule: schema['x-rule'] ?? 'value-invalid', path, hint: null };
  const limit = String(error.params['limit']);

  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      const message = `There is no key \`${excerpt(key)}\`${path.length === 0 ? '' : ` in ${name}`}.`;
      return { rule: 'unknown-key', path: [...path, key], on_key: true, message, hint: keyHint(key, schema) };
    }
    case 'propertyNames': {
      const key = String(error.params['propertyName']);
      const message = `\`${excerpt(key)}\` ${schema.propertyNames?.errorMessage ?? 'is not a possible name here'}.`;
      return { ...base, path: [...path, key], on_key: true, message };
    }
    case 'required': {
      const key = String(error.params['missingProperty']);
      const rule = schema['x-rule'] ?? 'missing-key';
      return { rule, path, message: `${name} has no \`${key}\`.`, hint: MISSING[key] ?? `Add \`${key}:\`.` };
    }
    case 'format':
      return formatRemark(error, path);
    case 'enum':
      return { ...base, ...choice(name, (schema.enum ?? []).map(String), error.data) };
    case 'discriminator': {
      const kind: unknown = error.params['tagValue'];
      if (kind === undefined) return null; // `required` says so.
      const kinds = (schema.oneOf ?? []).map((one) => String(one.properties?.['kind']?.const));
      const inside = [...path, 'kind'];
      return { ...base, path: inside, ...choice(`\`${pathText(inside)}\``, kinds, kind) };
    }
    case 'type': {
      const message = `${name} must be ${TYPES[schema.type ?? ''] ?? schema.type}; it is ${shape(error.data)}.`;
      const single = schema.type === 'array' && isLeaf(error.data);
      return { ...base, message, hint: single ? `Write [${excerpt(String(error.data))}].` : null };
    }
    case 'minItems':
      return { ...base, message: `${name} is an empty list.`, hint: 'Write at least one item, or leave the key out.' };
    case 'maxItems':
      return { ...base, message: `${name} has more than ${limit} items.` };
    case 'maxLength':
      return { ...base, message: `${name} is longer than ${limit} characters.` };
    case 'minProperties':
    case 'maxProperties': {
      const keys = Object.keys(schema.properties ?? {}).map((key) => `\`${key}\``);
      const named =
        keys.length === 0 ? `has more than ${limit} entries` : `must hold exactly one of ${keys.join(' and ')}`;
      return { ...base, message: `${name} ${named}.` };
    }
    default:
      // `errorMessage` above all: what the schema itself says is wanted.
      return {
        ...base,
        message: `${name} ${error.message ?? 'is not what is wanted here'}; it is ${shape(error.data)}.`,
      };
  }
}

/** What of a JSON Schema the words above need. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: { readonly errorMessage?: string };
  readonly 'x-rule'?: RuleId;
}

const MISSING: Readonly<Record<string, string>> = {
  mode: 'Write mode: testing to begin with, or same_as: and the domain it is like.',
  mx: 'List every MX host, such as mx: [mx1.example.com, mx2.example.com].',
  organisation: 'Write organisation: and the name of who runs these domains.',
};

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of keys',
  string: 'text',
};

/** JSON Pointer (RFC 6901). Digits are taken for a list's position: no key of ours is made of them. */
function pathOf(pointer: string): Path {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function formatRemark(error: ErrorObject, path: Path): Remark {
  const { rule, read, hint } = FORMATS[error.params['format'] as keyof typeof FORMATS];
  const text = String(error.data);
  const parsed = read(text);
  const message = parsed.ok ? undefined : parsed.faults[0]?.message;
  return { rule, path, message: message ?? `\`${excerpt(text)}\` cannot be read.`, hint: hint(text) };
}

function choice(name: string, allowed: readonly string[], value: unknown): Pick<Remark, 'message' | 'hint'> {
  const near = typeof value === 'string' ? nearest(value, allowed) : null;
  const last = allowed.at(-1) ?? '';
  const listed = allowed.length < 2 ? last : `${allowed.slice(0, -1).join(', ')} or ${last}`;
  return {
    message: `${name} must be ${listed}; it is ${shape(value)}.`,
    hint: near === null ? null : `Did you mean \`${near}\`?`,
  };
}

function keyHint(key: string, schema: Schema): string {
  if (/passw|secret|token|api_?key|credential/i.test(key)) {
    return 'Secrets are not written here; they come from the environment (see docs/configuration.md).';
  }
  const known = Object.keys(schema.properties ?? {});
  const near = nearest(key, known);
  return near === null ? `Known here: ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
}

function isLeaf(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function shape(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (typeof value === 'string') return value === '' ? 'empty text' : `\`${excerpt(withoutPassword(value))}\``;
  if (isLeaf(value)) return `\`${String(value)}\``;
  return Array.isArray(value) ? 'a list' : 'a map';
}

/** What a person must not have written here should not go on into a public log. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^\s/:@]*):[^\s/@]*@/, '$1:…@');
}
