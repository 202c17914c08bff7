import * as Type from 'typebox/type';
import { flag, list, map, named, oneOf, port, text, whole, written } from './schema-parts.ts';

/** The parts of `_settings.yaml` that speak of outside systems: mailbox, hosting, DNS, network. */

const host = (description: string) =>
  Type.String({
    description,
    pattern: '^(?:[A-Za-z0-9.-]+|\\[?[0-9A-Fa-f:.]+\\]?)$',
    maxLength: 253,
    errorMessage: 'must be a host name or an address, without port or scheme',
  });

export const Mailbox = map(
  {
    folder: Type.Optional(written('inside-path', 'A folder of mail or report files, relative to the root.')),
    imap: Type.Optional(
      map(
        {
          host: host('The IMAP server.'),
          port: Type.Optional(port('Port: 993 with TLS from the start, 143 with STARTTLS.', 993)),
          user: text('User name. The password or token comes from POSTERN_IMAP_PASSWORD or POSTERN_IMAP_TOKEN.'),
          tls: Type.Optional(flag('false only for a laboratory on loopback.', true)),
          auth: Type.Optional(oneOf('How to log in.', ['password', 'oauth2'], 'password')),
          inbox: Type.Optional({ ...text('Folder that reports arrive in.'), default: 'INBOX' }),
          processed: Type.Optional({
            ...text('Folder for read reports; made when missing.'),
            default: 'Postern/Processed',
          }),
          rejected: Type.Optional({
            ...text('Folder for what is not a report; made when missing.'),
            default: 'Postern/Rejected',
          }),
          filing: Type.Optional(
            oneOf(
              'move = what was read goes to processed or rejected; reports = only reports are moved, other mail is left; flag = nothing is moved, reports get a keyword and are marked as seen.',
              ['move', 'reports', 'flag'],
              'move',
            ),
          ),
          oauth2: Type.Optional(
            map(
              {
                provider: oneOf('Whose tokens.', ['google', 'microsoft', 'other']),
                client_id: text(
                  'Of the registered application. Its secret comes from POSTERN_IMAP_CLIENT_SECRET, a refresh token from POSTERN_IMAP_REFRESH_TOKEN.',
                ),
                tenant: Type.Optional(text('Microsoft: the directory the mailbox is in. Default: organizations.', 100)),
                token_url: Type.Optional(
                  Type.String({
                    description: 'provider other: where tokens are given out.',
                    pattern: '^(?:https://|http://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])[:/])[^\\s]+$',
                    maxLength: 500,
                    errorMessage: 'must be an https URL',
                  }),
                ),
                scope: Type.Optional(text('Scope to ask for. Default: what the provider needs for IMAP.', 500)),
              },
              { description: 'auth oauth2: how a token is got when POSTERN_IMAP_TOKEN holds none.' },
            ),
          ),
        },
        { description: 'An IMAP mailbox.' },
      ),
    ),
  },
  {
    description: 'Where reports arrive: either folder or imap.',
    minProperties: 1,
    maxProperties: 1,
  },
);

export const Hosting = named('Where policy hosts stand, by name. A domain picks one with hosting.', [
  map(
    {
      kind: Type.Literal('pages-fleet'),
      owner: Type.String({
        description: 'GitHub user or organisation that owns the repositories.',
        pattern: '^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})$',
        errorMessage: 'must be a GitHub user or organisation, without @',
      }),
      repository_name: Type.Optional(
        Type.String({
          description: 'Name of each repository; {host} stands for the policy host.',
          pattern: '^[A-Za-z0-9._-]*\\{host\\}[A-Za-z0-9._-]*$',
          maxLength: 100,
          default: '{host}',
          errorMessage: 'must hold {host} once, and otherwise letters, digits, ., _ and -',
        }),
      ),
    },
    { description: 'One GitHub repository with Pages for each policy host; needs a GitHub App.' },
  ),
  map({ kind: Type.Literal('pages-here') }, { description: 'This repository’s own Pages, for one policy host.' }),
  map(
    { kind: Type.Literal('bundle'), server: oneOf('The web server the bundle is for.', ['caddy', 'nginx']) },
    { description: 'Document roots and a server configuration to run yourself.' },
  ),
  map({ kind: Type.Literal('worker') }, { description: 'One Cloudflare Worker that answers for every policy host.' }),
]);

const zone = written('domain-name', 'The zone the records stand in. Without it each domain is its own zone.');

const provider = <const K extends string>(kind: K, environment: string) =>
  map({ kind: Type.Literal(kind), zone: Type.Optional(zone) }, { description: `Credentials from ${environment}.` });

export const Dns = named('Who changes DNS records, by name. A domain picks one with dns.', [
  map({ kind: Type.Literal('manual') }, { description: 'A person; Postern prints the lines and verifies them later.' }),
  map(
    {
      kind: Type.Literal('rfc2136'),
      server: host('The primary server that takes updates.'),
      port: Type.Optional(port('Port.', 53)),
      zone: Type.Optional(zone),
      key_name: text('Name of the TSIG key. The secret comes from POSTERN_TSIG_SECRET.', 255),
      algorithm: Type.Optional(
        oneOf(
          'TSIG algorithm (RFC 8945 §6).',
          ['hmac-sha256', 'hmac-sha384', 'hmac-sha512', 'hmac-sha1'],
          'hmac-sha256',
        ),
      ),
    },
    { description: 'DNS UPDATE with TSIG (RFC 2136, RFC 8945).' },
  ),
  provider('cloudflare', 'CLOUDFLARE_API_TOKEN'),
  provider('route53', 'AWS’s own variables'),
  provider('desec', 'DESEC_TOKEN'),
  provider('hetzner', 'HCLOUD_TOKEN'),
]);

export const Network = map(
  {
    resolver: Type.Optional(
      Type.String({
        description: 'The validating resolver. Default: the system’s.',
        pattern: '^(?:udp://(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?|https://\\S+)$',
        maxLength: 500,
        errorMessage: 'must be udp://host:port or an https:// URL (DNS over HTTPS)',
      }),
    ),
    dns_port: Type.Optional(port('Port of authoritative servers.', 53)),
    smtp_port: Type.Optional(port('Port of MX hosts.', 25)),
    https_port: Type.Optional(port('Port of policy hosts.', 443)),
    socks: Type.Optional(
      Type.String({
        description: 'A SOCKS5 or HTTP CONNECT proxy for SMTP. The password comes from POSTERN_SOCKS_PASSWORD.',
        pattern: '^(?:socks5h?|http)://(?:[^\\s/:@]+@)?(?:[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$',
        maxLength: 500,
        errorMessage:
          'must be socks5://user@host:port or http://user@host:port, without a password (that is POSTERN_SOCKS_PASSWORD)',
      }),
    ),
    socks_all: Type.Optional(flag('HTTPS and DNS go through the proxy too.', false)),
    ca_file: Type.Optional(written('inside-path', 'PEM file of further roots, relative to the root.')),
    allow_private: Type.Optional(flag('Connects to private addresses; for laboratories.', false)),
    control: Type.Optional(
      list(
        'Host names whose MX port answers when egress works. Default: three large providers.',
        written('domain-name'),
        { minItems: 1 },
      ),
    ),
    validation_test: Type.Optional(
      map(
        {
          secure: written('domain-name', 'A name that is signed.'),
          bogus: written('domain-name', 'A name whose signature is wrong.'),
        },
        { description: 'Names that show whether the resolver validates.' },
      ),
    ),
    dkim_keys: Type.Optional(written('inside-path', 'File of DKIM key records used before DNS, relative to the root.')),
    second_look: Type.Optional(whole('Seconds before a bad result is looked at again.', 0, 3600, 20)),
    target_deadline: Type.Optional(whole('Seconds one target may take.', 1, 600, 60)),
    vantage: Type.Optional(
      Type.String({
        description: 'Name of this point of view in observations.',
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
        errorMessage: 'must be a name of letters, digits, ., _ and -',
      }),
    ),
  },
  { description: 'How probes and mail verification reach the network.' },
);
