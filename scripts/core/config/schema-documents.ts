import { DomainSchema } from './domain-schema.ts';
import { SettingsSchema } from './settings-schema.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** The schemas as committed under `domains/`, where editors find them: `# yaml-language-server: $schema=./schema.json`. */
export function schemaDocuments(): readonly { readonly file: string; readonly text: string }[] {
  return [
    { file: 'domains/schema.json', text: documentOf(DomainSchema) },
    { file: 'domains/settings.schema.json', text: documentOf(SettingsSchema) },
  ];
}

function documentOf(schema: object): string {
  return `${JSON.stringify({ $schema: DRAFT, ...schema }, null, 2)}\n`;
}
