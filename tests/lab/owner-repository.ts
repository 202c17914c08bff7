import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from './workflow-runner.ts';

export const TEMPLATE = new URL('../../', import.meta.url).pathname;

/**
 * A checkout `<folder>/owner` with the files of this one that `wanted` takes, as "Use this template" copies them: uncommitted
 * ones, too, but nothing that git ignores, and no history. Its origin is the bare repository `<folder>/remote.git`.
 */
export function makeOwner(
  folder: string,
  wanted: (path: string) => boolean = () => true,
): { readonly remote: string; readonly owner: string } {
  const [remote, owner] = [join(folder, 'remote.git'), join(folder, 'owner')];
  mkdirSync(owner);
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  git(folder, 'init', '--quiet', '--initial-branch=main', owner);
  const files = git(TEMPLATE, 'ls-files', '--cached', '--others', '--exclude-standard').split('\n');
  const list = join(folder, 'files');
  writeFileSync(list, files.filter((path) => existsSync(join(TEMPLATE, path)) && wanted(path)).join('\n'));
  execFileSync('sh', ['-c', `tar -C "${TEMPLATE}" -cf - -T "${list}" | tar -C "${owner}" -xf -`]);
  git(owner, 'remote', 'add', 'origin', remote);
  return { remote, owner };
}

/** All but the examples, as `init` leaves it. */
export function withoutExamples(path: string): boolean {
  return !/^domains\/.*\.yaml$|^data\//.test(path);
}
