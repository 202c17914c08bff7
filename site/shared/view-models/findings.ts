import type { DomainReports } from '#scripts/core/analysis/reports-by-domain.ts';
import type { Day } from '#scripts/core/clock.ts';
import type { Actor, Evidence, Finding, Severity } from '#scripts/core/finding.ts';
import { plainText } from '#scripts/core/plain-text.ts';
import type { FailingReporterDay } from '#scripts/core/reports/view.ts';
import { type Marked, marked } from './marked.ts';
import { type Redaction, WITHHELD } from './redaction.ts';
import { daySpan, longDay, number, sentence } from './words.ts';

export interface FindingView {
  readonly rule: string;
  readonly severity: Severity;
  /** What the severity means, in words. */
  readonly urgency: string;
  readonly urgent: boolean;
  readonly summary: string;
  readonly actor: string;
  readonly action: readonly Marked[];
  readonly days: string;
  readonly evidence: readonly EvidenceView[];
}

interface EvidenceView {
  readonly at: string;
  readonly text: string;
  /** Hash, file or commit; null when it is not traced. */
  readonly ref: string | null;
}

const URGENCY: Readonly<Record<Severity, string>> = { sev1: 'now', sev2: 'today', sev3: 'this week' };
const ACTORS: Readonly<Record<Actor, string>> = {
  you: 'You can act.',
  provider: 'Your provider can act.',
  sender: 'The sender can act.',
  unknown: 'Who can act is not known yet.',
};

export function findingView(finding: Finding, reports: DomainReports, redact: Redaction): FindingView {
  return {
    rule: plainText(finding.rule, 80),
    severity: finding.severity,
    urgency: URGENCY[finding.severity],
    urgent: finding.severity !== 'sev3' && finding.state === 'open',
    summary: sentence(redact.text(finding.summary, 600)),
    actor: ACTORS[finding.actor],
    action: marked(redact.text(finding.action, 2000)),
    days: daySpan(finding.since, finding.last_seen),
    evidence: finding.evidence.map((one) => evidenceView(one, finding, reports, redact)),
  };
}

/** Evidence may quote a sender's own words, so a redacted page tells the report's figures in ours instead. */
function evidenceView(
  { kind, at, text, ref }: Evidence,
  finding: Finding,
  reports: DomainReports,
  redact: Redaction,
): EvidenceView {
  const quoted = redact.on && kind === 'report' && ref !== null;
  return {
    at: longDay(at.slice(0, 10) as Day),
    text: redact.text(quoted ? figures(rowOf(ref, finding, reports)) : text, 700),
    ref: ref === null ? null : plainText(ref, 200),
  };
}

/** The row a report's hash stands in, of the policy type the finding speaks of. */
function rowOf(hash: string, { subject }: Finding, { failing }: DomainReports): FailingReporterDay | undefined {
  const rows = failing.filter((row) => row.report_sha256.includes(hash));
  return rows.find(({ policy_type }) => policy_type === subject.policy_type) ?? rows[0];
}

function figures(row: FailingReporterDay | undefined): string {
  if (row === undefined) return WITHHELD;
  const of = row.successful === null ? '' : ` of ${number(row.successful + row.failed)}`;
  return `${row.reporter}: ${number(row.failed)}${of} ${row.policy_type} sessions failed.`;
}
