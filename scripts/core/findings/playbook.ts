import { DANE_FAULTS } from './dane-faults.ts';
import { MX_CERTIFICATE_FAULTS } from './mx-certificate-faults.ts';
import { MX_FAULTS } from './mx-faults.ts';
import { MX_RESULT_TYPES, OTHER_FAILURE } from './mx-result-types.ts';
import type { PlaybookEntry } from './playbook-entry.ts';
import { POLICY_CERTIFICATE_FAULTS } from './policy-certificate-faults.ts';
import { POLICY_HOST_FAULTS } from './policy-host-faults.ts';
import { POLICY_RECORD_FAULTS } from './policy-record-faults.ts';
import { POLICY_RESULT_TYPES } from './policy-result-types.ts';
import { REPORTING_FAULTS } from './reporting-faults.ts';

export interface PlaybookGroup {
  readonly title: string;
  readonly entries: readonly PlaybookEntry[];
}

/** Everything Postern can find, in the order of docs/playbook.md. */
export const PLAYBOOK: readonly PlaybookGroup[] = [
  { title: 'Result types: the session with an MX host', entries: MX_RESULT_TYPES },
  { title: 'Result types: DANE and the MTA-STS policy', entries: POLICY_RESULT_TYPES },
  { title: 'The `_mta-sts` record and its `id`', entries: POLICY_RECORD_FAULTS },
  { title: 'The policy host', entries: POLICY_HOST_FAULTS },
  { title: 'The certificate of the policy host', entries: POLICY_CERTIFICATE_FAULTS },
  { title: 'MX hosts', entries: MX_FAULTS },
  { title: 'Certificates of MX hosts', entries: MX_CERTIFICATE_FAULTS },
  { title: 'DANE, DNSSEC and name servers', entries: DANE_FAULTS },
  { title: 'Reports, rates and the watching itself', entries: REPORTING_FAULTS },
];

const BY_RULE: ReadonlyMap<string, PlaybookEntry> = new Map(
  PLAYBOOK.flatMap((group) => group.entries).map((entry) => [entry.rule, entry]),
);

/** Every rule id, in the order of the playbook. */
export const PLAYBOOK_RULES: readonly string[] = [...BY_RULE.keys()];

/** The entry of a rule or result type; null when the playbook has none. */
export function playbookEntry(rule: string): PlaybookEntry | null {
  return BY_RULE.get(rule) ?? null;
}

/** The entry that a finding of this rule is told with; what the playbook does not know is told as `other`. */
export function entryFor(rule: string): PlaybookEntry {
  return BY_RULE.get(rule) ?? OTHER_FAILURE;
}
