import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { compile } from '#scripts/core/config/schema/compiled-schema.ts';
import { DomainSchema } from '#scripts/core/config/schema/domain-schema.ts';
import { quickValidity } from '#scripts/core/config/schema/quick-validity.ts';
import { SettingsSchema } from '#scripts/core/config/schema/settings-schema.ts';

const DOMAIN = {
  mode: 'enforce',
  mx: ['mx1.example.com', '*.mail.example.net'],
  max_age: 604_800,
  rua: ['mailto:tls@example.com', 'https://r.example/tls'],
  owners: ['mail@example.com'],
  rollout: { hold: 'testing', clean_days: 14 },
  known_sender_issues: [
    { reporter: 'r.example', result_type: 'starttls-not-supported', reason: 'old', until: '2026-12-01' },
  ],
  overrides: [{ code: 'mx-removed', reason: 'moved', until: '2026-12-01' }],
};
const SETTINGS = {
  organisation: 'Example',
  reporting: { rua: ['mailto:tls@example.com'] },
  mailbox: { imap: { host: 'imap.example.com', user: 'tls', port: 993 } },
  hosting: { pages: { kind: 'github-pages' } },
  dns: { main: { kind: 'rfc2136', server: 'ns.example.com' } },
};
const DOCUMENTS = [
  [DomainSchema, DOMAIN],
  [SettingsSchema, SETTINGS],
] as const;

test('what ships as an example is found valid without compiling', () => {
  for (const file of globSync('domains/*.yaml')) {
    const schema = file.endsWith('_settings.yaml') ? SettingsSchema : DomainSchema;
    assert.equal(quickValidity(schema, load(readFileSync(file, 'utf8'))), true, file);
  }
});

/** Every place in a document, as the keys that lead there. */
function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key]))];
}

/** The document with something else at a place, or without it. */
function changed(document: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(document) ? [...document] : { ...(document as object) }) as Record<string, unknown>;
  if (rest.length === 0 && value === undefined) delete copy[key];
  else copy[key] = changed(copy[key], rest, value);
  return Array.isArray(copy) ? copy.filter(() => true) : copy;
}

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'x', 0, -1, 1.5, 1e9, Number.NaN, true, [], {}, [''], ['a.example', 1]),
  fc.constantFrom('none', 'testing', 'mx.example.com', '*.example.com', '*.*.x', 'a@b.example', 'mailto:a@b.example'),
  fc.constantFrom('2026-02-30', '2026-12-01', '../x', '😀'.repeat(300), 'x'.repeat(300), 'github-pages', 'cloudflare'),
  fc.jsonValue({ maxDepth: 2 }),
);

test('it never differs from the compiled schema, whatever is changed in a document', () => {
  for (const [schema, document] of DOCUMENTS) {
    const compiled = compile(schema);
    const place = fc.constantFrom(...placesOf(document));
    const extra = fc.constantFrom(
      'mode',
      'mx',
      'same_as',
      'retire',
      'unknown',
      '__proto__x',
      'kind',
      'smtp',
      'site',
      'volume',
    );
    fc.assert(
      fc.property(place, fc.option(extra, { nil: null }), anyValue, anyValue, (path, key, value, second) => {
        const once = changed(document, path, value);
        const isMap = typeof once === 'object' && once !== null && !Array.isArray(once);
        const twice = key === null || !isMap ? once : changed(once, [key], second);
        const quick = quickValidity(schema, twice);
        if (quick !== null) assert.equal(quick, compiled(twice) === null, JSON.stringify(twice));
      }),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(anyValue, (value) => {
        const quick = quickValidity(schema, value);
        if (quick !== null) assert.equal(quick, compiled(value) === null);
      }),
    );
  }
});

test('a keyword or a format that is not known here decides nothing', () => {
  assert.equal(quickValidity({ type: 'array', uniqueItems: true }, []), null);
  assert.equal(quickValidity({ type: 'string', format: 'colour' }, 'red'), null);
  assert.equal(quickValidity({ not: { uniqueItems: true } }, []), null);
  assert.equal(quickValidity({ type: 'string', uniqueItems: true }, 1), false);
});
