import { DER, type DerValue, derAt, derChildren, derHex } from './der.ts';

/** Fields of a certificate (RFC 5280 §4) as its bytes have them, for what Node does not tell or tells ambiguously. */
export interface CertificateFields {
  /** §4.2.1.6 dNSName. Hostile text. */
  readonly dnsNames: readonly string[];
  /** §4.2.2.1 id-ad-caIssuers: addresses where its issuer can be fetched. Hostile text. */
  readonly issuers: readonly string[];
  /** §4.2.1.13: addresses of lists for every reason, by its own issuer. Hostile text. */
  readonly revocationLists: readonly string[];
}

const SUBJECT_ALT_NAME = '551d11';
const AUTHORITY_INFO_ACCESS = '2b06010505070101';
const CA_ISSUERS = '2b06010505073002';
const CRL_DISTRIBUTION_POINTS = '551d1f';
/** GeneralName [2] dNSName and [6] uniformResourceIdentifier. */
const DNS_NAME = 0x82;
const URI = 0x86;
const EXTENSIONS = 0xa3;
const MAX_URLS = 4;
const MAX_NAMES = 1000;
const NONE = new Uint8Array(0);

/** From the DER of a whole certificate; what cannot be read is left empty. */
export function certificateFields(certificate: Uint8Array): CertificateFields {
  const [tbs] = derChildren(derAt(certificate)?.content ?? NONE);
  const fields = [...derChildren(tbs?.content ?? NONE)];
  const extensions = extensionsOf(fields);
  const held = (id: string): Iterable<DerValue> => {
    const value = extensions.get(id);
    return derChildren(value === undefined ? NONE : (derAt(value)?.content ?? NONE));
  };
  return {
    dnsNames: [...held(SUBJECT_ALT_NAME)]
      .filter(({ tag }) => tag === DNS_NAME)
      .slice(0, MAX_NAMES)
      .map(({ content }) => ascii(content)),
    issuers: [...held(AUTHORITY_INFO_ACCESS)].flatMap(issuerUrl).slice(0, MAX_URLS),
    revocationLists: [...held(CRL_DISTRIBUTION_POINTS)].flatMap(wholeLists).slice(0, MAX_URLS),
  };
}

function extensionsOf(fields: readonly DerValue[]): ReadonlyMap<string, Uint8Array> {
  const extensions = new Map<string, Uint8Array>();
  const field = fields.find(({ tag }) => tag === EXTENSIONS);
  for (const extension of derChildren(derAt(field?.content ?? NONE)?.content ?? NONE)) {
    const parts = [...derChildren(extension.content)];
    const [id] = parts;
    const value = parts.at(-1);
    if (id?.tag === DER.oid && value?.tag === DER.octetString) extensions.set(derHex(id.content), value.content);
  }
  return extensions;
}

function issuerUrl(access: DerValue): readonly string[] {
  const [method, location] = [...derChildren(access.content)];
  const isIssuer = method !== undefined && derHex(method.content) === CA_ISSUERS && location?.tag === URI;
  return isIssuer ? [ascii(location.content)] : [];
}

/** DistributionPoint: distributionPoint [0] { fullName [0] }, reasons [1], cRLIssuer [2]. */
function wholeLists(point: DerValue): readonly string[] {
  const parts = [...derChildren(point.content)];
  if (parts.some(({ tag }) => (tag & 0x1f) !== 0)) return [];
  const name = parts[0] === undefined ? null : derAt(parts[0].content);
  if (name?.tag !== 0xa0) return [];
  return [...derChildren(name.content)].filter(({ tag }) => tag === URI).map(({ content }) => ascii(content));
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 2000));
}
