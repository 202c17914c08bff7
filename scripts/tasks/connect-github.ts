import { withSection } from '../core/checkpoint.ts';
import { PosternError } from '../core/failure.ts';
import { connectGitHub, type GitHub } from '../io/github/connect.ts';
import { type SpentWrites, writeBudget } from '../io/github/write-budget.ts';
import { loadCheckpoint, updateCheckpoint } from './checkpoint.ts';

const SECTION = 'github_writes';

/**
 * GitHub for a task, with the write budget that all runs share in `data/checkpoint.json`.
 * `owner`: another account where the App is installed too. Throws as `connectGitHub` does.
 */
export function openGitHub(
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
  owner?: string,
): Promise<GitHub> {
  const spent = spentWrites(loadCheckpoint(dataDir).sections[SECTION]);
  const save = (now: SpentWrites): void => updateCheckpoint(dataDir, (known) => withSection(known, SECTION, now));
  return connectGitHub({ environment, budget: writeBudget(spent, save), ...(owner === undefined ? {} : { owner }) });
}

function spentWrites(section: unknown): SpentWrites {
  if (section === undefined) return [];
  const pair = (entry: unknown): boolean =>
    Array.isArray(entry) && entry.length === 2 && entry.every(Number.isSafeInteger);
  if (Array.isArray(section) && section.every(pair)) return section as unknown as SpentWrites;
  throw new PosternError('checkpoint-damaged', `${SECTION} in checkpoint.json is no list of [second, writes].`, {
    hint: 'remove that key: it only holds the writes of the last hour',
    exit: 3,
  });
}
