import type { ViteUserConfig } from 'astro';

/** Vite itself is Astro's dependency, not ours. */
type VitePlugin = Extract<NonNullable<ViteUserConfig['plugins']>[number], { name: string }>;

const SCRIPTS = new URL('../../scripts/', import.meta.url);
const SITE = new URL('../', import.meta.url);
/** What Vite and Astro answer themselves: paths, virtual modules, Astro's own runtime. */
const THEIRS = /^[./\0]|^astro(?:$|[:/])|^@astrojs\/|:/;

/**
 * The pages are Astro's; everything else runs in Node as it stands. `#scripts/…` and packages become imports by absolute
 * URL, because the compiled pages lie in a temporary folder from which no package can be found, and because a native
 * module such as DuckDB cannot be bundled. So does what a page imports as `#site/…`: there is one of it, whoever imports it.
 */
export function leaveToNode(): VitePlugin {
  return {
    name: 'postern:leave-to-node',
    enforce: 'pre',
    apply: 'build',
    resolveId(id) {
      if (this.environment.name !== 'prerender') return null;
      if (id.startsWith('#scripts/'))
        return { id: new URL(id.slice('#scripts/'.length), SCRIPTS).href, external: true };
      if (id.startsWith('#site/')) return { id: new URL(id.slice('#site/'.length), SITE).href, external: true };
      if (THEIRS.test(id)) return null;
      try {
        return { id: import.meta.resolve(id), external: true };
      } catch {
        return null;
      }
    },
  };
}
