import type { HostingSettings } from '../config/types.ts';
import { caaNamesOf, HOSTING_CAA_NAMES } from './caa-issuers.ts';
import { isDefinite, type Lookup } from './dns-lookup.ts';
import { fault, type Sighting, unanswered, unseen } from './sighting.ts';

/** Names a CA asks for CAA, from the host up to the top-level domain (RFC 8659 §3). */
export function caaNames(host: string): readonly string[] {
  const labels = host.split('.');
  return labels.map((_, i) => labels.slice(i).join('.'));
}

export interface CaaCase {
  /** In the order of caaNames, up to the first that holds records: that set counts alone. */
  readonly lookups: readonly Lookup<'CAA'>[];
  /** The issuer of the certificate in use; null when there is none to see. */
  readonly issuer: string | null;
  readonly hosting: HostingSettings['kind'] | null;
}

const KNOWN_TAGS: readonly string[] = [
  'issue',
  'issuewild',
  'iodef',
  'issuemail',
  'issuevmc',
  'contactemail',
  'contactphone',
];

/** May the CA of the policy host issue again (RFC 8659 §3 to §4.3)? Policy hosts have a certificate for one name. */
export function caaSightings({ lookups, issuer, hosting }: CaaCase): readonly Sighting[] {
  const last = lookups.at(-1);
  const failed = lookups.find(({ status }) => !isDefinite(status));
  // A CA that cannot look it up does not issue either, but from here that may be our own fault.
  if (failed !== undefined) return [unanswered(failed)];
  if (last === undefined || last.records.length === 0) return [];
  const stranger = last.records.find(({ critical, tag }) => critical && !KNOWN_TAGS.includes(tag));
  if (stranger !== undefined) {
    return [fault('caa-blocks', `the critical property \`${stranger.tag}\` is known to no CA (RFC 8659 §4.1)`)];
  }
  const issue = last.records.filter(({ tag }) => tag === 'issue');
  if (issue.length === 0) return [];
  const allowed = issue
    .map(({ value }) => value.split(';')[0]?.trim().toLowerCase() ?? '')
    .filter((name) => name !== '');
  if (allowed.length === 0) return [fault('caa-blocks', `${last.name} forbids every CA`)];
  const needed = issuer === null ? null : caaNamesOf(issuer);
  const names = needed ?? (hosting === null || issuer !== null ? null : HOSTING_CAA_NAMES[hosting]);
  if (names === null) {
    const who = issuer === null ? 'the CA of the policy host is not known' : `the CA name of ${issuer} is not known`;
    return [unseen('ca-unknown', `${who}; ${last.name} allows ${allowed.join(', ')}`)];
  }
  if (names.some((name) => allowed.includes(name))) return [];
  return [
    fault('caa-blocks', `${last.name} allows ${allowed.join(', ')}, the host uses ${names[0]}`, { allowed, issuer }),
  ];
}

export function caaFacts({ lookups, issuer }: CaaCase): Readonly<Record<string, unknown>> {
  const last = lookups.at(-1);
  const records = (last?.records ?? [])
    .map(({ critical, tag, value }) => `${critical ? 128 : 0} ${tag} "${value.slice(0, 200)}"`)
    .toSorted()
    .slice(0, 20);
  return { found_at: records.length === 0 ? null : last?.name, records, issuer };
}
