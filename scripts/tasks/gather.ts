import { reviewDomains } from '../core/analysis/review.ts';
import { addDays, dayOf, type Instant } from '../core/clock.ts';
import type { Configuration, DomainConfig } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { nearest } from '../core/near.ts';
import type { ReportsView } from '../core/reports/view.ts';
import type { Review } from '../core/review.ts';
import type { UnreadablePart } from '../io/store/readable-parts.ts';
import { parseDomainName } from '../standards/domain-name.ts';
import { excerpt } from '../standards/excerpt.ts';
import { loadConfiguration } from './load-configuration.ts';
import { openReportStore } from './open-report-store.ts';

/** Days that are looked at, today included: the pages show as many, and every rule needs fewer. */
const WINDOW_DAYS = 90;

export interface GatherOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  /** None = all. */
  readonly domains?: readonly string[];
}

export interface Gathered {
  readonly configuration: Configuration;
  /** Of the domains asked for. */
  readonly reports: ReportsView;
  readonly review: Review;
  /** Stored files that could not be read: their reports are missing from every figure. */
  readonly unreadable: readonly UnreadablePart[];
}

/**
 * Everything that is known of the domains at `now`, and what follows from it. A domain whose file has errors is left
 * out, and `configuration.problems` says so. Throws `configuration-invalid` or `domain-unknown` (exit 2).
 */
export async function gather({ root, data, now, domains = [] }: GatherOptions): Promise<Gathered> {
  const configuration = await loadConfiguration(root);
  const asked = domainsAsked(configuration, domains);
  const store = await openReportStore(data);
  try {
    const from = addDays(dayOf(now), 1 - WINDOW_DAYS);
    const reports = await store.view({ domains: asked.map(({ domain }) => domain), from, now });
    const review = reviewDomains({ domains: asked, reports, now });
    return { configuration, reports, review, unreadable: store.unreadable };
  } finally {
    await store.close();
  }
}

function domainsAsked(configuration: Configuration, names: readonly string[]): readonly DomainConfig[] {
  const { settings, domains, problems } = configuration;
  if (settings === null) {
    const first = problems.find(({ severity }) => severity === 'error');
    const why = first === undefined ? '' : ` ${first.file}: ${first.message}`;
    throw new PosternError('configuration-invalid', `The settings cannot be used.${why}`, { hint: CHECK, exit: 2 });
  }
  if (names.length === 0) return domains;
  const byName = new Map<string, DomainConfig>(domains.map((config) => [config.domain, config]));
  return [...new Set(names.map((name) => byName.get(canonical(name)) ?? unknownDomain(name, configuration)))];
}

const CHECK = 'npx postern check tells every problem of the configuration.';

function canonical(name: string): string {
  const parsed = parseDomainName(name);
  return parsed.ok ? parsed.value : name;
}

function unknownDomain(name: string, { domains, problems }: Configuration): never {
  const broken = problems.find(
    ({ severity, file }) => severity === 'error' && file.endsWith(`/${canonical(name)}.yaml`),
  );
  if (broken !== undefined) {
    const message = `${broken.file} has errors, so ${excerpt(name)} cannot be reviewed.`;
    throw new PosternError('configuration-invalid', message, { hint: CHECK, exit: 2 });
  }
  const near = nearest(
    name,
    domains.map(({ domain }) => domain),
  );
  throw new PosternError('domain-unknown', `There is no file for the domain ${excerpt(name)} under domains/.`, {
    hint: near === null ? 'Domains are named by their files: domains/<domain>.yaml.' : `Did you mean ${near}?`,
    exit: 2,
  });
}
