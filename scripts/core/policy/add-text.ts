import type { NewDomain } from '../config/new-domain.ts';
import { plainText } from '../plain-text.ts';

export interface Added extends NewDomain {
  readonly domain: string;
  readonly file: string;
  readonly written: boolean;
  readonly yaml: string;
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
  const { file, written, providers, warnings, yaml } = added;
  return [
    `${written ? 'Written' : 'Would be written (dry run)'}: ${file}${providers.length > 0 ? `, ${providers.join(', ')}` : ''}`,
    ...yaml
      .trimEnd()
      .split('\n')
      .map((line) => `    ${plainText(line, 500)}`),
    ...warnings.map((warning) => `  note: ${plainText(warning, 500)}`),
    'Next:',
    ...nextSteps(added).map((step, index) => `  ${index + 1}. ${step}`),
  ].join('\n');
}
