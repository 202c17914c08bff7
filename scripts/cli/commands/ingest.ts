import { resolve } from 'node:path';
import { ingestText } from '../../core/result-text.ts';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const INGEST_COMMAND: Command = {
  name: 'ingest',
  operands: '[path…]',
  summary: 'reads new TLS reports from the configured mailbox, or from files and folders',
  details:
    'Takes .eml, .json, .json.gz, .zip, mbox, Maildir and folders of them; what a file is, its content decides. Every report ' +
    'is stored once under data/reports; what cannot be read is kept under data/quarantine with the reason and stops nothing. ' +
    'Mail is believed only with a valid, aligned DKIM signature; report files given by hand are taken at their word. ' +
    'With --dry-run everything is read and nothing is written.',
  options: [],
  arity: [0, UNLIMITED],
  run: async ({ root, data, operands, now, dry_run, progress }) => {
    const { ingest } = await import('../../tasks/ingest.ts');
    const paths = operands.map((path) => resolve(path));
    const result = await ingest({ root, data, paths, now, dryRun: dry_run, progress });
    return { exit: 0, json: result, text: ingestText(result, dry_run) };
  },
};
