import { join } from 'node:path';
import { caddyfile } from '../../core/hosting/caddyfile.ts';
import { nginxChallenges, nginxConfiguration } from '../../core/hosting/nginx.ts';
import { type PolicySite, policyHostFiles } from '../../core/hosting/policy-host-files.ts';
import { workerConfiguration, workerScript } from '../../core/hosting/worker-script.ts';
import { writeText } from '../../io/files/write-text.ts';
import type { HostedSite, Hosting } from '../../io/hosting/hosting.ts';
import { removeFolder } from '../../io/site/output-folder.ts';

/** Where a bundle is written, what serves it, and the folder it stands in there. */
export interface Bundle {
  readonly out: string;
  readonly server: 'caddy' | 'nginx';
  /** Caddy reads it from its environment when it starts; nginx has it in its configuration. */
  readonly served_from: string;
}

/**
 * Document roots in `<out>/policies/<domain>` and the configuration of the web server that serves them, `Caddyfile` or
 * `nginx.conf`. `published`: every site of this hosting as it is in the ledger, the new ones included.
 */
export function bundleHosting({ out, server, served_from }: Bundle, published: readonly PolicySite[]): Hosting {
  const sites = new Map(published.map((site) => [site.host, site]));
  const configure = (): boolean => {
    const all = [...sites.values()];
    if (server === 'caddy') return writeText(join(out, 'Caddyfile'), caddyfile(all));
    writeText(join(out, 'nginx-acme.conf'), nginxChallenges());
    return writeText(join(out, 'nginx.conf'), nginxConfiguration(all, served_from));
  };
  const place = (site: PolicySite): void => {
    for (const { path, text } of policyHostFiles(site)) writeText(join(out, 'policies', site.domain, path), text);
  };
  return {
    kind: 'bundle',
    serve: async (site) => {
      sites.set(site.host, site);
      place(site);
      configure();
      return null;
    },
    keep: () => {
      for (const site of sites.values()) place(site);
      if (sites.size > 0) configure();
    },
    settle: async () => null,
    release: async (host) => {
      const domain = host.replace(/^mta-sts\./, '');
      removeFolder(join(out, 'policies', domain));
      sites.delete(host);
      return configure();
    },
  };
}

/** One Worker for all hosts, `<out>/worker/worker.mjs`, and what `wrangler deploy` needs to know. */
export function workerHosting(out: string, published: readonly PolicySite[]): Hosting {
  const sites = new Map(published.map((site) => [site.host, site]));
  const write = (): boolean => {
    const all = [...sites.values()];
    const isNew = writeText(join(out, 'worker', 'wrangler.json'), workerConfiguration(all));
    return writeText(join(out, 'worker', 'worker.mjs'), workerScript(all)) || isNew;
  };
  return {
    kind: 'worker',
    serve: async (site) => {
      sites.set(site.host, site);
      write();
      return null;
    },
    keep: () => {
      if (sites.size > 0) write();
    },
    settle: async () => null,
    release: async (host) => {
      sites.delete(host);
      return write();
    },
  };
}

/**
 * The document root of the one host of `pages-here`, `<out>/policy-host`, which the workflow deploys after this run. It is
 * there only when this run has something to deploy.
 */
export function policyHostFolder(out: string, hosting: Hosting): Hosting {
  const folder = join(out, 'policy-host');
  removeFolder(folder);
  const write = ({ files }: HostedSite): void => {
    for (const { path, text } of files) writeText(join(folder, path), text);
  };
  return {
    ...hosting,
    serve: async (site) => {
      write(site);
      return hosting.serve(site);
    },
    prepare: async (site) => {
      write(site);
      return (await hosting.prepare?.(site)) ?? null;
    },
  };
}
