import { type PlaybookEntry, TWO_SOUND_LOOKS } from './playbook-entry.ts';

/** Faults of the `_mta-sts` record, of the `id` it carries, and of the names around the policy. */
export const POLICY_RECORD_FAULTS: readonly PlaybookEntry[] = [
  {
    rule: 'txt-missing',
    title: 'No _mta-sts record',
    meaning: 'There is no `_mta-sts` TXT record that begins with `v=STSv1;`.',
    side: 'receiving',
    causes: ['The record was deleted or never published.', 'The CNAME at `_mta-sts` points to nothing.'],
    confirm: 'Run `dig +short TXT _mta-sts.{domain}` at every authoritative name server.',
    recommend: 'Publish the `_mta-sts.{domain}` TXT record with the `id` of the newest policy version.',
    severity: { testing: 'sev3', enforce: 'sev2' },
    effect: 'New senders see no MTA-STS. Senders with a cached policy go on applying it until its max_age runs out.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.1 and §5.1',
  },
  {
    rule: 'txt-multiple',
    title: 'Several _mta-sts records',
    meaning: 'More than one TXT record begins with `v=STSv1;`. Senders then act as if there were none.',
    side: 'receiving',
    causes: ['A new record was added instead of replacing the old one.', 'Two tools write the same zone.'],
    confirm: 'Run `dig +short TXT _mta-sts.{domain}` and count the records that begin with `v=STSv1;`.',
    recommend:
      'Delete every `_mta-sts.{domain}` TXT record but the one with the `id` of the policy that is served now.',
    severity: { testing: 'sev3', enforce: 'sev2' },
    effect: 'New senders see no MTA-STS. Senders with a cached policy go on applying it until its max_age runs out.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.1',
  },
  {
    rule: 'txt-invalid',
    title: '_mta-sts record is malformed',
    meaning:
      'The `_mta-sts` record does not follow the grammar: no `id`, a character an `id` may not hold, or a wrong order.',
    side: 'receiving',
    causes: [
      'The `id` holds `-`, `.` or `_`, or is longer than 32 characters.',
      'There is a blank before the first semicolon, or `v=STSv1` does not stand first.',
    ],
    confirm: 'Run `dig +short TXT _mta-sts.{domain}` and compare with `v=STSv1; id=20261121093000;`.',
    recommend:
      'Replace the record by `v=STSv1; id=…;` with the `id` of the newest policy version: letters and digits only.',
    severity: { testing: 'sev3', enforce: 'sev2' },
    effect: 'New senders see no MTA-STS. Senders with a cached policy go on applying it until its max_age runs out.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.1',
  },
  {
    rule: 'txt-id-unknown',
    title: 'Published id is not one of ours',
    meaning: 'The `_mta-sts` record carries an `id` that the history of this domain does not know.',
    side: 'receiving',
    causes: [
      'Somebody changed the record by hand.',
      'The record stands in a zone of another operator.',
      'Somebody who should not be able to write the zone can.',
    ],
    confirm:
      'Compare `dig +short TXT _mta-sts.{domain}` with the ledger `data/policies/{domain}.jsonl`; ask who changed DNS.',
    recommend:
      'Treat it as an unapproved change: find out who wrote the record, then publish a fresh `id` for the policy that is served. If nobody of yours did it, change the DNS credentials first.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect: 'Senders fetch the policy again. What they get then depends on who controls the policy host.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.1 and §10.3',
  },
  {
    rule: 'out-of-sync',
    title: 'Policy and id do not belong together',
    meaning: 'The published `id` is not the one recorded for the text that the policy host serves.',
    side: 'receiving',
    causes: [
      'The text changed and the `id` did not.',
      'The `id` was moved before the new text was served everywhere.',
      'The customer has to change the TXT record and has not yet done so.',
    ],
    confirm:
      'Fetch the policy from every address and compare both with the newest line in `data/policies/{domain}.jsonl`.',
    recommend:
      'First make every address of the policy host serve the right text, then announce a fresh `id`. Never move the `id` first, and never use an old one again: senders would keep the old text under it.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect: 'Senders cache the old text under the new `id`, or do not see the new text until they refresh.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.3 and §8.1',
  },
  {
    rule: 'id-reused',
    title: 'One id stands for two policy texts',
    meaning: 'The history shows the same `id` with two different texts.',
    side: 'receiving',
    causes: ['A rollback put the old `id` back.', 'The text was edited and the `id` kept.'],
    confirm: 'Look for the `id` in `data/policies/{domain}.jsonl`.',
    recommend: 'Announce a fresh `id` for the text that is served now.',
    severity: { testing: 'sev2', enforce: 'sev2' },
    effect:
      'Senders that cached the first text do not fetch the second one before they refresh or their cache expires.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §3.1',
  },
  {
    rule: 'dangling-cname',
    title: 'CNAME to a target that nobody holds',
    meaning:
      'One of `mta-sts`, `_mta-sts` or `_smtp._tls` is a CNAME to a name that nobody holds. Whoever claims it speaks for the domain.',
    side: 'receiving',
    causes: ['The hosting was given up before the DNS record was removed.', 'A provider account was closed.'],
    confirm:
      'Run `dig CNAME mta-sts.{domain}` (and `_mta-sts`, `_smtp._tls`), and open the target: does it answer for you?',
    recommend:
      'Remove the CNAME now, or claim the target again. When hosting is given up, remove DNS first, wait out the TTL, then release the name.',
    severity: { testing: 'sev1', enforce: 'sev1' },
    effect:
      'A stranger who claims the target can publish a policy that sends mail astray or stops it for as long as max_age allows.',
    confirms_repair: TWO_SOUND_LOOKS,
    reference: 'RFC 8461 §8.2, §8.3 and §10.3',
  },
  {
    rule: 'domain-expiring',
    title: 'Domain registration ends soon',
    meaning:
      'The registration of the domain ends in less than 30 days. Postern asks no registry, so it never finds this itself: it stands here for whoever is told of it by the registrar.',
    side: 'receiving',
    causes: ['Automatic renewal is off.', 'The payment method at the registrar no longer works.'],
    confirm: 'Look the end date up at the registrar, or by RDAP.',
    recommend: 'Renew {domain} at the registrar today, and switch automatic renewal on.',
    severity: { testing: 'sev2', enforce: 'sev1' },
    effect: 'Everything under the name stops: mail, policy, reports.',
    confirms_repair: 'The registry shows the new end date.',
    reference: 'RFC 9083 §4.5 (RDAP expiration event)',
  },
];
