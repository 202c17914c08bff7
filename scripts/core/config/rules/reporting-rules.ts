import { type DomainName, parseDomainName } from '../../../standards/domain-name.ts';
import { excerpt } from '../../../standards/excerpt.ts';
import { parseReportUri } from '../../../standards/tls-rpt-record.ts';
import { isResultType, RESULT_TYPES } from '../../../standards/tls-rpt-results.ts';
import { nearest } from '../../near.ts';
import type { Remark } from '../remark.ts';
import { type DomainRule, reportUris } from './subject.ts';

/**
 * A warning although enforcing blind is dangerous: a repository without reporting settings must stay usable offline, and
 * the promotion guard refuses the step from testing to enforce without reports anyway.
 */
export const enforceWithoutReporting: DomainRule = (subject) => {
  if (subject.mode !== 'enforce' || subject.written.retire === true || reportUris(subject)?.length !== 0) return [];
  const message = 'The domain enforces its policy, but no sender is told where to report what fails (RFC 8460 §3).';
  const hint = 'Write rua: here, or reporting.rua in domains/_settings.yaml.';
  return [
    {
      rule: 'enforce-without-reporting',
      path: [subject.written.mode === undefined ? 'same_as' : 'mode'],
      message,
      hint,
    },
  ];
};

/** RFC 8460 §3 makes senders deliver reports in spite of TLS failures; a mailbox elsewhere does not depend on that. */
export const reportingAddressInside: DomainRule = ({ domain, written }) =>
  (written.rua ?? []).flatMap((uri, index): Remark[] =>
    mailboxDomain(uri) === domain ? [addressInside(domain, ['rua', index])] : [],
  );

export function addressInside(domain: string, path: Remark['path']): Remark {
  const message = `Reports about ${domain} go to a mailbox of ${domain}: a fault of its mail delays the report of that fault.`;
  return { rule: 'reporting-address-inside', path, message, hint: 'Use a mailbox of another domain, if you have one.' };
}

/** The domain of a `mailto:` URI that the schema accepted; null for `https:`. */
export function mailboxDomain(uri: string): DomainName | null {
  const parsed = parseDomainName(/^mailto:[^?]*@([^?]+)/i.exec(uri)?.[1] ?? '');
  return parsed.ok ? parsed.value : null;
}

/** What a report URI may be but should not. */
export function reportingLints(uris: readonly string[], path: Remark['path']): readonly Remark[] {
  return uris.flatMap((uri, index) => {
    const parsed = parseReportUri(uri);
    const lints = parsed.ok ? parsed.lints.filter(({ code }) => code !== 'uri-case') : [];
    return lints.map(
      ({ message }): Remark => ({
        rule: 'reporting-address',
        severity: 'warning',
        path: [...path, index],
        message,
        hint: null,
      }),
    );
  });
}

export const reportingAddress: DomainRule = ({ written }) => reportingLints(written.rua ?? [], ['rua']);

/** RFC 8460 §4.3 is a registry, so another name may be right; more often it is a slip. */
export const resultTypeUnknown: DomainRule = ({ written }) =>
  (written.known_sender_issues ?? []).flatMap(({ result_type }, index): Remark[] => {
    if (isResultType(result_type)) return [];
    const near = nearest(result_type.replaceAll('_', '-'), RESULT_TYPES);
    const message = `\`${excerpt(result_type)}\` is not a result type of RFC 8460 §4.3; a report must carry exactly this text.`;
    const hint = near === null ? `Known: ${RESULT_TYPES.join(', ')}.` : `Did you mean \`${near}\`?`;
    return [{ rule: 'result-type-unknown', path: ['known_sender_issues', index, 'result_type'], message, hint }];
  });
