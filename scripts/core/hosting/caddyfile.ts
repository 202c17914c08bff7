import type { PolicySite } from './policy-host-files.ts';

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
  const blocks = inOrder(sites).map(({ domain, host }) => [
    '',
    `${host} {`,
    // Not an argument of the import: its form differs between the versions of Caddy in use.
    `\troot * {$POSTERN_BUNDLE:.}/policies/${domain}`,
    '\timport policy_host',
    '}',
  ]);
  return `${[...head, ...blocks.flat()].join('\n')}\n`;
}

/**
 * Server blocks for nginx, which gets no certificates itself: an ACME client such as certbot puts them where the blocks
 * look, `/etc/letsencrypt/live/<host>/`.
 */
export function nginxConfiguration(sites: readonly Pick<PolicySite, 'domain' | 'host'>[], root: string): string {
  const blocks = inOrder(sites).map(({ domain, host }) =>
    [
      'server {',
      `  server_name ${host};`,
      '  listen 443 ssl;',
      '  listen [::]:443 ssl;',
      '  ssl_protocols TLSv1.2 TLSv1.3;',
      `  ssl_certificate /etc/letsencrypt/live/${host}/fullchain.pem;`,
      `  ssl_certificate_key /etc/letsencrypt/live/${host}/privkey.pem;`,
      `  root ${root}/policies/${domain};`,
      '  location = /.well-known/mta-sts.txt { default_type "text/plain; charset=utf-8"; expires 5m; }',
      '  location = /CNAME { return 404; }',
      '}',
    ].join('\n'),
  );
  const challenge = [
    '# Written by `postern publish`; changes are lost. Include it from the http block.',
    '# A certificate for each host, once, and renewed by the timer that comes with certbot:',
    ...inOrder(sites).map(({ host }) => `#   certbot certonly --webroot -w /var/www/acme -d ${host}`),
    'server {',
    '  listen 80;',
    '  listen [::]:80;',
    sites.length === 0
      ? '  server_name _;'
      : `  server_name ${inOrder(sites)
          .map(({ host }) => host)
          .join(' ')};`,
    '  location /.well-known/acme-challenge/ { root /var/www/acme; }',
    '  location / { return 404; }',
    '}',
  ];
  return `${[challenge.join('\n'), ...blocks].join('\n\n')}\n`;
}

function inOrder<Site extends { readonly host: string }>(sites: readonly Site[]): readonly Site[] {
  return [...sites].sort((a, b) => (a.host < b.host ? -1 : 1));
}
