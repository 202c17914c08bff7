import { join } from 'node:path';
import { configurationReference } from '../core/config/schema/reference.ts';
import { ownSchemas, schemaDocuments } from '../core/config/schema/schema-documents.ts';
import { playbookMarkdown } from '../core/findings/playbook-text.ts';
import { readText, writeText } from '../io/files/write-text.ts';

/** Above this line docs/configuration.md is written by hand. */
export const GENERATED = '<!-- From here on made from the schema by npm run reference -->\n';

export interface ReferenceFile {
  /** Path relative to the root. */
  readonly file: string;
  readonly text: string;
}

/** The files made from the schema and the playbook, as they should be. A page's hand-written lead is taken from the page itself. */
export function referenceFiles(root: string): readonly ReferenceFile[] {
  const page = 'docs/configuration.md';
  const [lead = ''] = (readText(join(root, page)) ?? '').split(GENERATED, 1);
  return [
    ...schemaDocuments(),
    ownSchemas(),
    { file: page, text: `${lead}${GENERATED}\n${configurationReference()}` },
    { file: 'docs/playbook.md', text: playbookMarkdown() },
  ];
}

/** Brings those files, and `more` that only the caller can make, in line; returns the files that changed. */
export function writeReference(root: string, more: readonly ReferenceFile[] = []): readonly string[] {
  return [...referenceFiles(root), ...more]
    .filter(({ file, text }) => writeText(join(root, file), text))
    .map(({ file }) => file);
}
