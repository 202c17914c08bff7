import { PosternError } from '../../core/failure.ts';
import type { Command } from '../command.ts';
import { VERSION } from '../version.ts';

export const UPGRADE_COMMAND: Command = {
  name: 'upgrade',
  operands: '[v1.2.3]',
  summary: 'a pull request that replaces Postern itself by a newer release',
  details:
    'Takes the newest release, or the one named, from the repository in --from or POSTERN_UPSTREAM, and makes the branch ' +
    'postern/upgrade-<release>: files of the engine come from the release, domains/, data/ and CODEOWNERS stay, as do files that ' +
    'you added. With a GitHub token it is pushed and a pull request opened; else you push it. With --dry-run it says what it ' +
    'would replace.',
  options: [{ name: 'from', value: 'URL', summary: 'the repository that releases come from' }],
  arity: [0, 1],
  run: async ({ root, operands, options, environment, dry_run }) => {
    const from = typeof options['from'] === 'string' ? options['from'] : (environment['POSTERN_UPSTREAM'] ?? '');
    if (from === '') {
      throw new PosternError('usage', 'where do releases come from?', {
        hint: 'npx postern upgrade --from https://github.com/OWNER/REPOSITORY, or set the variable POSTERN_UPSTREAM',
        exit: 2,
      });
    }
    const { upgrade } = await import('../../tasks/upgrade.ts');
    const result = await upgrade({ root, from, tag: operands[0] ?? null, version: VERSION, dry_run, environment });
    return { exit: 0, json: result, text: said(result, dry_run) };
  },
};

function said(
  result: {
    readonly release: string | null;
    readonly branch: string | null;
    readonly pull_request: number | null;
    readonly left: boolean;
    readonly overwritten: readonly string[];
  },
  dryRun: boolean,
): string {
  const { release, branch, pull_request: number, left, overwritten } = result;
  if (release === null) return `Postern ${VERSION} is the newest release.`;
  const replaced = overwritten.map((path) => `  your changes to ${path} are replaced`);
  if (dryRun) return [`Would be upgraded to ${release} (dry run).`, ...replaced].join('\n');
  if (left) return `Upgrade to ${release}: somebody worked on the branch ${branch}, so it is left as it is.`;
  const where =
    number === null ? `Branch ${branch} is made; push it: git push origin ${branch}` : `Pull request #${number}.`;
  return [`Upgrade to ${release}. ${where}`, ...replaced].join('\n');
}
