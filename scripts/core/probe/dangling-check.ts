import { isDefinite, type Lookup } from './dns-lookup.ts';
import type { FetchedPolicy } from './policy-fetch.ts';
import { fault, type Sighting, unanswered } from './sighting.ts';

/** Hosting where anyone can claim a name, and what it says of one that nobody claimed. */
const PROVIDERS: readonly (readonly [suffix: string, unclaimed: RegExp])[] = [
  ['github.io', /There isn't a GitHub Pages site here/i],
  ['gitlab.io', /The page you're looking for could not be found/i],
  ['bitbucket.io', /Repository not found/i],
  ['pages.dev', /nothing is here yet|deployment not found/i],
  ['workers.dev', /nothing is here yet|There is nothing here yet/i],
  ['netlify.app', /Not Found - Request ID/i],
  ['netlify.com', /Not Found - Request ID/i],
  ['vercel.app', /DEPLOYMENT_NOT_FOUND|The deployment could not be found/i],
  ['vercel-dns.com', /DEPLOYMENT_NOT_FOUND|The deployment could not be found/i],
  ['herokuapp.com', /No such app/i],
  ['herokudns.com', /No such app/i],
  ['azurewebsites.net', /404 Web Site not found/i],
  ['azurestaticapps.net', /404: Not Found/i],
  ['cloudapp.azure.com', /404 Web Site not found/i],
  ['trafficmanager.net', /404 Web Site not found/i],
  ['blob.core.windows.net', /The specified (?:account|resource) does not exist/i],
  ['azureedge.net', /The resource you are looking for has been removed|page not found/i],
  ['amazonaws.com', /NoSuchBucket|The specified bucket does not exist/i],
  ['cloudfront.net', /The request could not be satisfied/i],
  ['fastly.net', /Fastly error: unknown domain/i],
  ['web.app', /Site Not Found/i],
  ['firebaseapp.com', /Site Not Found/i],
  ['surge.sh', /project not found/i],
  ['readthedocs.io', /is unknown to Read the Docs/i],
  ['fly.dev', /404 Not Found/i],
  ['onrender.com', /Not Found/i],
  ['pantheonsite.io', /The gods are wise|404 error unknown site/i],
];

/**
 * An alias to a name that nobody holds: whoever claims it speaks for the domain (RFC 8461 §10.3). The target does not
 * exist, or it is a provider's who says that the name is not claimed: by its page, or by a 404 under a certificate that
 * does not name the host.
 */
export function danglingSightings(lookup: Lookup, fetched: readonly FetchedPolicy[]): readonly Sighting[] {
  if (!isDefinite(lookup.status)) return [unanswered(lookup)];
  const targets = lookup.aliases.map(({ target }) => target);
  const last = targets.at(-1);
  if (last === undefined) return [];
  if (lookup.status === 'nxdomain') return [fault('dangling-cname', `${last} does not exist`, { target: last })];
  const provider = PROVIDERS.find(([suffix]) => targets.some((target) => target.endsWith(`.${suffix}`)));
  if (provider === undefined) return [];
  const [suffix, page] = provider;
  const unclaimed = fetched.some(({ response, chain }) => {
    if (response === null || response.status < 400 || response.status >= 500) return false;
    const text = new TextDecoder().decode(response.body.subarray(0, 20_000));
    return page.test(text) || (response.status === 404 && chain?.names_host === false);
  });
  if (!unclaimed) return [];
  return [fault('dangling-cname', `${last} does not know the name: nobody claimed it at ${suffix}`, { target: last })];
}
