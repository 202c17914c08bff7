import type { FindingSubject } from '../finding.ts';

/**
 * What makes two findings the same from run to run: rule, domain, MX host or reporter (else the subject itself) and
 * result type. Never a day, a count, a severity, an actor or a policy type. Plain ASCII without spaces, whatever a
 * report put into the names.
 */
export function fingerprint(rule: string, domain: string, subject: Omit<FindingSubject, 'policy_type'>): string {
  return [rule, domain, `${subject.kind}:${subject.mx ?? subject.reporter ?? subject.name}`, subject.result_type ?? '-']
    .map(bounded)
    .join('/');
}

/** A name longer than this cannot be a host or a domain; its checksum keeps two of them apart. */
const LONGEST = 300;

function bounded(part: string): string {
  const text = encodeURIComponent(part.toWellFormed()).replaceAll('%3A', ':');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}~${fnv1a(text)}`;
}

/** FNV-1a, 32 bits, in hexadecimal. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
