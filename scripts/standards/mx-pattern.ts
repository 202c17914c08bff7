import { toALabels } from './a-label.ts';
import { parseHostName } from './domain-name.ts';
import { domainSyntaxFaults, isDomainSyntax } from './domain-syntax.ts';
import { excerpt } from './excerpt.ts';
import type { Fault, Parsed } from './parsed.ts';

/** One `mx` value of an MTA-STS policy in lower case: `mx1.example.com` or `*.example.com`. */
export type MxPattern = string & { readonly __mxPattern: never };

/** RFC 8461 §3.2 `["*."] Domain`: A-labels only, no root dot, no underscore. Lint: `pattern-case`. */
export function parseMxPattern(text: string): Parsed<MxPattern> {
  // Only ASCII is folded: toLowerCase() would turn a Kelvin sign into the letter k.
  const pattern = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const domain = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  if (!isDomainSyntax(domain)) return { ok: false, faults: patternFaults(pattern, domain) };
  const lints: Fault[] = [];
  if (pattern !== text) {
    const message = `Write the pattern in lower case, \`${pattern}\`; it is compared without case (RFC 8461 §4.1).`;
    lints.push({ code: 'pattern-case', message });
  }
  return { ok: true, value: pattern as MxPattern, lints };
}

/**
 * RFC 8461 §4.1: does the pattern cover this MX host name (the name in the MX record, not a CNAME's target)?
 * `*` is exactly the whole left-most label. Names compare as A-labels without case and root dot.
 */
export function matchesMx(pattern: MxPattern, host: string): boolean {
  const name: string | null = parseHostName(host);
  if (name === null) return false;
  if (!pattern.startsWith('*.')) return name === pattern;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === pattern.slice(1);
}

/** The frequent slips by name; otherwise what is wrong with the domain. */
function patternFaults(pattern: string, domain: string): readonly Fault[] {
  const shown = excerpt(pattern);
  if (domain.includes('*')) {
    const message = `\`${shown}\`: a star can only be the whole first label, as in \`*.example.com\` (RFC 8461 §4.1).`;
    return [{ code: 'pattern-star', message }];
  }
  if (/[\s,]/.test(pattern)) {
    const message = `\`${shown}\` is not one name: one pattern each, without a preference (RFC 8461 §3.2).`;
    return [{ code: 'pattern-not-one', message }];
  }
  const ascii = /[^\p{ASCII}]/u.test(domain) ? toALabels(domain) : null;
  if (ascii !== null) {
    const aLabel = `${pattern.startsWith('*.') ? '*.' : ''}${ascii}`;
    const message = `\`${shown}\` must be written in A-labels: \`${aLabel}\` (RFC 8461 §3.2).`;
    return [{ code: 'pattern-u-label', message }];
  }
  return domainSyntaxFaults(domain);
}
