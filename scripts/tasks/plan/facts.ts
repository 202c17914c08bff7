import { epochMs, type Instant } from '../../core/clock.ts';
import type { Entry } from '../../core/config/entry.ts';
import { domainFiles, examine } from '../../core/config/examine.ts';
import type { Configuration, DomainConfig } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';
import { nearest } from '../../core/near.ts';
import type { DomainFacts } from '../../core/policy/plan/domain-plan.ts';
import { type Ledger, NO_LEDGER } from '../../core/policy/versions/ledger.ts';
import type { Problem } from '../../core/problem.ts';
import { committedFiles, lastCommitOf, readCommitted, resolveCommit } from '../../io/git/repository.ts';
import { type DomainName, parseDomainName } from '../../standards/domain-name.ts';
import { excerpt } from '../../standards/excerpt.ts';
import { domainsWithLedger, readLedger } from '../ledger.ts';
import type { BaseConfiguration } from './base-configuration.ts';

export interface OfflineSources {
  readonly root: string;
  readonly data: string;
  readonly entries: readonly Entry[];
  readonly configuration: Configuration;
  readonly base: BaseConfiguration | null;
  readonly asked: readonly string[];
  readonly now: Instant;
}

/** Days after its records went for which a removed domain is still looked at: the claim of its host is released then. */
const REMOVAL_DAYS = 40;

/** What files and history tell of each domain, by name: those with a file, published once, or in the other commit. */
export async function offlineFacts(sources: OfflineSources): Promise<readonly DomainFacts[]> {
  const { root, data, entries, configuration, base, asked, now } = sources;
  const files = domainFiles(entries);
  const configs = new Map<string, DomainConfig>(configuration.domains.map((config) => [config.domain, config]));
  const published = new Set<DomainName>(domainsWithLedger(data));
  const former = [...(base?.domains.values() ?? [])].map(({ domain }) => domain);
  const known = new Set<DomainName>([...files.keys(), ...published, ...former]);
  const names = asked.length === 0 ? [...known].sort() : [...new Set(asked.map((text) => knownName(text, known)))];
  const errors = Map.groupBy(
    configuration.problems.filter(({ severity }) => severity === 'error'),
    ({ file }) => file,
  );
  const facts: DomainFacts[] = [];
  for (const domain of names) {
    const config = configs.get(domain) ?? null;
    const ofFile = files.get(domain) ?? [];
    const isGone = config === null && ofFile.length === 0;
    const before = base?.domains.get(domain) ?? null;
    const ledger = published.has(domain) ? readLedger(data, domain) : NO_LEDGER;
    if (isGone && before === null && asked.length === 0 && isLongGone(ledger, now)) continue;
    facts.push({
      domain,
      config,
      problems: config === null ? problemsOf(ofFile, errors) : [],
      base: before,
      last: isGone ? (before ?? (await lastConfiguration(root, domain))) : null,
      ledger,
      live: null,
      reports: null,
      observations: null,
      tlsa: [],
    });
  }
  return facts;
}

function isLongGone({ current, versions }: Ledger, now: Instant): boolean {
  const last = versions.at(-1)?.withdrawn_at ?? null;
  return current === null && (last === null || epochMs(last) + REMOVAL_DAYS * 86_400_000 < epochMs(now));
}

/** A file that is there and gave no configuration has an error of its own or of the file it shares with. */
function problemsOf(
  files: readonly string[],
  errors: ReadonlyMap<string, readonly Problem[]>,
): DomainFacts['problems'] {
  const found = files.flatMap((file) => errors.get(file) ?? []);
  const unsaid = { rule: 'configuration', message: 'what it shares with has an error' };
  return files.length > 0 && found.length === 0 ? [unsaid] : found;
}

/** The last configuration of a domain whose file was deleted, from history: its hosting and DNS have to be cleared. */
export async function lastConfiguration(root: string, domain: DomainName): Promise<DomainConfig | null> {
  const ref = await lastCommitOf(root, `${domain}.yaml`);
  if (ref === null) return null;
  const commit = await resolveCommit(root, ref);
  const wanted = (path: string) => path.startsWith('_settings.') || path.split('/').at(-1) === `${domain}.yaml`;
  const files = (await committedFiles(root, commit)).filter(({ path }) => wanted(path));
  return examine(await readCommitted(root, files), null).domains.find((config) => config.domain === domain) ?? null;
}

function knownName(text: string, known: ReadonlySet<DomainName>): DomainName {
  const parsed = parseDomainName(text);
  if (parsed.ok && known.has(parsed.value)) return parsed.value;
  const near = nearest(text, [...known]);
  throw new PosternError('domain-unknown', `Nothing is known of the domain ${excerpt(text)}.`, {
    exit: 2,
    hint: near === null ? `npx postern add ${excerpt(text)} writes its file.` : `Did you mean ${near}?`,
  });
}
