import { readdir } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { PosternError } from '../core/failure.ts';

import { policyHostListing } from '../io/http/host-listing.ts';
import { listenLocally } from '../io/http/local-server.ts';
import { answerFromFolder, refuse } from '../io/http/static-files.ts';

export interface Serving {
  /** The reports site's address, with its base path. */
  readonly reports: string;
  /** The list of policy hosts; each stands below it, at `/<domain>/`. */
  readonly policies: string;
  readonly close: () => Promise<void>;
}

/**
 * Both built sites on this machine only. A policy host answers below `/<domain>/`, and at its own name where the Host
 * header says `mta-sts.<domain>` or, for browsers, `mta-sts.<domain>.localhost`.
 * `base` is the path the reports site was built for, `/` or `/postern/`.
 * @throws PosternError `not-built` (exit 2)
 */
export async function serve(options: {
  readonly out: string;
  readonly base: string;
  readonly port: number;
}): Promise<Serving> {
  const reportsFolder = join(options.out, 'reports');
  const policiesFolder = join(options.out, 'policies');
  await policyDomains(policiesFolder);
  const reports = await listenLocally(options.port, answering(reportsSite(reportsFolder, options.base)));
  const next = options.port === 0 ? 0 : Number(new URL(reports.origin).port) + 1;
  const policies = await listenLocally(next, answering(policiesSite(policiesFolder)));
  return {
    reports: `${reports.origin}${options.base}`,
    policies: `${policies.origin}/`,
    close: async () => {
      await Promise.all([reports.close(), policies.close()]);
    },
  };
}

type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

function reportsSite(folder: string, base: string): Answer {
  return async (path, request, response) => {
    if (path.startsWith(base))
      return answerFromFolder(folder, `/${path.slice(base.length)}`, base.slice(0, -1), request, response);
    if (path === '/' || `${path}/` === base) return void response.writeHead(307, { location: base }).end();
    refuse(response, 404, `The site is at ${base}`);
  };
}

function policiesSite(folder: string): Answer {
  return async (path, request, response) => {
    const domains = await policyDomains(folder);
    const host = (request.headers.host ?? '')
      .replace(/:\d+$/, '')
      .replace(/\.localhost$/, '')
      .toLowerCase();
    const named = domains.find((domain) => `mta-sts.${domain}` === host);
    if (named !== undefined) return answerFromFolder(join(folder, named), path, '', request, response);
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      return void response.end(policyHostListing(domains));
    }
    return answerFromFolder(folder, path, '', request, response);
  };
}

/** A request that fails on our side is answered 500 with the reason, and the server lives on. */
function answering(answer: Answer): RequestListener {
  return (request, response) => {
    const path = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
    answer(path, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  };
}

async function policyDomains(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new PosternError('not-built', `there is nothing built at ${folder}`, {
      hint: 'npx postern build',
      exit: 2,
      cause,
    });
  }
}
