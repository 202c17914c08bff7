import { type DomainName, parseDomainName } from '../../standards/domain-name.ts';
import type { Mode } from '../../standards/mta-sts-policy.ts';
import { parseReportUri } from '../../standards/tls-rpt-record.ts';
import type { Day } from '../clock.ts';
import { patternsOf } from './rules/mx-rules.ts';
import type { WrittenDomain } from './schema/domain-schema.ts';
import type { DomainConfig, Settings } from './types.ts';

/** Seconds (RFC 8461 §3.2): short while testing so that a change is seen soon, a week once it counts. */
const DEFAULT_MAX_AGE: Readonly<Record<Mode, number>> = { none: 86_400, testing: 86_400, enforce: 604_800 };
const DEFAULT_CLEAN_DAYS = 14;

/** A domain file that schema and rules accept, with every default filled in. */
export function normaliseDomain(input: {
  readonly domain: DomainName;
  readonly file: string;
  readonly customer: string | null;
  readonly written: WrittenDomain;
  /** The file that mx and mode come from: this one, or that of `same_as`. */
  readonly shared: WrittenDomain;
  readonly settings: Settings | null;
}): DomainConfig {
  const { domain, file, customer, written, shared, settings } = input;
  const { mode } = shared;
  if (mode === undefined) throw new RangeError(`${file} has no mode: it was not checked`);
  const sameAs = written.same_as === undefined ? null : parseDomainName(written.same_as);
  return {
    domain,
    file,
    customer,
    mode,
    mx: [...new Set(patternsOf(shared))],
    max_age: written.max_age ?? DEFAULT_MAX_AGE[mode],
    retire: written.retire ?? false,
    same_as: sameAs?.ok === true ? sameAs.value : null,
    hosting: written.hosting ?? null,
    dns: written.dns ?? null,
    delegation: written.delegation ?? 'records',
    rua: written.rua === undefined ? (settings?.reporting.rua ?? []) : reportUris(written.rua),
    dane: {
      managed: written.dane?.managed ?? false,
      required: written.dane?.required ?? false,
      next_keys: distinct(written.dane?.next_keys).map((key) => key.toLowerCase()),
    },
    owners: handles(written.owners),
    oncall: handles(written.oncall),
    digest: distinct(written.digest),
    volume: written.volume ?? 'normal',
    rollout: {
      hold: written.rollout?.hold ?? false,
      clean_days: written.rollout?.clean_days ?? DEFAULT_CLEAN_DAYS,
      reason: written.rollout?.reason ?? null,
    },
    known_sender_issues: (written.known_sender_issues ?? []).map((issue) => ({ ...issue, until: issue.until as Day })),
    overrides: (written.overrides ?? []).map((override) => ({ ...override, until: override.until as Day })),
  };
}

/** With the scheme in lower case, each once, in the order written. */
export function reportUris(written: readonly string[]): readonly string[] {
  return distinct(
    written.flatMap((uri) => {
      const parsed = parseReportUri(uri);
      return parsed.ok ? [parsed.value] : [];
    }),
  );
}

/** YAML forbids a bare leading @, so it may be left out. */
export function handles(written: readonly string[] | undefined): readonly string[] {
  return distinct(written?.map((handle) => (handle.startsWith('@') ? handle : `@${handle}`)));
}

export function distinct(values: readonly string[] | undefined): readonly string[] {
  return [...new Set(values)];
}
