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
 * Do these CAA records, the ones that hold for a name, let the issuer in, or with null any issuer at all? Without an
 * `issue` property everybody may, and `;` alone means nobody (RFC 8659 §4.2); a critical property that nobody knows
 * forbids it (§4.1).
 */
export function caaAllows(records: readonly LiveCaa[], issuer: string | null): boolean {
  const known = new Set(['issue', 'issuewild', 'iodef', 'issuemail', 'contactemail', 'contactphone']);
  if (records.some(({ critical, tag }) => critical && !known.has(tag.toLowerCase()))) return false;
  const issue = records.filter(({ tag }) => tag.toLowerCase() === 'issue');
  const names = issue.map(({ value }) => value.split(';')[0]?.trim().toLowerCase() ?? '');
  return issue.length === 0 || names.some((name) => (issuer === null ? name !== '' : name === issuer));
}

/** What a refusal and a warning say about it. */
export function caaText(host: string, issuer: string | null): string {
  return issuer === null
    ? `CAA records forbid every authority to issue the certificate of ${host}. Add an \`issue\` record of the one that your web server asks.`
    : `CAA records forbid ${issuer}, which issues the certificate of ${host}. Add \`0 issue "${issuer}"\`.`;
}
