import type { DomainName } from '../../../standards/domain-name.ts';
import type { Instant } from '../../clock.ts';
import { hasError } from '../document.ts';
import type { DomainDraft } from '../draft.ts';
import { normaliseDomain } from '../normalise.ts';
import type { Remark } from '../remark.ts';
import type { DomainConfig, Settings } from '../types.ts';
import { DOMAIN_RULES } from './domain-rules.ts';
import { pagesHereRemarks } from './fleet-rules.ts';
import { expiryRemarks } from './policy-rules.ts';
import { conflictRemarks, type Origin, originRemarks, originsOf, type SameAs, sameAsName } from './same-as.ts';
import type { SettingsSubject } from './subject.ts';

export type Origins = ReadonlyMap<DomainName, Origin>;

/** Each suggestion compares a name with all others: enough for typing errors, bounded for hostile files. */
const MOST_SUGGESTIONS = 20;

/**
 * Runs every rule that looks at domains, and adds what they say to the drafts. Sharers come after those they share with,
 * whose errors are then known. `unread` are the domains whose file could not be read.
 */
export function judgeDomains(
  drafts: readonly DomainDraft[],
  unread: readonly DomainName[],
  settings: SettingsSubject | null,
  now: Instant | null,
): Origins {
  const byDomain = uniqueByDomain(drafts);
  for (const [draft, remark] of pagesHereRemarks(drafts, settings)) draft.remarks.push(remark);
  const sameAs = sameAsOf(drafts, byDomain, unread);
  const origins = originsOf(sameAs);
  const names = [...sameAs.keys()];
  let suggestions = 0;

  const judge = (draft: DomainDraft): void => {
    const { domain, validated } = draft;
    if (domain === null || validated === null || validated.accepted === null) return;
    const written = validated.accepted;
    const origin: Origin = origins.get(domain) ?? { kind: 'own' };
    const shared = origin.kind === 'shared' ? byDomain.get(origin.domain) : undefined;
    const mode = origin.kind === 'own' ? (written.mode ?? null) : (shared?.validated?.accepted?.mode ?? null);
    const subject = { domain, written, refused: validated.refused, mode, settings };

    const suggest = origin.kind === 'unknown' && suggestions++ < MOST_SUGGESTIONS;
    const candidates = suggest ? names.filter((name) => name !== domain) : [];
    draft.remarks.push(...originRemarks(origin, candidates));
    if (shared !== undefined) draft.remarks.push(...sharingRemarks(draft, shared));
    for (const rule of DOMAIN_RULES) draft.remarks.push(...rule(subject));
    if (now !== null) draft.remarks.push(...expiryRemarks(written, now));
  };
  const isSharing = ({ domain }: DomainDraft) => domain !== null && origins.get(domain)?.kind === 'shared';
  for (const draft of drafts) if (!isSharing(draft)) judge(draft);
  for (const draft of drafts) if (isSharing(draft)) judge(draft);
  return origins;
}

/** The configuration of every domain without an error, by name. */
export function configsOf(
  drafts: readonly DomainDraft[],
  origins: Origins,
  settings: Settings | null,
): readonly DomainConfig[] {
  const sound = new Map<DomainName, DomainDraft>();
  for (const draft of drafts) if (draft.domain !== null && !hasError(draft)) sound.set(draft.domain, draft);
  const configs: DomainConfig[] = [];
  for (const [domain, { file, customer, validated }] of sound) {
    const origin = origins.get(domain);
    const shared = sound.get(origin?.kind === 'shared' ? origin.domain : domain)?.validated?.accepted;
    if (validated?.accepted == null || shared == null) continue;
    configs.push(normaliseDomain({ domain, file, customer, written: validated.accepted, shared, settings }));
  }
  return configs.sort((a, b) => (a.domain < b.domain ? -1 : 1));
}

/** The drafts by domain. Those of one domain in two files get the fault, and are left out: neither can be preferred. */
function uniqueByDomain(drafts: readonly DomainDraft[]): ReadonlyMap<DomainName, DomainDraft> {
  const unique = new Map<DomainName, DomainDraft>();
  for (const [domain, group] of Map.groupBy(drafts, (draft) => draft.domain)) {
    const [first, second] = group;
    if (domain === null || first === undefined) continue;
    if (second === undefined) {
      unique.set(domain, first);
      continue;
    }
    for (const draft of group) {
      const other = draft === first ? second : first;
      const more = group.length > 2 ? ` and ${group.length - 2} more` : '';
      const message = `${domain} is also described by ${other.file}${more}.`;
      draft.file_faults.push({ rule: 'duplicate-domain', message, hint: 'Keep one of the files.' });
    }
  }
  return unique;
}

function sameAsOf(
  drafts: readonly DomainDraft[],
  byDomain: ReadonlyMap<DomainName, DomainDraft>,
  unread: readonly DomainName[],
): SameAs {
  const sameAs = new Map<DomainName, DomainName | null | 'unreadable'>();
  for (const domain of unread) sameAs.set(domain, 'unreadable');
  for (const { domain } of drafts) if (domain !== null) sameAs.set(domain, 'unreadable');
  for (const [domain, { validated }] of byDomain) {
    if (validated?.accepted == null || validated.refused.has('same_as')) continue;
    sameAs.set(domain, sameAsName(validated.accepted));
  }
  return sameAs;
}

function sharingRemarks({ validated }: DomainDraft, shared: DomainDraft): readonly Remark[] {
  if (shared.domain === null || validated?.accepted == null) return [];
  if (hasError(shared) || shared.validated?.accepted == null) {
    return originRemarks({ kind: 'unusable', domain: shared.domain }, []);
  }
  return conflictRemarks(validated.accepted, shared.validated.accepted, shared.domain);
}
