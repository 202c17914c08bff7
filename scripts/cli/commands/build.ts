import { PosternError } from '../../core/failure.ts';
import { buildText } from '../../core/result-text.ts';
import type { Command } from '../command.ts';
import { OUT, outOf } from '../options.ts';

export const BUILD_COMMAND: Command = {
  name: 'build',
  operands: '[policies|reports]',
  summary: 'both sites, or the one named, into dist/',
  details:
    'dist/policies/<domain>/ is a complete document root for each policy host, with the version that was published last, or as ' +
    'configured where nothing was published; dist/reports/ is the reports site. Refuses with ' +
    '2 when the configuration has errors; a failed build leaves the last one in place. With --dry-run the sites are built ' +
    'to a temporary folder and thrown away.',
  options: [OUT],
  arity: [0, 1],
  run: async (invocation) => {
    const { root, data, operands, now, dry_run, progress, environment } = invocation;
    const sites = (['policies', 'reports'] as const).filter((site) => operands.length === 0 || operands[0] === site);
    if (sites.length === 0) {
      throw new PosternError('usage', `there is no site ${JSON.stringify(operands[0])}`, {
        hint: 'npx postern build policies, or npx postern build reports',
        exit: 2,
      });
    }
    const { build } = await import('../../tasks/build.ts');
    const result = await build({ root, data, out: outOf(invocation), sites, now, dryRun: dry_run, progress });
    const { missingPages } = await import('../../tasks/missing-pages.ts');
    const missing = result.deploy && !dry_run ? await missingPages({ data, environment }) : null;
    const outputs = { deploy: String(result.deploy && !dry_run && missing === null) };
    const text = [buildText(result, dry_run), ...(missing === null ? [] : [missing])].join('\n');
    return { exit: 0, json: result, text, outputs };
  },
};
