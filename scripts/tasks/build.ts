import { renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Instant } from '../core/clock.ts';
import { siteBase } from '../core/config/site-base.ts';
import { mayDeploy } from '../core/config/site-deployment.ts';
import type { Configuration } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { policyHost } from '../core/policy/desired.ts';
import { hostedPolicies } from '../core/policy/hosted-policy.ts';
import { isInShard, type Shard, shardText, WHOLE } from '../core/shard.ts';
import { hasCommonPages, type SiteName } from '../core/site/site-part.ts';
import { buildWithAstro } from '../io/site/astro.ts';
import { writeHostMarkers } from '../io/site/host-markers.ts';
import { countFiles, makeWorkFolder, removeFolder, replaceFolder } from '../io/site/output-folder.ts';
import { PARTS, writePart } from '../io/site/site-parts.ts';
import { keepYoungGenerationSmall } from '../io/young-generation.ts';
import type { DomainName } from '../standards/domain-name.ts';
import { domainsWithLedger, readLedger } from './ledger.ts';
import { loadConfiguration } from './load-configuration.ts';
import { siteState } from './site/site-state.ts';
import { exportSiteTables } from './site/site-tables.ts';

export interface BuildResult {
  /** HTML pages, and all files with them, in the sites that were built. */
  readonly pages: number;
  readonly files: number;
  readonly out: string;
  /** Whether the reports site was built and may stand on this repository's Pages: see core/config/site-deployment.ts. */
  readonly deploy: boolean;
  /** Of the policy hosts that were built, those that stand as configured, because nothing was published there yet. */
  readonly unpublished: readonly DomainName[];
}

/**
 * Builds the named sites into `<out>/policies` and `<out>/reports`. Each is built aside and then put in place as a whole:
 * a failed build leaves the last one as it was, and no page of a domain that is gone stays behind. A part goes to
 * `<out>/parts/<site>-<index>-of-<count>`, where joinSites finds it. With `dryRun` nothing is put in place.
 * @throws PosternError `configuration-invalid` (exit 2), `site-build-failed` (exit 3)
 */
export async function build(options: {
  readonly root: string;
  readonly data: string;
  readonly out: string;
  readonly sites: readonly SiteName[];
  /** Only the pages of this part, for joinSites. */
  readonly shard?: Shard;
  readonly now: Instant;
  readonly dryRun?: boolean;
  readonly progress: (text: string) => void;
}): Promise<BuildResult> {
  keepYoungGenerationSmall();
  const { sites, shard = WHOLE, dryRun = false, progress } = options;
  const [root, data, out] = [resolve(options.root), resolve(options.data), resolve(options.out)];
  const configuration = await loadConfiguration(root);
  refuseErrors(configuration);

  // Before anything is read: what changes meanwhile makes another whole.
  const state = shard.count === 1 ? null : await siteState(root, data, options.now);
  const work = makeWorkFolder(dryRun ? tmpdir() : out);
  try {
    const policies = join(work, 'policies.json');
    const environments: Readonly<Record<SiteName, Readonly<Record<string, string>>>> = {
      policies: { POSTERN_POLICIES: policies, POSTERN_BASE: '/' },
      reports: {
        POSTERN_ROOT: root,
        POSTERN_DATA: data,
        POSTERN_NOW: options.now,
        POSTERN_BASE: siteBase(configuration.settings),
        POSTERN_SHARD: shardText(shard),
      },
    };
    progress(`building ${sites.join(' and ')}`);
    const pagesOf = (site: SiteName) =>
      sites.includes(site)
        ? buildWithAstro({
            site,
            work,
            before: join(out, site),
            environment: environments[site],
            progress: (files) => progress(`${site}: ${files} files`),
          })
        : null;
    // Astro empties its folder when it begins: the tables wait beside it.
    const tables = join(work, 'tables');
    const withTables = sites.includes('reports') && hasCommonPages(shard);
    // The reports take longest; what else is to be done is done beside them, one after the other.
    const beside = async () => {
      const ledgers = new Map(domainsWithLedger(data).map((domain) => [domain, readLedger(data, domain)]));
      const hosted = hostedPolicies(configuration.domains, ledgers).filter(({ domain }) => isInShard(domain, shard));
      writeFileSync(policies, JSON.stringify(hosted));
      if (withTables)
        await exportSiteTables({
          data,
          folder: tables,
          domains: configuration.domains.map(({ domain }) => domain),
          now: options.now,
          redact: configuration.settings?.site.redact ?? true,
        });
      await pagesOf('policies');
      if (sites.includes('policies'))
        writeHostMarkers(
          join(work, 'policies'),
          hosted.map(({ domain }) => ({ domain, host: policyHost(domain) })),
        );
      return hosted;
    };
    const [reports, others] = await Promise.allSettled([pagesOf('reports'), beside()]);
    if (reports.status === 'rejected') throw reports.reason;
    if (others.status === 'rejected') throw others.reason;
    const hosted = others.value;
    if (withTables) renameSync(tables, join(work, 'reports', 'data'));

    const counts = sites.map((site) => countFiles(join(work, site)));
    const unpublished = sites.includes('policies')
      ? hosted.filter(({ published }) => !published).map(({ domain }) => domain)
      : [];
    if (state !== null)
      for (const site of sites)
        writePart(join(work, site), { site, shard, ...state, unpublished: site === 'policies' ? unpublished : [] });
    if (!dryRun) for (const site of sites) replaceFolder(join(work, site), placeOf(out, site, shard));
    const deploy = sites.includes('reports') && state === null && mayDeploy(configuration.settings);
    const place = state === null ? out : join(out, PARTS);
    return { pages: sum(counts, 'pages'), files: sum(counts, 'files'), out: place, deploy, unpublished };
  } finally {
    removeFolder(work);
  }
}

function placeOf(out: string, site: SiteName, { index, count }: Shard): string {
  return count === 1 ? join(out, site) : join(out, PARTS, `${site}-${index}-of-${count}`);
}

export function refuseErrors({ problems }: Configuration): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  throw new PosternError('configuration-invalid', `Nothing was built: ${first.file}: ${first.message}${more}`, {
    hint: 'Run npx postern check.',
    exit: 2,
  });
}

export function sum(
  counts: readonly { readonly pages: number; readonly files: number }[],
  what: 'pages' | 'files',
): number {
  return counts.reduce((total, one) => total + one[what], 0);
}
