import { join, resolve } from 'node:path';
import { releaseText } from '../../core/result-text.ts';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const RELEASE_COMMAND: Command = {
  name: 'release',
  operands: '[file…]',
  summary: 'keeps each frozen month as a release at GitHub, with its evidence and report',
  details:
    'For each month that is frozen and has none yet: a release with the tag month-<month>, its evidence bundle, its manifest and, ' +
    'where there is a Chromium, its report as PDF. Files that are named, or stand in a folder that is, go with the newest month. All of it is uploaded before ' +
    'anybody sees the release; what a killed run left is gone on with; a published release is never changed. It exits 1 when a ' +
    'release is of another manifest than the one in data/. Needs GITHUB_TOKEN with contents: write, and GITHUB_REPOSITORY.',
  options: [
    { name: 'no-pdf', summary: 'without the report, even where a Chromium could print it' },
    { name: 'out', value: 'DIR', summary: 'where bundles are written (default: <root>/dist/evidence)' },
  ],
  arity: [0, UNLIMITED],
  run: async ({ root, data, operands, options, environment, dry_run, progress }) => {
    const { releaseMonths } = await import('../../tasks/release-months.ts');
    const out = typeof options['out'] === 'string' ? resolve(options['out']) : join(root, 'dist', 'evidence');
    const files = operands.map((file) => resolve(file));
    const pdf = options['no-pdf'] !== true;
    const result = await releaseMonths({ data, out, files, pdf, dry_run, environment, progress });
    return { exit: result.differs.length === 0 ? 0 : 1, json: result, text: releaseText(result, dry_run) };
  },
};
