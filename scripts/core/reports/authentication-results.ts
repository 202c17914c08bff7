import { organisationalDomain } from './organisation.ts';
import type { SignatureOutcome, SignatureVerdict } from './signatures.ts';

/** A DKIM signature that an Authentication-Results field calls valid. */
export interface VouchedSignature {
  /** Of d=, in lower case. */
  readonly domain: string;
  readonly selector: string | null;
}

const FIELD_CHARACTERS = 20_000;
/** A value with its comments taken out: `pass`, `"quoted"`, `example.com`. */
const PROPERTY = /\bheader\.(d|i|s)\s*=\s*(?:"([^"]*)"|([^\s;"]+))/gi;

/**
 * The DKIM signatures that our own MX found valid (RFC 8601 §2.2), by the topmost Authentication-Results field of a mail;
 * none when another server wrote it. What strangers put into their mail stands below what the MX adds, and an MX removes
 * fields that carry its own name (RFC 8601 §5): only therefore is the topmost one believed.
 */
export function vouchedSignatures(field: string | null, authservIds: readonly string[]): readonly VouchedSignature[] {
  if (field === null || field.length > FIELD_CHARACTERS || authservIds.length === 0) return [];
  const [head = '', ...results] = withoutComments(field).split(';');
  const [id = '', version] = head.trim().split(/\s+/);
  const known = authservIds.includes(id.replace(/^"|"$/g, '').toLowerCase());
  if (!known || (version !== undefined && version !== '1')) return [];
  return results.flatMap((result) => {
    if (!/^\s*dkim\s*(?:\/\s*1\s*)?=\s*pass(?![A-Za-z0-9-])/i.test(result)) return [];
    const properties = new Map<string, string>();
    for (const [, name = '', quoted, bare] of result.matchAll(PROPERTY)) {
      properties.set(name.toLowerCase(), (quoted ?? bare ?? '').toLowerCase());
    }
    const domain = properties.get('d') ?? properties.get('i')?.split('@').at(-1);
    return domain === undefined ? [] : [{ domain: domain.replace(/\.$/, ''), selector: properties.get('s') ?? null }];
  });
}

/**
 * The verdict when a signature that could not be verified here was valid when our MX saw it: its key has gone, the DNS does
 * not answer, it has expired, or something changed the mail on the way to us. One with `l=` stays refused (RFC 8460 §3).
 */
export function verdictByOwnMx(
  own: SignatureVerdict,
  signatures: readonly SignatureOutcome[],
  vouched: readonly VouchedSignature[],
  submitter: string | null,
): SignatureVerdict {
  const organisation = submitter === null ? null : organisationalDomain(submitter);
  if (own.dkim === 'pass' || organisation === null) return own;
  for (const { domain, selector } of vouched) {
    if (organisationalDomain(domain) !== organisation) continue;
    // The field must speak of a signature that is there, and whole.
    const meant = signatures.filter(
      (one) => one.domain === domain && (selector === null || one.selector.toLowerCase() === selector),
    );
    if (meant.length === 0 || meant.some(({ partial }) => partial)) continue;
    return { dkim: 'pass', domain, selector: meant[0]?.selector ?? null, key: null };
  }
  return own;
}

/** Comments may nest (RFC 5322 §3.2.2). */
function withoutComments(text: string): string {
  let depth = 0;
  let quoted = false;
  let kept = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\' && (quoted || depth > 0)) {
      if (depth === 0) kept += text.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (depth === 0 && character === '"') quoted = !quoted;
    if (!quoted && character === '(') depth += 1;
    else if (!quoted && character === ')' && depth > 0) depth -= 1;
    else if (depth === 0) kept += character;
  }
  return kept;
}
