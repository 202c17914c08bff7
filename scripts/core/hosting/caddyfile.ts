import { type PolicySite, sitesInOrder } from './policy-host-files.ts';

/**
 * A Caddyfile for policy hosts: Caddy gets and renews a certificate for each by itself. The document roots lie in
 * `policies/<domain>` below `POSTERN_BUNDLE`, by default the folder Caddy is started in. No redirect for the policy: senders
 * do not follow one (RFC 8461 §3.3).
 */
export function caddyfile(sites: readonly Pick<PolicySite, 'domain' | 'host'>[]): string {
  const head = [
    '# Written by `postern publish`; changes are lost. Settings of your own: a Caddyfile that imports this one.',
    '(policy_host) {',
    '\t@hidden path /CNAME /.nojekyll',
    '\trespond @hidden 404',
    '\theader /.well-known/mta-sts.txt Content-Type "text/plain; charset=utf-8"',
    '\theader /.well-known/mta-sts.txt Cache-Control "max-age=300"',
    '\theader X-Content-Type-Options nosniff',
    '\tfile_server',
    '}',
  ];
  const blocks = sitesInOrder(sites).map(({ domain, host }) => [
    '',
    `${host} {`,
    // Not an argument of the import: its form differs between the versions of Caddy in use.
    `\troot * {$POSTERN_BUNDLE:.}/policies/${domain}`,
    '\timport policy_host',
    '}',
  ]);
  return `${[...head, ...blocks.flat()].join('\n')}\n`;
}
