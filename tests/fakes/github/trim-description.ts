/**
 * `node tests/fakes/github/trim-description.ts PACKAGE_FOLDER`: makes tests/fixtures/github-api.json from an unpacked
 * `@octokit/openapi` (400 MB, so no dependency): only the operations of operations.ts and the schemas they reach, without
 * prose and examples, and with OpenAPI's `nullable` written as JSON Schema.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OPERATIONS } from './operations.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const folder = process.argv[2];
if (folder === undefined) throw new Error('which folder? npm pack @octokit/openapi, unpack it, and give its path');
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
const source = JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8')) as JsonObject;

const PROSE = new Set(['description', 'example', 'examples', 'title', 'externalDocs', 'summary', 'deprecated']);
const reached = new Map<string, Json>();
const operations = Object.fromEntries(OPERATIONS.map((operation) => [operation, trimmedOperation(operation)]));
const schemas = Object.fromEntries([...reached].sort(([a], [b]) => (a < b ? -1 : 1)));

writeFileSync(
  fileURLToPath(new URL('../../fixtures/github-api.json', import.meta.url)),
  `${JSON.stringify({ source: '@octokit/openapi', version, license: 'MIT', operations, schemas })}\n`,
);

function trimmedOperation(operation: string): Json {
  const [method = '', path = ''] = operation.split(' ');
  const found = at(source, 'paths', path, method.toLowerCase());
  if (found === undefined) throw new Error(`${operation} is not in version ${version}`);
  const described = found as JsonObject;
  const parameters = ((described['parameters'] ?? []) as readonly Json[]).map((parameter) => {
    const { name, in: place, required, schema } = resolved(parameter) as JsonObject;
    return { name: name ?? null, in: place ?? null, required: required ?? false, schema: schemaOf(schema ?? {}) };
  });
  const request = described['requestBody'] as JsonObject | undefined;
  const responses = Object.entries((described['responses'] ?? {}) as JsonObject).map(([status, response]) => {
    const schema = at(resolved(response) as JsonObject, 'content', 'application/json', 'schema');
    return [status, schema === undefined ? null : schemaOf(schema)];
  });
  return {
    parameters,
    body: request === undefined ? null : schemaOf(at(request, 'content', 'application/json', 'schema') ?? {}),
    responses: Object.fromEntries(responses) as JsonObject,
  };
}

/** Prose left out, `nullable` as a type, references into this file; what is referred to is collected on the way. */
function schemaOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(schemaOf);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as JsonObject;
  if (typeof object['$ref'] === 'string') return { $ref: reach(object['$ref']) };
  const kept = Object.entries(object).filter(([key]) => !PROSE.has(key) && !key.startsWith('x-') && key !== 'nullable');
  const schema = Object.fromEntries(
    kept.map(([key, inner]) => [key, key === 'properties' ? propertiesOf(inner as JsonObject) : schemaOf(inner)]),
  );
  return object['nullable'] === true ? orNull(schema) : schema;
}

/** Property names are data: one of them may well be `description`. */
function propertiesOf(properties: JsonObject): Json {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schemaOf(schema)]));
}

function orNull(schema: JsonObject): Json {
  const { type } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const nullable: JsonObject = { ...schema, type: [type, 'null'] };
  return Array.isArray(schema['enum']) ? { ...nullable, enum: [...schema['enum'], null] } : nullable;
}

function reach(reference: string): string {
  const name = reference.replace('#/components/schemas/', '');
  if (!reached.has(name)) {
    reached.set(name, null);
    reached.set(name, schemaOf(resolved({ $ref: reference })));
  }
  return `#/schemas/${name}`;
}

function resolved(value: Json): Json {
  const reference = (value as JsonObject)['$ref'];
  if (typeof reference !== 'string') return value;
  const found = at(source, ...reference.replace('#/', '').split('/'));
  if (found === undefined) throw new Error(`${reference} leads nowhere`);
  return found;
}

function at(value: JsonObject, ...path: readonly string[]): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path) here = (here as JsonObject | undefined)?.[key];
  return here;
}
