import { addDays, type Day, dayOf, type Instant } from '../../clock.ts';
import type { DomainConfig } from '../../config/types.ts';

/**
 * Every danger that `plan` refuses, by its permanent code, in one sentence each; docs/rollout.md shows this table.
 * `override`: the name a person writes under `overrides` when it is safe all the same; null: never.
 */
export const REFUSALS = {
  'promotion-guard': {
    about: 'Enforce is asked for before the promotion guard is met, or where it cannot be known.',
    override: 'promotion-guard',
  },
  'mx-not-covered': {
    about: 'An MX host in DNS matches no pattern: senders could not deliver to it.',
    override: null,
  },
  'mx-removed': {
    about: 'A pattern is removed while its MX host is still in DNS: take the MX out of DNS first.',
    override: null,
  },
  'out-of-sync': {
    about: 'The policy host serves other bytes than the version that was published last.',
    override: null,
  },
  'certificate-expired': {
    about: 'A certificate of an MX host or of the policy host has expired.',
    override: null,
  },
  'retire-first': {
    about: 'The file is gone while its policy is in service: cached copies go on. Retire it first.',
    override: null,
  },
  'retirement-window': {
    about: 'The file is gone before every cached policy has expired.',
    override: null,
  },
  'max-age-bounds': {
    about: '`max_age` is below 86400 in enforce, or above 31557600.',
    override: null,
  },
  'mass-change': {
    about: 'More than 30 % of ten or more domains would change at once.',
    override: 'mass-change',
  },
  'txt-not-ours': {
    about: 'The TXT record at `_mta-sts` carries an id that Postern never published.',
    override: 'txt-not-ours',
  },
  'mx-null': {
    about: 'The domain has a null MX: it receives no mail, so a policy means nothing.',
    override: null,
  },
  'caa-blocks': {
    about: 'CAA records forbid the certificate authority of the hosting.',
    override: 'caa-blocks',
  },
  configuration: {
    about: 'The domain’s file has errors: what it asks for cannot be known.',
    override: null,
  },
} as const satisfies Readonly<Record<string, { readonly about: string; readonly override: string | null }>>;

export type RefusalCode = keyof typeof REFUSALS;

/** Why a change is not carried out. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What is wrong and what to do, in words. May hold text from DNS: printable, but not safe in Markdown. */
  readonly reason: string;
  /** What to write under `overrides`; null: nothing lifts it. */
  readonly override: string | null;
}

/** A refusal that a person has lifted in the domain's file. */
export interface LiftedRefusal extends Refusal {
  readonly lifted_by: { readonly reason: string; readonly until: Day };
}

export function refuse(code: RefusalCode, reason: string): Refusal {
  return { code, reason, override: REFUSALS[code].override };
}

/** Days that a proposed override lasts: long enough for the change, too short to be forgotten. */
const OVERRIDE_DAYS = 14;

/** The line that a person adds to the domain's file to lift these refusals; null when nothing lifts them. */
export function overrideLine(refusals: readonly Refusal[], now: Instant): string | null {
  const names = new Set(refusals.flatMap(({ override }) => override ?? []));
  if (names.size === 0) return null;
  const until = addDays(dayOf(now), OVERRIDE_DAYS);
  const entries = [...names].map((code) => `{ code: ${code}, reason: "why it is safe", until: ${until} }`);
  return `overrides: [${entries.join(', ')}]`;
}

/** Overrides count to the end of their last day; those of the settings count for every domain. */
export function withOverrides(
  refusals: readonly Refusal[],
  overrides: DomainConfig['overrides'],
  now: Instant,
): { readonly refusals: readonly Refusal[]; readonly lifted: readonly LiftedRefusal[] } {
  const today = dayOf(now);
  const standing: Refusal[] = [];
  const lifted: LiftedRefusal[] = [];
  for (const refusal of refusals) {
    const override = overrides.find(({ code, until }) => code === refusal.override && until >= today);
    if (override === undefined) standing.push(refusal);
    else lifted.push({ ...refusal, lifted_by: { reason: override.reason, until: override.until } });
  }
  return { refusals: standing, lifted };
}
