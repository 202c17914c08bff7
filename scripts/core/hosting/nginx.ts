import { POLICY_PATH, type PolicySite, sitesInOrder } from './policy-host-files.ts';

type Served = Pick<PolicySite, 'domain' | 'host'>;

/** Characters of a host name that nginx has room for in a bucket of 64 bytes, as it is built for most machines. */
const SHORT_NAME = 40;

/**
 * Server blocks for nginx, which gets no certificates itself: an ACME client such as certbot puts them where the blocks
 * look, `/etc/letsencrypt/live/<host>/`. `root`: the folder of the bundle on the machine that serves it.
 */
export function nginxConfiguration(sites: readonly Served[], root: string): string {
  const hosts = sitesInOrder(sites);
  const head = [
    '# Written by `postern publish`; changes are lost. Include it from the http block, below nginx-acme.conf.',
    '# A certificate for each host first, once, and renewed by the timer that comes with certbot:',
    ...hosts.map(({ host }) => `#   certbot certonly --webroot -w /var/www/acme -d ${host}`),
    ...namesHint(hosts),
  ];
  const blocks = hosts.map(({ domain, host }) =>
    [
      'server {',
      `  server_name ${host};`,
      '  listen 443 ssl;',
      '  listen [::]:443 ssl;',
      '  ssl_protocols TLSv1.2 TLSv1.3;',
      `  ssl_certificate /etc/letsencrypt/live/${host}/fullchain.pem;`,
      `  ssl_certificate_key /etc/letsencrypt/live/${host}/privkey.pem;`,
      `  root ${quoted(`${root}/policies/${domain}`)};`,
      '  add_header X-Content-Type-Options nosniff;',
      // Whatever mime.types says: RFC 8461 §3.2 wants text/plain.
      `  location = /${POLICY_PATH} { types { } default_type "text/plain; charset=utf-8"; expires 5m; }`,
      '  location = /CNAME { return 404; }',
      '  location = /.nojekyll { return 404; }',
      '}',
    ].join('\n'),
  );
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

/**
 * What nginx needs before there is any certificate: answers to the challenges of every policy host, also of those that are
 * still to come, so that this is included and loaded once (RFC 8555 §8.3).
 */
export function nginxChallenges(): string {
  return [
    '# Written by `postern publish`; changes are lost. Include it from the http block, once, before the first certificate.',
    'server {',
    '  listen 80;',
    '  listen [::]:80;',
    '  server_name mta-sts.*;',
    '  location /.well-known/acme-challenge/ { root /var/www/acme; }',
    '  location / { return 404; }',
    '}',
    '',
  ].join('\n');
}

/** nginx does not start when a name is longer than its table has room for, and the setting may stand only once. */
function namesHint(hosts: readonly Served[]): readonly string[] {
  const longest = Math.max(0, ...hosts.map(({ host }) => host.length));
  if (longest <= SHORT_NAME) return [];
  return [
    `# For names as long as these, write in the http block: server_names_hash_bucket_size ${longest > 100 ? 512 : 128};`,
  ];
}

/** A path as one word of the configuration. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path.replace(/["\\]/g, '\\$&')}"`;
}
