import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { OPERATIONS, type Operation } from './operations.ts';

/** GitHub's published description of its API, trimmed to what we use (see trim-description.ts). */
interface Description {
  readonly version: string;
  readonly operations: Readonly<Record<Operation, DescribedOperation>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

interface DescribedOperation {
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly body: Schema | null;
  readonly responses: Readonly<Record<string, Schema | null>>;
}

type Schema = { readonly [key: string]: unknown };

export interface Call {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const path = fileURLToPath(new URL('../../fixtures/github-api.json', import.meta.url));
const description = JSON.parse(readFileSync(path, 'utf8')) as Description;
const ROOT = 'https://api.github.com/description';

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
addFormats.default(ajv);
ajv.addFormat('repo.nwo', /^[^/]+\/[^/]+$/);
ajv.addSchema({ $id: ROOT, schemas: description.schemas, operations: description.operations }, ROOT);
const coercing = new Ajv({ strict: false, coerceTypes: true });
addFormats.default(coercing);

const compiled = new Map<string, ValidateFunction>();
const checks = new Map<Schema, ValidateFunction>();
const patterns = OPERATIONS.map((operation) => ({ operation, ...patternOf(operation) }));

/** Which operation a request is, with its path parameters; null when it is none that Postern may call. */
export function findOperation(method: string, pathname: string): Pick<Call, 'operation' | 'path'> | null {
  for (const { operation, verb, expression, names } of patterns) {
    const found = verb === method ? expression.exec(pathname) : null;
    if (found === null) continue;
    const values = names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]);
    return { operation, path: Object.fromEntries(values) };
  }
  return null;
}

/** What in a request is not as described. */
export function requestFaults({ operation, path: values, query, body }: Call): readonly string[] {
  const { parameters, body: schema } = description.operations[operation];
  const faults: string[] = [];
  const queries = parameters.filter((parameter) => parameter.in === 'query');
  for (const [name, value] of query) {
    const parameter = queries.find((known) => known.name === name);
    if (parameter === undefined) faults.push(`no query parameter ${name}`);
    else if (!matches(parameter.schema, value)) faults.push(`query ${name}=${value}`);
  }
  for (const { name, required } of queries) if (required && !query.has(name)) faults.push(`query ${name} is missing`);
  for (const parameter of parameters.filter(({ in: place }) => place === 'path')) {
    const value = values[parameter.name] ?? '';
    if (value === '' || !matches(parameter.schema, value)) faults.push(`path ${parameter.name}=${value}`);
  }
  if (schema === null) return body === undefined ? faults : [...faults, 'a body where none is described'];
  if (body === undefined) return faults;
  return [
    ...faults,
    ...schemaFaults(`${operation} body`, ['operations', operation, 'body'], body),
    ...unknownKeys(schema, body),
  ];
}

/** What in an answer is not as described; also a status that the description does not name. */
export function responseFaults(operation: Operation, status: number, body: unknown): readonly string[] {
  const { responses } = description.operations[operation];
  const schema = responses[String(status)];
  if (schema === undefined) return UNLISTED.has(status) ? [] : [`status ${status} is not described`];
  if (schema === null) return [];
  return schemaFaults(`${operation} ${status}`, ['operations', operation, 'responses', String(status)], body);
}

/** Statuses that any operation may answer with, described or not. */
const UNLISTED = new Set([401, 403, 404, 409, 422, 429, 500, 502, 503]);

/** The answer of an operation with everything filled in that the description requires and the fake does not say. */
export function completed(operation: Operation, status: number, partial: unknown): unknown {
  const schema = description.operations[operation].responses[String(status)];
  return schema === undefined || schema === null ? partial : fill(schema, partial);
}

function fill(written: Schema, value: unknown): unknown {
  const schema = variantFor(resolve(written), value);
  if (Array.isArray(value)) {
    const items = schema['items'] as Schema | undefined;
    return items === undefined ? value : value.map((item: unknown) => fill(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const properties = propertiesOf(schema);
  const filled: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(given)) {
    if (inner === undefined) continue;
    filled[name] = properties[name] === undefined ? inner : fill(properties[name], inner);
  }
  for (const name of requiredOf(schema)) {
    if (!(name in filled)) filled[name] = sample(properties[name] ?? {}, name);
  }
  return filled;
}

/** Of several shapes, the one that knows most of the given keys and asks for least beside them. */
function variantFor(schema: Schema, value: unknown): Schema {
  const variants = (schema['oneOf'] ?? schema['anyOf']) as readonly Schema[] | undefined;
  if (variants === undefined || typeof value !== 'object' || value === null || schema['properties'] !== undefined)
    return schema;
  const keys = Object.keys(value);
  const badness = (variant: Schema): number => {
    if ((variant['type'] === 'array') !== Array.isArray(value)) return Number.POSITIVE_INFINITY;
    const properties = propertiesOf(variant);
    const forbids = keys.some((key) => {
      const allowed = properties[key]?.['enum'] as readonly unknown[] | undefined;
      return allowed !== undefined && !allowed.includes((value as Record<string, unknown>)[key]);
    });
    if (forbids) return Number.POSITIVE_INFINITY;
    const strange = keys.filter((key) => properties[key] === undefined).length;
    return strange * 1000 + requiredOf(variant).filter((name) => !keys.includes(name)).length;
  };
  const resolved = variants.map((variant) => variantFor(resolve(variant), value));
  const [best] = resolved.sort((a, b) => badness(a) - badness(b));
  return best ?? schema;
}

/** The plainest value that a schema allows: null where it may be, else empty. */
function sample(written: Schema, name: string): unknown {
  const schema = resolve(written);
  const variants = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  const types = [schema['type']].flat();
  if (types.includes('null') || variants?.some((variant) => variant['type'] === 'null')) return null;
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if (variants !== undefined && schema['properties'] === undefined) return sample(variants[0] ?? {}, name);
  switch (types[0]) {
    case 'string':
      return schema['format'] === 'date-time'
        ? '2026-01-01T00:00:00Z'
        : schema['format'] === 'uri'
          ? `https://api.github.com/${name}`
          : name;
    case 'integer':
    case 'number':
      return Number(schema['minimum'] ?? 0);
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return fill(schema, {});
  }
}

function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  const parts = ((schema['allOf'] ?? []) as readonly Schema[]).map((part) => propertiesOf(resolve(part)));
  return Object.assign({}, ...parts, schema['properties'] ?? {}) as Record<string, Schema>;
}

function requiredOf(schema: Schema): readonly string[] {
  const parts = ((schema['allOf'] ?? []) as readonly Schema[]).flatMap((part) => requiredOf(resolve(part)));
  return [...parts, ...((schema['required'] ?? []) as readonly string[])];
}

/** The schema behind a reference; of an `anyOf` with null, the one that is not null. */
function resolve(schema: Schema): Schema {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return resolve(description.schemas[reference.replace('#/schemas/', '')] ?? {});
  const variants = schema['anyOf'] as readonly Schema[] | undefined;
  const real = variants?.filter((variant) => variant['type'] !== 'null') ?? [];
  return variants !== undefined && variants.length === 2 && real.length === 1 ? resolve(real[0] ?? {}) : schema;
}

/** A key that GitHub would ignore without a word is a mistake of ours. */
function unknownKeys(schema: Schema, body: unknown): readonly string[] {
  const known = propertiesOf(resolve(schema));
  if (Object.keys(known).length === 0 || typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.keys(body)
    .filter((key) => !(key in known))
    .map((key) => `no key ${key} in the body`);
}

function schemaFaults(key: string, pointer: readonly string[], value: unknown): readonly string[] {
  let validate = compiled.get(key);
  if (validate === undefined) {
    const fragment = pointer
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    validate = ajv.compile({ $ref: `${ROOT}#/${fragment}` });
    compiled.set(key, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${key}${instancePath} ${message ?? ''}`);
}

/** Compiled once for each schema: ajv keeps every object it was ever given. */
function matches(schema: Schema, value: string): boolean {
  let validate = checks.get(schema);
  if (validate === undefined) {
    validate = coercing.compile({ type: 'object', properties: { value: schema } });
    checks.set(schema, validate);
  }
  return validate({ value });
}

function patternOf(operation: Operation): { verb: string; expression: RegExp; names: readonly string[] } {
  const [verb = '', template = ''] = operation.split(' ');
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const open = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'path' || name === 'ref' ? '(.+)' : '([^/]+)',
  );
  return { verb, expression: new RegExp(`^${open}$`), names };
}
