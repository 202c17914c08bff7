import type { Problem } from '../problem.ts';
import type { DomainPlan, FactLine } from './plan/plan.ts';

/** What `check --live` compares with a file, and what to do where they disagree. */
const HINTS: Readonly<Partial<Record<FactLine['name'], string>>> = {
  mx: 'Write every MX host of DNS into mx, or mend DNS: senders deliver to no other host (RFC 8461 §4.1).',
  served: 'npx postern publish puts it right.',
  caa: 'Let CAA allow the certificate authority of the hosting (RFC 8659).',
  record: 'npx postern plan has the record to set.',
  'reports-record': 'npx postern plan has the record to set.',
};

/** Where DNS and the policy host disagree with a domain's file, and, as warnings, what could not be seen. */
export function liveProblems(
  { file, facts }: Pick<DomainPlan, 'file' | 'facts'>,
  mxLine: number | null,
): readonly Problem[] {
  return facts.flatMap(({ name, state, text }): readonly Problem[] => {
    const hint = HINTS[name];
    if (file === null || hint === undefined || state === 'ok') return [];
    const isMx = name === 'mx' && mxLine !== null;
    return [
      {
        rule: state === 'bad' ? `live-${name}` : 'live-unknown',
        severity: state === 'bad' ? 'error' : 'warning',
        file,
        line: isMx ? mxLine : null,
        column: isMx ? 1 : null,
        message: text,
        hint: state === 'bad' ? hint : 'That is no fault of the domain: look again later, or from elsewhere.',
      },
    ];
  });
}
