import { excerpt } from './excerpt.ts';
import type { Fault } from './parsed.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** No top-level domain is all digits (RFC 3696 §2): a name that ends so is an address or a slip. */
const DOMAIN = new RegExp(`^(?:${LABEL}\\.)*(?!\\d+$)${LABEL}$`);
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const MAX_LENGTH = 253;
const MAX_LABEL = 63;

/** RFC 5321 §4.1.2 `Domain` in lower case: LDH labels of at most 63, 253 in all, no root dot, not an address. */
export function isDomainSyntax(name: string): boolean {
  return name.length <= MAX_LENGTH && DOMAIN.test(name);
}

/** Why a lower-case name is not an RFC 5321 §4.1.2 `Domain`; each kind of fault at most once, none when it is one. */
export function domainSyntaxFaults(name: string): readonly Fault[] {
  if (isDomainSyntax(name)) return [];
  const shown = excerpt(name);
  if (name === '') return [{ code: 'domain-empty', message: 'The domain name is empty (RFC 5321 §4.1.2).' }];
  if (IPV4.test(name) || name.startsWith('[') || /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*$/.test(name)) {
    const message = `\`${shown}\` is an address; a name is needed here (RFC 5321 §4.1.2).`;
    return [{ code: 'domain-address', message }];
  }

  const faults: Fault[] = [];
  if (name.length > MAX_LENGTH) {
    const message = `The name has ${name.length} characters; at most ${MAX_LENGTH} are possible (RFC 1035 §2.3.4).`;
    faults.push({ code: 'domain-too-long', message });
  }
  const strange = /[^a-z0-9.-]/u.exec(name);
  if (strange) {
    const message = `\`${shown}\` holds \`${excerpt(strange[0])}\`; only letters, digits and hyphens may stand between the dots (RFC 5321 §4.1.2).`;
    faults.push({ code: 'domain-characters', message });
  }
  const labels = name.split('.', MAX_LENGTH);
  if (labels.includes('')) {
    const message = `\`${shown}\` has an empty label: a dot at its start or end, or two in a row (RFC 5321 §4.1.2).`;
    faults.push({ code: 'domain-empty-label', message });
  }
  const long = labels.find((label) => label.length > MAX_LABEL);
  if (long !== undefined) {
    const message = `The label \`${excerpt(long)}\` has ${long.length} characters; at most ${MAX_LABEL} are possible (RFC 1035 §2.3.4).`;
    faults.push({ code: 'domain-long-label', message });
  }
  const hyphen = labels.find((label) => label.startsWith('-') || label.endsWith('-'));
  if (hyphen !== undefined) {
    const message = `The label \`${excerpt(hyphen)}\` begins or ends with a hyphen (RFC 5321 §4.1.2).`;
    faults.push({ code: 'domain-hyphen', message });
  }
  if (/^\d+$/.test(labels.at(-1) ?? '')) {
    const message = `\`${shown}\` ends in digits alone, and no top-level domain does (RFC 3696 §2).`;
    faults.push({ code: 'domain-numeric', message });
  }
  return faults;
}
