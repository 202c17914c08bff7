import { agreementText } from '../agreement.ts';
import { number } from '../analysis/finding-text.ts';
import { daySpan, instantText } from '../day-words.ts';
import { plainText } from '../plain-text.ts';
import { wrapText } from '../wrap-text.ts';
import type { WeeklyDigest } from './weekly.ts';

const WIDTH = 72;

/** Addresses that the mail may lead to; null where there is none. */
export interface WeeklyLinks {
  readonly domain: (domain: string) => string | null;
  readonly issue: (number: number) => string | null;
  readonly site: string | null;
}

/** For plain clients: at most 72 columns, the same content as the HTML. */
export function weeklyText(digest: WeeklyDigest, links: WeeklyLinks): string {
  const { headline, from, to, todo, domains, failures, certificates, unknown, at } = digest;
  const lines = [
    ...wrapText(plainText(headline, 500), WIDTH),
    `${daySpan(from, to)} (UTC)`,
    ...section(
      'What to do',
      todo.length === 0
        ? ['Nothing.']
        : todo.flatMap(({ severity, summary, action, issue }) => {
            const link = issue === null ? null : links.issue(issue);
            return [
              ...item(`${severity}: ${summary}`),
              ...(action === '' ? [] : wrapText(plainText(action, 1500), WIDTH, '  ')),
              ...(link === null ? [] : [`  ${link}`]),
            ];
          }),
    ),
    ...section(
      'Domains',
      domains.flatMap((domain) => domainLines(domain, links)),
    ),
    ...section(
      'Failures, most sessions first',
      failures.length === 0
        ? ['None was reported.']
        : failures.flatMap(({ domain, result_type, policy_type, mx, reporters, sessions, who }) =>
            item(
              `${domain}: ${result_type}${mx === null ? '' : ` on ${mx}`}, ${number(sessions)} ${policy_type} sessions, by ${some(reporters)}; ${who}`,
            ),
          ),
    ),
    ...section(
      'Certificates, soonest end first',
      certificates.length === 0
        ? ['Not known.']
        : certificates.flatMap(({ host, not_after, words }) => item(`${not_after}  ${host}: ${words}`)),
    ),
    ...section(
      'What is not known',
      unknown.flatMap((text) => item(text)),
    ),
    '',
    ...(links.site === null ? [] : [links.site]),
    `Written by Postern on ${instantText(at)}.`,
  ];
  return `${lines.join('\n')}\n`;
}

function domainLines(
  { domain, state, agreement, next, sessions }: WeeklyDigest['domains'][number],
  links: WeeklyLinks,
): string[] {
  const link = links.domain(domain);
  return [
    `${domain} (${state})`,
    `  ${agreementText(agreement)}`,
    ...(sessions.length === 0
      ? ['  no sessions reported in two weeks']
      : sessions.flatMap(({ policy_type, sessions: count, success, compared }) =>
          wrapText(`${policy_type}: ${count} sessions, ${success} succeeded; ${compared}.`, WIDTH, '  ', '    '),
        )),
    ...wrapText(`Next: ${plainText(next, 500)}`, WIDTH, '  ', '    '),
    ...(link === null ? [] : [`  ${link}`]),
    '',
  ];
}

/** Up to three reporters by name. */
export function some(reporters: readonly string[]): string {
  const shown = reporters.slice(0, 3).map((reporter) => plainText(reporter, 60));
  return `${shown.join(', ')}${reporters.length > 3 ? ` and ${reporters.length - 3} more` : ''}`;
}

function section(title: string, lines: readonly string[]): string[] {
  const trimmed = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return ['', title, '-'.repeat(title.length), ...trimmed];
}

function item(text: string): readonly string[] {
  return wrapText(plainText(text, 1500), WIDTH, '* ', '  ');
}
