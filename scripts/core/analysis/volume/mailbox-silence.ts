import type { Finding } from '../../finding.ts';
import { number } from '../finding-text.ts';

const CAUSE = 'mailbox-silent';

/**
 * Several domains that all fell silent at once have one cause, and it is most likely ours: the mailbox. Their findings
 * become one incident. As long as one domain still hears from a reporter, each stands for itself.
 */
export function joinedByMailbox(findings: readonly Finding[], reportingDomains: number): readonly Finding[] {
  const silent = findings.filter(isDomainSilent);
  if (silent.length < 2 || silent.length < reportingDomains) return findings;
  return findings.map((finding) =>
    isDomainSilent(finding)
      ? {
          ...finding,
          incident: CAUSE,
          action: `All ${number(silent.length)} domains that used to have reports have none, so look at the mailbox first: does mail still arrive there, has it space, does the address of \`rua\` still lead to it? Then: ${finding.action}`,
        }
      : finding,
  );
}

function isDomainSilent({ rule, state, subject }: Finding): boolean {
  return rule === 'reports-silent' && state === 'open' && subject.reporter === null && subject.kind === 'domain';
}
