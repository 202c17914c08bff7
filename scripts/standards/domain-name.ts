import { toALabels, toULabels } from './a-label.ts';
import { domainSyntaxFaults, isDomainSyntax } from './domain-syntax.ts';
import { excerpt } from './excerpt.ts';
import type { Fault, Parsed } from './parsed.ts';
import { isPlainLabel } from './plain-label.ts';

/** A name as the DNS shows it, which may hold underscores: lower-case A-labels without the root dot, `mx_1.example.com`. */
export type HostName = string & { readonly __hostName: never };

/** A host or mail domain name in lower-case A-labels without the root dot, `mx1.example.com`. */
export type DomainName = HostName & { readonly __domainName: never };

const HOST = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!\d+$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * RFC 5321 §4.1.2 `Domain` of at least two labels, from what a person or a standard wrote. Case is folded, U-labels
 * become A-labels (RFC 5891 §5). Lints: `trailing-dot`, `idn-mapped` (characters were dropped or replaced on the way),
 * `a-label-invalid` (an `xn--` label that stands for nothing).
 */
export function parseDomainName(text: string): Parsed<DomainName> {
  if (isDomainSyntax(text) && text.includes('.') && !text.includes('xn--')) {
    return { ok: true, value: text as DomainName, lints: [] };
  }
  const lints: Fault[] = [];
  let written = text;
  if (/[^.]\.$/.test(text)) {
    written = text.slice(0, -1);
    lints.push({ code: 'trailing-dot', message: 'Leave out the final dot: RFC 5321 §4.1.2 names have none.' });
  }
  const name = /^\p{ASCII}*$/u.test(written) ? written.toLowerCase() : toALabels(written);
  if (name === null) {
    const message = `\`${excerpt(text)}\` is not an internationalised name either (RFC 5891 §5): use letters, digits, hyphens and dots.`;
    return { ok: false, faults: [{ code: 'domain-characters', message }] };
  }
  const faults = domainSyntaxFaults(name);
  if (faults.length > 0) return { ok: false, faults };
  if (!name.includes('.')) {
    const message = `\`${excerpt(name)}\` is one label; a full name such as \`${excerpt(name)}.example.com\` is needed (RFC 5321 §2.3.5).`;
    return { ok: false, faults: [{ code: 'domain-single-label', message }] };
  }
  const unicode = toULabels(name);
  if (unicode === null) {
    const message = `\`${excerpt(name)}\` has an \`xn--\` label that stands for no name (RFC 5891 §5.4).`;
    lints.push({ code: 'a-label-invalid', message });
  } else if (name !== written.toLowerCase() && unicode !== written.normalize('NFC').toLowerCase()) {
    const message = `\`${excerpt(written)}\` was read as \`${name}\`: some of its characters do not exist in names (UTS #46). Write the name as it is.`;
    lints.push({ code: 'idn-mapped', message });
  }
  return { ok: true, value: name as DomainName, lints };
}

/**
 * A name from a DNS answer or a report: root dot stripped, case folded, U-labels as A-labels, underscores allowed.
 * Null for what is not the name of a host, such as an address, `.` (RFC 7505 §3) or an escaped label.
 */
export function parseHostName(text: string): HostName | null {
  if (text.length <= 253 && HOST.test(text)) return text as HostName;
  if (text.length > 1000) return null;
  const written = text.endsWith('.') ? text.slice(0, -1) : text;
  const name = /^\p{ASCII}*$/u.test(written) ? written.toLowerCase() : toALabels(written);
  return name !== null && name.length <= 253 && HOST.test(name) ? (name as HostName) : null;
}

/** The name for a person's eyes: U-labels where every label can be read without being misled, else the A-labels. */
export function displayDomainName(name: string): string {
  if (!name.includes('xn--') || name.length > 253) return name;
  const unicode = toULabels(name);
  return unicode?.split('.').every(isPlainLabel) ? unicode : name;
}
