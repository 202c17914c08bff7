import { DER, derAt, derChildren, derHex } from './der.ts';

/** 1.2.840.113549.1.7.2. */
const SIGNED_DATA = '2a864886f70d010702';
/** Both [0]: the content, EXPLICIT, and in it the certificates, IMPLICIT. */
const CONTEXT_0 = 0xa0;
const MAX_CERTIFICATES = 20;

/**
 * The certificates of a certs-only CMS message (RFC 5652 §5.1), which CAs may serve where they name an issuer (RFC 5280
 * §4.2.2.1), each in DER. What it is signed with is not asked: a certificate proves itself. Empty for anything else.
 */
export function certificateBundle(bytes: Uint8Array): readonly Uint8Array[] {
  const message = derAt(bytes);
  if (message?.tag !== DER.sequence) return [];
  const [type, content] = derChildren(message.content);
  if (type?.tag !== DER.oid || derHex(type.content) !== SIGNED_DATA || content?.tag !== CONTEXT_0) return [];
  const signed = derAt(content.content);
  if (signed?.tag !== DER.sequence) return [];
  for (const part of derChildren(signed.content)) {
    if (part.tag !== CONTEXT_0) continue;
    const certificates: Uint8Array[] = [];
    for (const { tag, whole } of derChildren(part.content)) {
      if (tag === DER.sequence) certificates.push(whole);
      if (certificates.length === MAX_CERTIFICATES) break;
    }
    return certificates;
  }
  return [];
}
