import type { Entry } from '../../core/config/entry.ts';
import { examine } from '../../core/config/examine.ts';
import { isWanted } from '../../core/config/file-role.ts';
import type { Configuration, DomainConfig } from '../../core/config/types.ts';
import { blobId, committedFiles, readCommitted, resolveCommit } from '../../io/git/repository.ts';

export interface BaseConfiguration {
  readonly commit: string;
  readonly domains: ReadonlyMap<string, DomainConfig>;
}

/**
 * The domains of another commit. Of a large fleet hardly any file differs: those that do not are taken from the
 * configuration at hand, unless the settings differ or files share with each other.
 */
export async function loadBase(
  root: string,
  ref: string,
  entries: readonly Entry[],
  here: Configuration,
): Promise<BaseConfiguration> {
  const commit = await resolveCommit(root, ref);
  const files = (await committedFiles(root, commit)).filter(({ path }) => isWanted(path, false));
  const now = new Map(
    entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.path, blobId(entry.bytes)] as const] : [])),
  );
  const differing = files.filter(({ path, blob }) => now.get(path) !== blob);
  const settings = files.filter(({ path }) => path.startsWith('_settings.'));
  const isAlone = here.domains.every(({ same_as }) => same_as === null);
  if (!isAlone || settings.length === 0 || differing.some(({ path }) => path.startsWith('_settings.'))) {
    return { commit, domains: byDomain(examine(await readCommitted(root, files), null).domains) };
  }
  const others = differing.filter((file) => !settings.includes(file));
  const read = await readCommitted(root, [...settings, ...others]);
  const text = new TextDecoder();
  if (read.some((entry) => entry.kind === 'file' && text.decode(entry.bytes).includes('same_as'))) {
    return { commit, domains: byDomain(examine(await readCommitted(root, files), null).domains) };
  }
  const differ = byDomain(examine(read, null).domains);
  const different = new Set(differing);
  const same = new Set(files.filter((file) => !different.has(file)).map(({ path }) => `domains/${path}`));
  return { commit, domains: new Map([...byDomain(here.domains.filter(({ file }) => same.has(file))), ...differ]) };
}

function byDomain(domains: readonly DomainConfig[]): Map<string, DomainConfig> {
  return new Map(domains.map((config) => [config.domain, config]));
}
