import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a static host wants beside the page and the policy: the name it answers to, and that it takes `.well-known` as it
 * is instead of leaving out names with a dot. `folder` holds one document root for each of `hosts`.
 */
export function writeHostMarkers(
  folder: string,
  hosts: readonly { readonly domain: string; readonly host: string }[],
): void {
  for (const { domain, host } of hosts) {
    writeFileSync(join(folder, domain, 'CNAME'), `${host}\n`);
    writeFileSync(join(folder, domain, '.nojekyll'), '');
  }
}
