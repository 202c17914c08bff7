import type { ObservationSpan } from '../probe/observation-span.ts';
import { type CertificateRecord, renewals } from './certificates.ts';
import { type Html, html } from './html.ts';
import { dayText, number, table } from './report-parts.ts';

/** Each certificate that a host presented, and how many were renewed. */
export function certificateSection(certificates: readonly CertificateRecord[]): Html {
  if (certificates.length === 0) return html`<p>No probe saw a certificate in the month.</p>`;
  return html`<p>${renewals(certificates)}</p>${table(
    'Certificates seen on MX and policy hosts. Days in UTC; lists/certificates.csv has the moments.',
    ['Host', 'Serial', 'Issuer', 'Valid from', 'to', 'Seen from', 'to'],
    certificates.map(
      (one) =>
        html`<tr><th scope="row">${one.host}<br><span class="q">${one.address}</span></th><td><code>${one.serial}</code></td><td class="g">${one.issuer}</td><td>${dayText(one.not_before)}</td><td>${dayText(one.not_after)}</td><td>${dayText(one.first)}</td><td>${dayText(one.last)}</td></tr>
`,
    ),
  )}`;
}

/** TLSA records of each MX host, and whether what it presented matched (RFC 7672). */
export function daneSection(spans: readonly ObservationSpan[]): Html {
  const dane = spans.filter(({ kind }) => kind === 'dane');
  if (dane.length === 0) return html`<p>No probe looked at TLSA records in the month.</p>`;
  return table(
    'What was seen at each MX host, folded where it did not change (RFC 7672). Days in UTC.',
    ['Domain', 'MX host', 'Of', 'State', 'From', 'To', '#Looks'],
    dane.map(
      (one) =>
        html`<tr><th scope="row">${one.domain ?? ''}</th><td>${one.subject}</td><td>${one.address ?? 'the records'}</td><td>${stateOf(one)}</td><td>${dayText(one.first)}</td><td>${dayText(one.at)}</td><td class="n">${number(one.looks)}</td></tr>
`,
    ),
  );
}

/** A host without TLSA records is no host that matches them. */
function stateOf({ outcome, code, facts, address }: ObservationSpan): Html {
  if (outcome === 'unknown') return html`not known: <code>${code}</code>`;
  if (outcome === 'bad') return html`<code>${code}</code>`;
  if (facts['dane'] !== true) return html`no DANE${facts['signed'] === false ? ': the zone is not signed' : ''}`;
  return html`${address === null ? 'sound' : 'what is presented matches'}`;
}
