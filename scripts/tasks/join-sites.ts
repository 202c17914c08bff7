import { join, resolve } from 'node:path';
import { mayDeploy } from '../core/config/site-deployment.ts';
import { PosternError } from '../core/failure.ts';
import { type SiteName, whyNotWhole } from '../core/site/site-part.ts';
import { countFiles, makeWorkFolder, removeFolder, replaceFolder } from '../io/site/output-folder.ts';
import { addPart, findParts, PARTS, removeParts } from '../io/site/site-parts.ts';
import type { DomainName } from '../standards/domain-name.ts';
import { type BuildResult, refuseErrors, sum } from './build.ts';
import { loadConfiguration } from './load-configuration.ts';

/**
 * Puts the sites in place whose parts stand below `<out>/parts`, and removes the parts. Nothing is joined unless all parts are
 * there, made of the same data at the same moment. With `dryRun` nothing is put in place.
 * @throws PosternError `parts-missing`, `parts-differ`, `configuration-invalid` (exit 2), `part-unreadable` (exit 3)
 */
export async function joinSites(options: {
  readonly root: string;
  readonly out: string;
  readonly sites: readonly SiteName[];
  readonly dryRun: boolean;
}): Promise<BuildResult> {
  const out = resolve(options.out);
  const configuration = await loadConfiguration(options.root);
  refuseErrors(configuration);
  const found = findParts(join(out, PARTS));
  const sites = options.sites.filter((site) => found.some(({ part }) => part.site === site));
  if (sites.length === 0)
    throw new PosternError('parts-missing', `There is no part of a site below ${join(out, PARTS)}.`, {
      hint: 'npx postern build reports --shard 1/2 makes one',
      exit: 2,
    });
  const work = makeWorkFolder(out);
  try {
    for (const site of sites) {
      const parts = found.filter(({ part }) => part.site === site);
      const why = whyNotWhole(parts.map(({ part }) => part));
      if (why !== null) throw differ(site, why);
      for (const { folder } of parts) {
        const other = addPart(folder, join(work, site));
        if (other !== null) throw differ(site, `${other} is not the same in all`);
      }
    }
    const counts = sites.map((site) => countFiles(join(work, site)));
    const joined = found.filter(({ part }) => sites.includes(part.site));
    if (!options.dryRun) {
      for (const site of sites) replaceFolder(join(work, site), join(out, site));
      removeParts(
        join(out, PARTS),
        joined.map(({ folder }) => folder),
      );
    }
    return {
      pages: sum(counts, 'pages'),
      files: sum(counts, 'files'),
      out,
      deploy: sites.includes('reports') && mayDeploy(configuration.settings),
      unpublished: joined.flatMap(({ part }) => part.unpublished).sort() as DomainName[],
    };
  } finally {
    removeFolder(work);
  }
}

function differ(site: SiteName, why: string): PosternError {
  return new PosternError('parts-differ', `The parts of the ${site} site are not one whole: ${why}.`, {
    hint: 'build every part with the same --now from the same commit and data, then join them',
    exit: 2,
  });
}
