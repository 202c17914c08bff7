import { defineConfig } from 'astro/config';
import { parseShard, WHOLE } from './scripts/core/shard.ts';
import { gatherFirst } from './site/build/gather-first.ts';
import { leaveToNode } from './site/build/leave-to-node.ts';
import { pageWriter } from './site/build/page-writer.ts';

// One configuration for both sites. The build task sets these; see scripts/tasks/build.ts.
const {
  SITE = 'reports',
  POSTERN_BASE = '/',
  POSTERN_OUT = 'dist',
  POSTERN_BEFORE = POSTERN_OUT,
  POSTERN_CACHE = 'node_modules/.cache/site',
  POSTERN_SHARD = '1/1',
} = process.env;
if (SITE !== 'policies' && SITE !== 'reports') throw new Error(`SITE is ${SITE}; it must be policies or reports`);

export default defineConfig({
  srcDir: `site/${SITE}`,
  publicDir: `site/${SITE}/public`,
  outDir: POSTERN_OUT,
  cacheDir: POSTERN_CACHE,
  base: POSTERN_BASE,
  compressHTML: true,
  build: { inlineStylesheets: 'never', assets: 'assets' },
  devToolbar: { enabled: false },
  integrations: [
    ...(SITE === 'reports' ? [gatherFirst()] : []),
    pageWriter({ base: POSTERN_BASE, before: POSTERN_BEFORE, site: SITE, shard: parseShard(POSTERN_SHARD) ?? WHOLE }),
  ],
  vite: { cacheDir: POSTERN_CACHE, plugins: [leaveToNode()] },
});
