import { PosternError } from '../../core/failure.ts';
import { buildText } from '../../core/result-text.ts';
import type { SiteName } from '../../core/site/site-part.ts';
import type { BuildResult } from '../../tasks/build.ts';
import type { Command, Invocation } from '../command.ts';
import { OUT, outOf, SHARD, shardOption } from '../options.ts';

export const BUILD_COMMAND: Command = {
  name: 'build',
  operands: '[policies|reports]',
  summary: 'both sites, or the one named, into dist/',
  details:
    'dist/policies/<domain>/ is a complete document root for each policy host, with the version that was published last, or as ' +
    'configured where nothing was published; dist/reports/ is the reports site. Refuses with ' +
    '2 when the configuration has errors; a failed build leaves the last one in place. With --dry-run the sites are built ' +
    'to a temporary folder and thrown away. With --shard only that part of the pages is built, into DIR/parts; --join puts the ' +
    'sites in place when all parts are there, made of the same commit and data with the same --now.',
  options: [OUT, SHARD, { name: 'join', summary: 'join the parts that --shard made, from DIR/parts' }],
  arity: [0, 1],
  run: async (invocation) => {
    const { data, operands, options, dry_run, environment } = invocation;
    const sites = (['policies', 'reports'] as const).filter((site) => operands.length === 0 || operands[0] === site);
    if (sites.length === 0) {
      throw new PosternError('usage', `there is no site ${JSON.stringify(operands[0])}`, {
        hint: 'npx postern build policies, or npx postern build reports',
        exit: 2,
      });
    }
    const result = await (options['join'] === true ? joined : built)(invocation, sites);
    const { missingPages } = await import('../../tasks/missing-pages.ts');
    const missing = result.deploy && !dry_run ? await missingPages({ data, environment }) : null;
    const outputs = { deploy: String(result.deploy && !dry_run && missing === null) };
    const text = [buildText(result, dry_run), ...(missing === null ? [] : [missing])].join('\n');
    return { exit: 0, json: result, text, outputs };
  },
};

async function built(invocation: Invocation, sites: readonly SiteName[]): Promise<BuildResult> {
  const { root, data, now, dry_run, progress } = invocation;
  const { build } = await import('../../tasks/build.ts');
  const shard = shardOption(invocation);
  return build({ root, data, out: outOf(invocation), sites, shard, now, dryRun: dry_run, progress });
}

async function joined(invocation: Invocation, sites: readonly SiteName[]): Promise<BuildResult> {
  const { root, options, dry_run } = invocation;
  if (options['shard'] !== undefined)
    throw new PosternError('usage', '--join takes all parts, --shard makes one', { hint: 'leave one out', exit: 2 });
  const { joinSites } = await import('../../tasks/join-sites.ts');
  return joinSites({ root, out: outOf(invocation), sites, dryRun: dry_run });
}
