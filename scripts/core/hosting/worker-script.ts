import { POLICY_PATH, type PolicySite } from './policy-host-files.ts';

/** One Cloudflare Worker for all policy hosts: it answers by the name it was asked under. */
export function workerScript(sites: readonly PolicySite[]): string {
  const entries = inOrder(sites).map(({ host, body }) => `  ${JSON.stringify(host)}: ${JSON.stringify(body)},`);
  return `// Written by \`postern publish\`; changes are lost.
const POLICIES = new Map(Object.entries({
${entries.join('\n')}
}));

export default {
  async fetch(request) {
    const { hostname, pathname } = new URL(request.url);
    const body = POLICIES.get(hostname.toLowerCase());
    if (body === undefined || pathname !== '/${POLICY_PATH}') return new Response('not found\\n', { status: 404 });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response('only GET\\n', { status: 405, headers: { allow: 'GET, HEAD' } });
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'max-age=300',
      'x-content-type-options': 'nosniff',
    };
    return new Response(request.method === 'HEAD' ? null : body, { headers });
  },
};
`;
}

/** Custom domains: Cloudflare sets the host's DNS record and gets its certificate when the Worker is deployed. */
export function workerConfiguration(sites: readonly PolicySite[]): string {
  const routes = inOrder(sites).map(({ host }) => ({ pattern: host, custom_domain: true }));
  const configuration = { name: 'postern-policies', main: 'worker.mjs', compatibility_date: '2026-01-01', routes };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

function inOrder(sites: readonly PolicySite[]): readonly PolicySite[] {
  return [...sites].sort((a, b) => (a.host < b.host ? -1 : 1));
}
