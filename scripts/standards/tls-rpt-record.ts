import { parseDomainName } from './domain-name.ts';
import { excerpt } from './excerpt.ts';
import type { Fault, Parsed } from './parsed.ts';
import { type RecordKind, readExtensions, readRecordFields, selectRecord } from './txt-record.ts';

/** The TXT record at `_smtp._tls.<policy domain>` (RFC 8460 §3). */
export interface TlsRptRecord {
  /** Usable report URIs, `mailto:` or `https:`, in the order written; at least one. */
  readonly rua: readonly string[];
  readonly extensions: readonly { readonly key: string; readonly value: string }[];
}

const KIND: RecordKind = { version: 'v=TLSRPTv1', owner: '_smtp._tls', clause: 'RFC 8460 §3' };
/** RFC 3986 §2 characters without `!`, `,` and `;`, which RFC 8460 §3 wants percent-encoded. */
const URI = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9._~:/?#[\]@$&'()*+=-]|%[0-9a-f]{2})+$/i;

/**
 * The TXT record set at `_smtp._tls`, the strings of each record joined without a space. The fault `record-absent`
 * means that no record claims to be one. Lints: `space-before-semicolon`, `duplicate-field`, `uri-space`, those of
 * parseReportUri, and the faults of a URI that is well-formed but of no use beside one that is.
 */
export function parseTlsRptRecords(records: readonly string[]): Parsed<TlsRptRecord> {
  const faults: Fault[] = [];
  const lints: Fault[] = [];
  const record = selectRecord(records, KIND, lints);
  if (typeof record !== 'string') return { ok: false, faults: [record] };

  const fields = readRecordFields(record, KIND, faults);
  const ruaFields = fields.filter(({ name }) => name === 'rua');
  const others = fields.filter(({ name }) => name !== 'rua');
  const extensions = readExtensions(others, KIND, faults);
  const rua: string[] = [];
  const useless: Fault[] = [];
  for (const { value } of ruaFields) {
    if (/[ \t]/.test(value)) {
      lints.push({ code: 'uri-space', message: 'Write the URIs with a comma and no space between (RFC 8460 §3).' });
    }
    for (const text of value.split(/[ \t]*,[ \t]*/)) {
      const uri = parseReportUri(text);
      if (uri.ok) {
        rua.push(uri.value);
        lints.push(...uri.lints);
      } else (uri.faults[0]?.code === 'uri-syntax' ? faults : useless).push(...uri.faults);
    }
  }
  if (ruaFields.length === 0) {
    faults.push({ code: 'rua-missing', message: 'The record has no `rua=` field (RFC 8460 §3).' });
  } else if (ruaFields.length > 1) {
    const message =
      'The record has several `rua=` fields; RFC 8460 §3 does not say which counts. Put all URIs into one.';
    lints.push({ code: 'duplicate-field', message });
  }
  (rua.length === 0 ? faults : lints).push(...useless);
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, value: { rua, extensions }, lints };
}

/** The record as it is published. Every URI must be a value of parseReportUri. */
export function renderTlsRptRecord(rua: readonly string[]): string {
  return `v=TLSRPTv1; rua=${rua.join(',')}`;
}

/**
 * One report URI (RFC 8460 §3): `mailto:` with one address (RFC 6068) or `https:`; the scheme in lower case. The fault
 * `uri-syntax` is text outside the grammar; `uri-scheme`, `uri-address` and `uri-host` are URIs no report can go to.
 * Lints: `uri-case`, `uri-userinfo`, `uri-query`.
 */
export function parseReportUri(text: string): Parsed<string> {
  const refuse = (code: string, message: string): Parsed<string> => ({ ok: false, faults: [{ code, message }] });
  const shown = excerpt(text);
  if (!URI.test(text)) {
    const hint = /^[^\s:/]+@[^\s:/]+$/.test(text) ? ` Write \`mailto:${shown}\`.` : '';
    const rule = 'a URI with `!`, `,` and `;` percent-encoded is needed';
    return refuse('uri-syntax', `\`${shown}\` is not a report URI: ${rule} (RFC 8460 §3).${hint}`);
  }
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon).toLowerCase();
  const uri = scheme + text.slice(colon);
  const lints: Fault[] = [];
  if (uri !== text) lints.push({ code: 'uri-case', message: `Write the scheme in lower case: \`${excerpt(uri)}\`.` });

  if (scheme === 'mailto') {
    const [address = '', query] = uri.slice(colon + 1).split('?', 2);
    const at = address.lastIndexOf('@');
    if (at < 1 || !parseDomainName(address.slice(at + 1)).ok) {
      return refuse('uri-address', `\`${shown}\` does not name one mail address (RFC 6068 §2).`);
    }
    if (query !== undefined) {
      lints.push({
        code: 'uri-query',
        message: `Leave out \`?${excerpt(query)}\`: the reporter writes the headers (RFC 8460 §5.3).`,
      });
    }
  } else if (scheme === 'https') {
    const authority = /^https:\/\/([^/?#]+)/.exec(uri)?.[1] ?? '';
    const host = authority === '' ? undefined : URL.parse(uri)?.hostname;
    if (host === undefined || !parseDomainName(host).ok) {
      return refuse('uri-host', `\`${shown}\` does not name a host to post to (RFC 8460 §3).`);
    }
    if (authority.includes('@')) {
      lints.push({ code: 'uri-userinfo', message: `\`${shown}\` shows a user or password to everyone.` });
    }
  } else {
    return refuse('uri-scheme', `\`${shown}\`: reports go to \`mailto:\` or \`https:\` only (RFC 8460 §3).`);
  }
  return { ok: true, value: uri, lints };
}
