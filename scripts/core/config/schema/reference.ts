import { RULES } from '../rules/rule-table.ts';
import { DomainSchema } from './domain-schema.ts';
import { SettingsSchema } from './settings-schema.ts';

/** What of a JSON Schema the reference shows. */
interface Shown {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Shown;
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly patternProperties?: Readonly<Record<string, Shown>>;
  readonly oneOf?: readonly Shown[];
  readonly required?: readonly string[];
  readonly 'x-rule'?: string;
}

/** The generated part of docs/configuration.md: every key of both files, then every rule. Markdown. */
export function configurationReference(): string {
  return [
    '## A domain',
    '',
    '`domains/<domain>.yaml`, or `domains/<customer>/<domain>.yaml`. The file name is the domain, in A-labels.',
    '',
    ...table(rowsOf(DomainSchema as unknown as Shown, '')),
    '## Settings',
    '',
    '`domains/_settings.yaml`, what all domains share.',
    '',
    ...settingsSections(SettingsSchema as unknown as Shown),
    '## Rules',
    '',
    'What `postern check` looks for. An error keeps a domain, or the settings, out of every other command; a warning does not.',
    '',
    '| rule | severity | what it is about |',
    '|---|---|---|',
    ...Object.entries(RULES).map(([id, { severity, about }]) => `| \`${id}\` | ${severity} | ${cell(about)} |`),
    '',
  ].join('\n');
}

interface Row {
  readonly key: string;
  readonly schema: Shown;
  readonly required: boolean;
}

/** Plain keys in one table, then one section for each map. */
function settingsSections(schema: Shown): string[] {
  const entries = Object.entries(schema.properties ?? {});
  const isMap = (value: Shown) => value.type === 'object';
  const plain = entries.filter(([, value]) => !isMap(value)).map(([key, value]) => rowOf(schema, key, value, ''));
  const sections = entries
    .filter(([, value]) => isMap(value))
    .flatMap(([key, value]) => {
      const kinds = Object.values(value.patternProperties ?? {})[0]?.oneOf;
      const body = kinds === undefined ? table(rowsOf(value, '')) : kinds.flatMap((kind) => kindSection(key, kind));
      return [`### \`${key}\``, '', value.description ?? '', '', ...body];
    });
  return [...table(plain), ...sections];
}

function kindSection(key: string, kind: Shown): string[] {
  const name = String(kind.properties?.['kind']?.const);
  const rows = rowsOf(kind, '').filter((row) => row.key !== 'kind');
  const title = [`\`${key}.<name>\` with \`kind: ${name}\`: ${kind.description ?? ''}`, ''];
  return rows.length === 0 ? title : [...title, ...table(rows)];
}

/** The keys of a map, and those of the maps inside it. */
function rowsOf(schema: Shown, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const inside = value.properties
      ? rowsOf(value, `${prefix}${key}.`)
      : rowsOf(value.items ?? {}, `${prefix}${key}[].`);
    return [rowOf(schema, key, value, prefix), ...inside];
  });
}

function rowOf(schema: Shown, key: string, value: Shown, prefix: string): Row {
  return { key: `${prefix}${key}`, schema: value, required: schema.required?.includes(key) === true };
}

function table(rows: readonly Row[]): string[] {
  return [
    '| key | value | default | meaning |',
    '|---|---|---|---|',
    ...rows.map(({ key, schema, required }) => {
      const standard =
        schema.default === undefined ? (required ? '*required*' : '') : `\`${valueText(schema.default)}\``;
      return `| \`${key}\` | ${cell(typeText(schema))} | ${standard} | ${cell(schema.description ?? '')} |`;
    }),
    '',
  ];
}

function typeText(schema: Shown): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' | ');
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items?.type === 'object' ? 'maps' : typeText(schema.items ?? {})}`;
    case 'object':
      return 'map';
    case 'boolean':
      return '`true` | `false`';
    case 'integer':
      return `${schema.minimum ?? ''} to ${schema.maximum ?? ''}`;
    case 'string':
      if (schema['x-rule'] === 'handle') return 'GitHub handle';
      return FORMAT_WORDS[schema.format ?? ''] ?? 'text';
    default:
      return schema.type ?? '';
  }
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  'domain-name': 'domain name',
  'mx-pattern': 'MX pattern',
  'report-uri': 'report URI',
  'inside-path': 'path',
  email: 'mail address',
  date: 'day',
  'date-time': 'date-time',
  uri: 'URL',
};

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
