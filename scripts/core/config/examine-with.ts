import type { DomainName } from '../../standards/domain-name.ts';
import type { Instant } from '../clock.ts';
import type { Problem } from '../problem.ts';
import { fileProblem, hasError, inOrder, problemsOf } from './document.ts';
import { type DomainDraft, type Draft, draftOf } from './draft.ts';
import type { Entry } from './entry.ts';
import type { FaultTellers } from './fault-tellers.ts';
import { entryFault, fileOf, roleOf } from './file-role.ts';
import { normaliseSettings } from './normalise-settings.ts';
import { settingsRemarks } from './rules/fleet-rules.ts';
import { configsOf, judgeDomains } from './rules/judge-domains.ts';
import { expiredOverrides } from './rules/policy-rules.ts';
import { SETTINGS_RULES } from './rules/settings-rules.ts';
import type { SettingsSubject } from './rules/subject.ts';
import type { WrittenSettings } from './schema/settings-schema.ts';
import { validateDomain, validateSettings } from './schema/validate.ts';
import type { Configuration, Settings } from './types.ts';

/** What examine.ts says, with the tellers; null when only they could say what is wrong. */
export function examineWith(entries: readonly Entry[], now: Instant | null, tellers: FaultTellers): Configuration;
export function examineWith(entries: readonly Entry[], now: Instant | null, tellers: null): Configuration | null;
export function examineWith(
  entries: readonly Entry[],
  now: Instant | null,
  tellers: FaultTellers | null,
): Configuration | null {
  const drafts = draftsOf(entries, tellers);
  if (drafts === null) return null;
  const { problems, settings: settingsDraft, domains, unread } = drafts;
  const subject = settingsDraft === null ? null : judgeSettings(settingsDraft, domains, now);
  const origins = judgeDomains(domains, unread, subject, now);
  const settings = settingsDraft === null ? null : settingsOf(settingsDraft);
  const documents = settingsDraft === null ? domains : [settingsDraft, ...domains];
  return {
    settings,
    domains: configsOf(domains, origins, settings),
    problems: inOrder([...problems, ...documents.flatMap(problemsOf)]),
  };
}

interface Drafts {
  /** Those of entries that were not read. */
  readonly problems: readonly Problem[];
  readonly settings: Draft<WrittenSettings> | null;
  readonly domains: readonly DomainDraft[];
  /** Domains whose file was not read. */
  readonly unread: readonly DomainName[];
}

function draftsOf(entries: readonly Entry[], tellers: FaultTellers | null): Drafts | null {
  const problems: Problem[] = [];
  const domains: DomainDraft[] = [];
  const unread: DomainName[] = [];
  let settings: Draft<WrittenSettings> | null = null;
  for (const entry of entries) {
    const file = fileOf(entry.path);
    const role = roleOf(entry.path, entry.kind === 'unread' && entry.folder);
    if (entry.kind !== 'file') {
      const fault = entryFault(entry, role);
      if (fault !== null) problems.push(fileProblem(file, fault));
      if (role.role === 'domain' && role.domain !== null) unread.push(role.domain);
    } else if (role.role === 'settings') {
      settings = draftOf(file, entry.bytes, validateSettings, tellers);
      if (settings === null) return null;
    } else if (role.role === 'domain') {
      const draft = draftOf(file, entry.bytes, validateDomain, tellers);
      if (draft === null) return null;
      draft.file_faults.push(...role.faults);
      domains.push({ ...draft, domain: role.domain, customer: role.customer });
    } else if (role.role === 'refused') {
      problems.push(fileProblem(file, role.fault));
    }
  }
  if (!entries.some(({ path }) => path === '_settings.yaml' || path === '_settings.yml')) {
    const message = 'The settings file does not exist.';
    const hint = 'Create it with one line: organisation: and the name of who runs these domains.';
    problems.push(fileProblem(fileOf('_settings.yaml'), { rule: 'settings-missing', message, hint }));
  }
  return { problems, settings, domains, unread };
}

/** Null when the file is no map: what it says cannot be known then. */
function judgeSettings(
  draft: Draft<WrittenSettings>,
  domains: readonly DomainDraft[],
  now: Instant | null,
): SettingsSubject | null {
  if (draft.validated === null || draft.validated.accepted === null) return null;
  const { accepted: written, refused } = draft.validated;
  for (const rule of SETTINGS_RULES) draft.remarks.push(...rule(written));
  draft.remarks.push(...settingsRemarks(written, domains));
  if (now !== null) draft.remarks.push(...expiredOverrides(written.overrides, now));
  return { written, refused };
}

function settingsOf(draft: Draft<WrittenSettings>): Settings | null {
  const accepted = draft.validated?.accepted ?? null;
  // Without an error the schema has accepted all of it.
  return accepted === null || hasError(draft) ? null : normaliseSettings(accepted as WrittenSettings);
}
