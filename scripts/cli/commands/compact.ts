import { compactText } from '../../core/result-text.ts';
import type { Command } from '../command.ts';

export const COMPACT_COMMAND: Command = {
  name: 'compact',
  operands: '',
  summary: 'makes one file of each closed month, keeps its daily figures, and deletes what retention says',
  details:
    'A month is closed three days after its end, when the last reports of it have come. Its report files become one, and its daily ' +
    'figures are stored under data/figures. Reports that come later are stored by ingest as ever; the next compact adds them and ' +
    'says how many they were. Rows and observations older than retention.detail_days and daily figures older than ' +
    'retention.aggregate_days are deleted, never before the figures of a day are stored. Where much is stored, what a review counts ' +
    'is kept under data/counted. A damaged file is named and left alone. ' +
    'With --dry-run it says what would be done. It exits 1 when a file could not be read.',
  options: [],
  arity: [0, 0],
  run: async ({ root, data, now, dry_run, progress }) => {
    const { compact } = await import('../../tasks/compact.ts');
    const result = await compact({ root, data, now, dryRun: dry_run, progress });
    return { exit: result.unreadable.length === 0 ? 0 : 1, json: result, text: compactText(result, dry_run) };
  },
};
