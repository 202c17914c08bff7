/** The CAs that issue for policy hosts: the names they check in CAA records, and how their issuer names read. */
const ISSUERS: readonly (readonly [issuer: RegExp, names: readonly string[]])[] = [
  [/Let's Encrypt|\bISRG\b/i, ['letsencrypt.org']],
  [/Google Trust Services/i, ['pki.goog']],
  [
    /ZeroSSL|Sectigo|COMODO|USERTRUST/i,
    ['sectigo.com', 'comodoca.com', 'comodo.com', 'usertrust.com', 'trust-provider.com', 'zerossl.com'],
  ],
  [
    /DigiCert|GeoTrust|RapidSSL|Thawte/i,
    ['digicert.com', 'geotrust.com', 'rapidssl.com', 'thawte.com', 'symantec.com', 'digicert.ne.jp'],
  ],
  [/Microsoft (?:Azure|TLS|RSA|ECC|Corporation)/i, ['digicert.com', 'microsoft.com']],
  [/\bAmazon\b/i, ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com']],
  [/GlobalSign/i, ['globalsign.com', 'globalsign.eu']],
  [/Go ?Daddy|Starfield/i, ['godaddy.com', 'starfieldtech.com']],
  [/SSL\.com|SSL Corp/i, ['ssl.com']],
  [/Buypass/i, ['buypass.com', 'buypass.no']],
  [/Entrust/i, ['entrust.net', 'affirmtrust.com', 'sectigo.com']],
  [/IdenTrust/i, ['identrust.com']],
  [/Actalis/i, ['actalis.it']],
  [/Certum|Asseco/i, ['certum.pl', 'certum.eu', 'yandex.ru']],
  [/HARICA|Hellenic Academic/i, ['harica.gr']],
  [/SwissSign/i, ['swisssign.com', 'swisssign.net', 'swisssign.li']],
  [/QuoVadis/i, ['quovadisglobal.com', 'digicert.com']],
  [/T-Systems|TeleSec|Telekom Security/i, ['telesec.de', 'pki.dfn.de', 'dfn.de']],
  [/D-Trust|D-TRUST/i, ['d-trust.net', 'dtrust.de']],
];

/** The names that a CA looks for in CAA records (RFC 8659 §4.2), by the issuer of a certificate of its; null when it is not known. */
export function caaNamesOf(issuer: string): readonly string[] | null {
  return ISSUERS.find(([pattern]) => pattern.test(issuer))?.[1] ?? null;
}

/** What the hosting kinds of the settings obtain certificates from when nothing is known of the certificate in use. */
export const HOSTING_CAA_NAMES = {
  'pages-fleet': ['letsencrypt.org'],
  'pages-here': ['letsencrypt.org'],
  worker: ['letsencrypt.org', 'pki.goog', 'ssl.com', 'sectigo.com'],
  bundle: null,
} as const satisfies Readonly<Record<string, readonly string[] | null>>;
