import { organisationalDomain } from './organisation.ts';
import type { DkimVerdict } from './rows.ts';

/** What a verifier found of one DKIM-Signature of a mail (RFC 6376 §6.1). */
export interface SignatureOutcome {
  /** no-key: the DNS holds no key (any more) · no-answer: the DNS did not answer · broken: anything else that is not a pass */
  readonly outcome: 'verified' | 'broken' | 'no-key' | 'no-answer';
  /** The d= domain. */
  readonly domain: string;
  readonly selector: string;
  /** The key record that was used, or null. */
  readonly key: string | null;
  /** It carries `l=`, so that bytes could have been added: RFC 8460 §3 forbids it. */
  readonly partial: boolean;
}

export interface SignatureVerdict {
  readonly dkim: DkimVerdict;
  readonly domain: string | null;
  readonly selector: string | null;
  readonly key: string | null;
}

/** Best first: a proof, then what could still become one, then the most telling failure. */
const ORDER: readonly DkimVerdict[] = ['pass', 'temporary', 'misaligned', 'fail', 'unverifiable'];

/**
 * The verdict over all signatures of one mail. A signature speaks for the submitter when both have the same organisational
 * domain (RFC 8460 §5.3; `corp.mail.ru` signs for `mail.ru`). The submitter is the host of contact-info, because the body
 * is authoritative (§5.6), else of `TLS-Report-Submitter`; with neither, nothing can be aligned.
 */
export function judgeSignatures(signatures: readonly SignatureOutcome[], submitter: string | null): SignatureVerdict {
  const organisation = submitter === null ? null : organisationalDomain(submitter);
  let best: SignatureVerdict = { dkim: 'none', domain: null, selector: null, key: null };
  for (const signature of signatures) {
    const aligned = organisation !== null && organisationalDomain(signature.domain) === organisation;
    const dkim = verdictOf(signature, aligned);
    if (best.dkim !== 'none' && ORDER.indexOf(dkim) >= ORDER.indexOf(best.dkim)) continue;
    best = { dkim, domain: signature.domain, selector: signature.selector, key: signature.key };
  }
  return best;
}

function verdictOf(signature: SignatureOutcome, aligned: boolean): DkimVerdict {
  if (signature.partial) return 'fail';
  switch (signature.outcome) {
    case 'verified':
      return aligned ? 'pass' : 'misaligned';
    case 'broken':
      return 'fail';
    case 'no-key':
      return 'unverifiable';
    case 'no-answer':
      return 'temporary';
  }
}
