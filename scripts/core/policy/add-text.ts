import type { NewDomain } from '../config/new-domain.ts';
import { plainText } from '../plain-text.ts';
import type { LiveFacts, Seen } from './live-facts.ts';

export interface Added extends NewDomain {
  readonly domain: string;
  readonly file: string;
  readonly written: boolean;
  readonly yaml: string;
  readonly live: LiveFacts;
}

/** What to do after a domain's file is written, in order. */
export function nextSteps({ domain, file, mode, adopted, delegation, hosting, dns }: Added): readonly string[] {
  return [
    `Read ${file} and mend what is not so.`,
    ...(hosting === null
      ? ['Name a `hosting` in domains/_settings.yaml and in the file, or serve the policy yourself.']
      : []),
    `npx postern plan ${domain} shows the policy, the records and who sets them.`,
    'Open a pull request; after it is merged, npx postern publish does it: the policy host first, then the id in DNS.',
    ...(delegation === 'cname' ? ['Ask the customer for the three CNAMEs that plan prints; they are set once.'] : []),
    ...(dns === null && delegation === 'records'
      ? ['Set the records that plan prints; publish verifies them and goes on.']
      : []),
    mode === 'enforce'
      ? 'The policy stays enforced; watch npx postern status.'
      : adopted
        ? 'The policy stays in testing; npx postern advance proposes enforce when the reports allow it.'
        : 'After 14 clean days npx postern advance proposes enforce, with the evidence.',
  ];
}

export function addText(added: Added): string {
  const { file, written, providers, warnings, yaml, live } = added;
  return [
    `${written ? 'Written' : 'Would be written (dry run)'}: ${file}${providers.length > 0 ? `, ${providers.join(', ')}` : ''}`,
    ...yaml
      .trimEnd()
      .split('\n')
      .map((line) => `    ${plainText(line, 500)}`),
    'Seen:',
    ...seenLines(live).map((line) => `  ${plainText(line, 500)}`),
    ...warnings.map((warning) => `  note: ${plainText(warning, 500)}`),
    'Next:',
    ...nextSteps(added).map((step, index) => `  ${index + 1}. ${step}`),
  ].join('\n');
}

/** What the file rests on, and what decides about certificates and DANE. */
function seenLines({ mx, mta_sts, tls_rpt, secure, caa }: LiveFacts): readonly string[] {
  const texts = (values: readonly string[]): string => (values.length === 0 ? 'none' : values.join(' | '));
  const ours = ({ values }: { readonly values: readonly string[] }): string =>
    texts(values.filter((text) => /^v=(?:STSv1|TLSRPTv1)/i.test(text)));
  return [
    `MX          ${told(mx, ({ hosts, kind }) => texts(hosts.map(({ host, preference }) => (kind === 'hosts' ? `${host} (${preference})` : host))))}`,
    `_mta-sts    ${told(mta_sts, ours)}`,
    `_smtp._tls  ${told(tls_rpt, ours)}`,
    `DNSSEC      ${told(secure, (signed) => (signed ? 'signed' : 'not signed'))}`,
    `CAA         ${told(caa, (records) => (records.length === 0 ? 'none: every authority may issue' : texts(records.map(({ tag, value }) => `${tag} "${value}"`))))}`,
  ];
}

function told<T>(seen: Seen<T>, text: (value: T) => string): string {
  return seen.known ? text(seen.value) : `not known: ${seen.why}`;
}
