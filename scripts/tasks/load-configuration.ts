import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import type { Configuration } from '../core/config/types.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';

/**
 * Everything under `<root>/domains`. Bad content is a problem, never a throw; rules that depend on the day are not asked
 * (see check.ts). Throws PosternError `root-missing` (exit 2) when there is no such folder.
 */
export async function loadConfiguration(root: string): Promise<Configuration> {
  return examine(readDomainFiles(root, isWanted), null);
}
