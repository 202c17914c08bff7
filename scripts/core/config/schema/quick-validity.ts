import { fullFormats } from 'ajv-formats/dist/formats.js';
import { FORMATS } from './formats.ts';

/**
 * Whether a JSON Schema (2020-12) accepts a value; null when the schema says something that is not known here. Only for
 * the keywords that our schemas use: compiling them for a handful of files takes longer than all else a short command does,
 * and nearly every file is valid. What is wrong with the others is told by the compiled schema (validate.ts).
 */
export function quickValidity(schema: unknown, value: unknown): boolean | null {
  if (typeof schema === 'boolean') return schema;
  if (typeof schema !== 'object' || schema === null) return null;
  const keywords = schema as Schema;
  let valid: boolean | null = true;
  for (const keyword of Object.keys(keywords)) {
    if (SAYS_NOTHING.has(keyword)) continue;
    const check = CHECKS[keyword];
    const holds = check === undefined ? null : check(keywords[keyword], value, keywords);
    if (holds === false) return false;
    if (holds === null) valid = null;
  }
  return valid;
}

type Schema = Readonly<Record<string, unknown>>;
type Check = (said: unknown, value: unknown, schema: Schema) => boolean | null;

/** Descriptions, and keywords that another one reads. The discriminator only chooses the words for a fault of `oneOf`. */
const SAYS_NOTHING = new Set([
  ...['$schema', '$id', 'title', 'description', 'default', 'examples', 'errorMessage', 'x-rule'],
  ...['discriminator', 'then', 'else'],
]);

const CHECKS: Readonly<Record<string, Check>> = {
  type: (said, value) => (Array.isArray(said) ? any(said.map((one) => isOfType(one, value))) : isOfType(said, value)),
  enum: (said, value) => (isLeaf(value) ? (said as readonly unknown[]).includes(value) : null),
  const: (said, value) => (isLeaf(value) && isLeaf(said) ? said === value : null),
  minimum: (said, value) => typeof value !== 'number' || value >= Number(said),
  maximum: (said, value) => typeof value !== 'number' || value <= Number(said),
  exclusiveMinimum: (said, value) => typeof value !== 'number' || value > Number(said),
  minLength: (said, value) => typeof value !== 'string' || [...value].length >= Number(said),
  maxLength: (said, value) => typeof value !== 'string' || [...value].length <= Number(said),
  pattern: (said, value) => typeof value !== 'string' || new RegExp(String(said), 'u').test(value),
  format: (said, value) => {
    if (typeof value !== 'string') return true;
    const own = FORMATS[said as keyof typeof FORMATS];
    return own === undefined ? isOfFormat(fullFormats[said as keyof typeof fullFormats], value) : own.read(value).ok;
  },
  minItems: (said, value) => !Array.isArray(value) || value.length >= Number(said),
  maxItems: (said, value) => !Array.isArray(value) || value.length <= Number(said),
  items: (said, value) => !Array.isArray(value) || all(value.map((item) => quickValidity(said, item))),
  required: (said, value) => !isMap(value) || (said as readonly string[]).every((key) => Object.hasOwn(value, key)),
  minProperties: (said, value) => !isMap(value) || Object.keys(value).length >= Number(said),
  maxProperties: (said, value) => !isMap(value) || Object.keys(value).length <= Number(said),
  propertyNames: (said, value) => !isMap(value) || all(Object.keys(value).map((key) => quickValidity(said, key))),
  properties: (said, value) => {
    if (!isMap(value)) return true;
    const known = Object.entries(said as Schema).filter(([key]) => Object.hasOwn(value, key));
    return all(known.map(([key, schema]) => quickValidity(schema, value[key])));
  },
  patternProperties: (said, value) => {
    if (!isMap(value)) return true;
    const held = Object.entries(said as Schema).flatMap(([pattern, schema]) => {
      const matched = Object.keys(value).filter((key) => new RegExp(pattern, 'u').test(key));
      return matched.map((key) => quickValidity(schema, value[key]));
    });
    return all(held);
  },
  additionalProperties: (said, value, { properties = {}, patternProperties = {} }) => {
    if (!isMap(value)) return true;
    const patterns = Object.keys(patternProperties as Schema).map((pattern) => new RegExp(pattern, 'u'));
    const isNamed = (key: string): boolean =>
      Object.hasOwn(properties as Schema, key) || patterns.some((pattern) => pattern.test(key));
    const others = Object.keys(value).filter((key) => !isNamed(key));
    return all(others.map((key) => quickValidity(said, value[key])));
  },
  not: (said, value) => opposite(quickValidity(said, value)),
  allOf: (said, value) => all((said as readonly unknown[]).map((one) => quickValidity(one, value))),
  anyOf: (said, value) => any((said as readonly unknown[]).map((one) => quickValidity(one, value))),
  oneOf: (said, value) => {
    const held = (said as readonly unknown[]).map((one) => quickValidity(one, value));
    return held.includes(null) ? null : held.filter((one) => one === true).length === 1;
  },
  if: (said, value, { then: whenTrue = true, else: whenFalse = true }) => {
    const holds = quickValidity(said, value);
    return holds === null ? null : quickValidity(holds ? whenTrue : whenFalse, value);
  },
};

/** By the formats that the compiled schema knows. */
function isOfFormat(format: unknown, text: string): boolean | null {
  if (format instanceof RegExp) return format.test(text);
  if (typeof format === 'function') return format(text) === true;
  const { validate = null } = (format ?? {}) as { readonly validate?: unknown };
  return validate === null ? null : isOfFormat(validate, text);
}

function isOfType(type: unknown, value: unknown): boolean | null {
  switch (type) {
    case 'object':
      return isMap(value);
    case 'array':
      return Array.isArray(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'number':
      return Number.isFinite(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return null;
  }
}

function isMap(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLeaf(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/** A fault is one whatever is not known. */
function all(held: readonly (boolean | null)[]): boolean | null {
  if (held.includes(false)) return false;
  return held.includes(null) ? null : true;
}

function any(held: readonly (boolean | null)[]): boolean | null {
  if (held.includes(true)) return true;
  return held.includes(null) ? null : false;
}

function opposite(held: boolean | null): boolean | null {
  return held === null ? null : !held;
}
