import { examineWith } from '../core/config/examine-with.ts';
import { isWanted } from '../core/config/file-role.ts';
import type { Configuration } from '../core/config/types.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';

/**
 * Everything under `<root>/domains`. Bad content is a problem, never a throw; rules that depend on the day are not asked
 * (see check.ts). Throws PosternError `root-missing` (exit 2) when there is no such folder.
 */
export async function loadConfiguration(root: string): Promise<Configuration> {
  const entries = readDomainFiles(root, isWanted);
  const sound = examineWith(entries, null, null);
  if (sound !== null) return sound;
  const { examine } = await import('../core/config/examine.ts');
  return examine(entries, null);
}
