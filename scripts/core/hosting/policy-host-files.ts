import type { DomainName } from '../../standards/domain-name.ts';
import { policyHost } from '../policy/desired.ts';

/** One file below a document root. */
export interface SiteFile {
  readonly path: string;
  readonly text: string;
}

/** One policy host and the body it is to serve. */
export interface PolicySite {
  readonly domain: DomainName;
  readonly host: string;
  /** The canonical policy text with CRLF. */
  readonly body: string;
}

/** RFC 8461 §3.3. */
export const POLICY_PATH = '.well-known/mta-sts.txt';

export function policySite(domain: DomainName, body: string): PolicySite {
  return { domain, host: policyHost(domain), body };
}

/** By host, so that the same hosts make the same configuration. */
export function sitesInOrder<Site extends { readonly host: string }>(sites: readonly Site[]): readonly Site[] {
  return [...sites].sort((a, b) => (a.host < b.host ? -1 : 1));
}

/**
 * The whole document root of a policy host, the same for every hosting: `.nojekyll`, because Jekyll leaves out folders
 * that begin with a dot, and `CNAME`, the custom domain of a Pages site built from a branch.
 */
export function policyHostFiles({ domain, host, body }: PolicySite): readonly SiteFile[] {
  return [
    { path: '.nojekyll', text: '' },
    { path: POLICY_PATH, text: body },
    { path: 'CNAME', text: `${host}\n` },
    { path: 'index.html', text: page(domain) },
  ];
}

/** For the people who open the host's name in a browser. A domain name needs no escaping: letters, digits, `-` and `.`. */
function page(domain: DomainName): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>MTA-STS policy of ${domain}</title>`,
    `<p>This host serves the <a href="/${POLICY_PATH}">MTA-STS policy</a> of <strong>${domain}</strong> (RFC 8461).</p>`,
    '',
  ].join('\n');
}
