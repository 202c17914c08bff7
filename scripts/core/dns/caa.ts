import type { HostingSettings } from '../config/types.ts';
import type { LiveCaa } from '../policy/live-facts.ts';

/** The certificate authority a hosting gets its certificates from; null where it uses several or none is known. */
export function issuerOf(kind: HostingSettings['kind']): string | null {
  switch (kind) {
    case 'pages-fleet':
    case 'pages-here':
      return 'letsencrypt.org';
    case 'bundle':
    case 'worker':
      return null;
  }
}

/**
 * Do these CAA records, the ones that hold for a name, let the issuer in? Without an `issue` property everybody may
 * (RFC 8659 §4.2); a critical property that nobody knows forbids it (§4.1).
 */
export function caaAllows(records: readonly LiveCaa[], issuer: string): boolean {
  const known = new Set(['issue', 'issuewild', 'iodef', 'issuemail', 'contactemail', 'contactphone']);
  if (records.some(({ critical, tag }) => critical && !known.has(tag.toLowerCase()))) return false;
  const issue = records.filter(({ tag }) => tag.toLowerCase() === 'issue');
  return issue.length === 0 || issue.some(({ value }) => value.split(';')[0]?.trim().toLowerCase() === issuer);
}
