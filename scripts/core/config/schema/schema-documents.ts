import { DomainSchema } from './domain-schema.ts';
import { SettingsSchema } from './settings-schema.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

interface SchemaDocument {
  readonly file: string;
  readonly text: string;
}

/** The schemas as committed under `domains/`, where editors find them: `# yaml-language-server: $schema=./schema.json`. */
export function schemaDocuments(): readonly SchemaDocument[] {
  return [
    { file: 'domains/schema.json', text: documentOf(DomainSchema) },
    { file: 'domains/settings.schema.json', text: documentOf(SettingsSchema) },
  ];
}

/**
 * Both once more for ourselves (validate.ts), since `domains/` belongs to the user: to make them takes a library of hundreds
 * of files, which would be most of the time of every short command.
 */
export function ownSchemas(): SchemaDocument {
  const text = JSON.stringify({ domain: DomainSchema, settings: SettingsSchema });
  return { file: 'scripts/core/config/schemas.json', text: `${text}\n` };
}

function documentOf(schema: object): string {
  return `${JSON.stringify({ $schema: DRAFT, ...schema }, null, 2)}\n`;
}
