import { getPublicSuffix } from 'tldts';
import { type MxPattern, matchesMx, parseMxPattern } from '../../../standards/mx-pattern.ts';
import type { Remark } from '../remark.ts';
import { SHARED_PROVIDERS } from './shared-providers.ts';
import type { DomainRule, Subject } from './subject.ts';

/** The patterns the schema accepted, in the order written, with their place in the list. */
export function patternsOf(written: Subject['written']): readonly MxPattern[] {
  return (written.mx ?? []).flatMap((text) => {
    const parsed = parseMxPattern(text);
    return parsed.ok ? [parsed.value] : [];
  });
}

/** What stands after `*.`; null for an exact name. */
function wildcardBase(pattern: MxPattern): string | null {
  return pattern.startsWith('*.') ? pattern.slice(2) : null;
}

/** RFC 8461 §10.3 rests on patterns that name only hosts of the domain’s own mail. */
export const patternBroad: DomainRule = ({ written }) =>
  patternsOf(written).flatMap((pattern, index): Remark[] => {
    const base = wildcardBase(pattern);
    if (base === null) return [];
    const path = ['mx', index];
    if (getPublicSuffix(base) === base) {
      const message = `\`${pattern}\` covers hosts of anybody: names below \`${base}\` are open to registration.`;
      return [{ rule: 'pattern-broad', path, message, hint: 'Write the exact MX host names.' }];
    }
    if (getPublicSuffix(base, { allowPrivateDomains: true }) === base) {
      const message = `\`${pattern}\` covers hosts of every customer: \`${base}\` hands out names below it.`;
      return [{ rule: 'pattern-broad', severity: 'warning', path, message, hint: 'Write the exact MX host names.' }];
    }
    const provider = SHARED_PROVIDERS.find(({ zone }) => zone === base);
    if (provider === undefined) return [];
    const message = `\`${pattern}\` covers far more of ${provider.name} than its mail hosts.`;
    return [{ rule: 'pattern-broad', severity: 'warning', path, message, hint: `Write ${provider.write}.` }];
  });

/** A pattern that covers nothing protects nothing, and in enforce keeps mail away (RFC 8461 §5). */
export const patternNeverMatches: DomainRule = ({ written }) => {
  const patterns = patternsOf(written);
  return patterns.flatMap((pattern, index): Remark[] => {
    const path = ['mx', index];
    const base = wildcardBase(pattern);
    if (base === null && !pattern.includes('.')) {
      const message = `\`${pattern}\` is one label; the names in MX records are full names.`;
      return [
        {
          rule: 'pattern-never-matches',
          path,
          message,
          hint: `Write the whole host name, such as ${pattern}.example.com.`,
        },
      ];
    }
    if (base === null) return [];
    // The shortest host is one letter and a dot longer than the base; 253 is what DNS can hold (RFC 1035 §2.3.4).
    if (base.length > 251) {
      const message = 'A host below this name would be longer than 253 characters.';
      return [{ rule: 'pattern-never-matches', path, message, hint: 'Write the exact MX host names.' }];
    }
    return providerNeverMatches(pattern, base, patterns).map((remark) => ({ ...remark, path }));
  });
};

/** RFC 8461 §4.1: `*` is exactly one label, so `*.google.com` does not cover `aspmx.l.google.com`. */
function providerNeverMatches(
  pattern: MxPattern,
  base: string,
  patterns: readonly MxPattern[],
): Omit<Remark, 'path'>[] {
  const provider = SHARED_PROVIDERS.find(({ zone }) => base === zone || base.endsWith(`.${zone}`));
  const hosts = provider?.hosts.filter((host) => host.endsWith(`.${base}`)) ?? [];
  // Exact names or better wildcards beside it show that somebody knows what their MX is.
  const covered = patterns.some((other) =>
    wildcardBase(other) === null ? other.endsWith(`.${base}`) : hosts.some((host) => matchesMx(other, host)),
  );
  if (provider === undefined || hosts.length === 0 || covered) return [];
  const message = `\`${pattern}\` does not cover ${provider.name}’s ${hosts[0]}: \`*\` is exactly one label (RFC 8461 §4.1).`;
  return [{ rule: 'pattern-never-matches', severity: 'warning', message, hint: `Write ${provider.write}.` }];
}

export const patternDuplicate: DomainRule = ({ written }) => {
  const patterns = patternsOf(written);
  return patterns.flatMap((pattern, index): Remark[] =>
    patterns.indexOf(pattern) === index
      ? []
      : [
          {
            rule: 'pattern-duplicate',
            path: ['mx', index],
            message: `\`${pattern}\` stands in the list already.`,
            hint: 'Remove one of them.',
          },
        ],
  );
};

export const patternCovered: DomainRule = ({ written }) => {
  const patterns = patternsOf(written);
  const wildcards = patterns.filter((pattern) => wildcardBase(pattern) !== null);
  return patterns.flatMap((pattern, index): Remark[] => {
    if (wildcardBase(pattern) !== null) return [];
    const wildcard = wildcards.find((candidate) => matchesMx(candidate, pattern));
    if (wildcard === undefined) return [];
    const message = `\`${pattern}\` is covered by \`${wildcard}\` already.`;
    return [
      {
        rule: 'pattern-covered',
        path: ['mx', index],
        message,
        hint: 'Keep the exact names and drop the wildcard, or the other way round.',
      },
    ];
  });
};
