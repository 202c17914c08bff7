import { epochMs, type Instant } from '#scripts/core/clock.ts';
import { day, EXAMPLE_COM, EXAMPLE_NET, type ExampleDomain, MAILBOX } from './domains.ts';
import { gzipStored } from './gzip.ts';
import {
  base64Lines,
  bounceAddress,
  composeReport,
  deliver,
  headerDate,
  type Mail,
  message,
  reportMail,
  sign,
  signedReport,
} from './mail.ts';
import { type ExampleReport, reportOn } from './report.ts';
import { BIGMAIL, OFFICE, POSTHOF, RELAY_CO, type Reporter } from './reporters.ts';
import type { WirePolicy } from './wire.ts';

/** The mails in the mailbox that are not plain good reports. README.md of this folder lists them: tests rely on it. */
export async function oddMails(): Promise<readonly Mail[]> {
  return [await redelivered(), await precededByHalf(), forged(), autoReply(), await dmarcReport()];
}

/** Markup, a mention, and (in the failure reason, see incidents.ts) terminal escapes. All from a signed reporter. */
export function madeHostile(report: ExampleReport): ExampleReport {
  if (!isThe(report, RELAY_CO, EXAMPLE_NET, '2026-11-12')) return report;
  // A team of another organisation: GitHub would notify nobody, should the mention ever get through.
  const name = 'Relay Co <script>alert(1)</script> @example/security';
  return { ...report, wire: { ...report.wire, 'organization-name': name } };
}

/** One attachment was cut in half before it was signed: genuine, and unreadable. */
export function damageOf(report: ExampleReport): ((attachment: Buffer) => Buffer) | undefined {
  if (!isThe(report, POSTHOF, EXAMPLE_NET, '2026-10-22')) return undefined;
  return (attachment) => attachment.subarray(0, Math.floor(attachment.length / 2));
}

/** The acknowledgement was lost, so the sender delivers the very same message again forty minutes later. */
async function redelivered(): Promise<Mail> {
  const report = reportOf(POSTHOF, EXAMPLE_COM, '2026-10-19');
  const again = report.arrivesAt + 40 * 60_000;
  return deliver(await signedReport(report), POSTHOF.mailHost, bounceAddress(POSTHOF), again);
}

/** Ninety minutes before the right report, one with the same id that had counted only the morning. */
function precededByHalf(): Promise<Mail> {
  const report = reportOf(OFFICE, EXAMPLE_NET, '2026-10-28');
  const wire = { ...report.wire, policies: report.wire.policies.map(halved) };
  return reportMail({ ...report, wire, arrivesAt: report.arrivesAt - 90 * 60_000 });
}

/** Anyone can write to the mailbox: no signature, the id of a genuine report, and 100 % failure for example.com. */
function forged(): Mail {
  const genuine = reportOf(BIGMAIL, EXAMPLE_COM, '2026-11-02');
  const policies: readonly WirePolicy[] = genuine.wire.policies.map(({ policy }) => ({
    policy,
    summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 4800 },
    'failure-details': [
      {
        'result-type': 'certificate-not-trusted',
        'sending-mta-ip': '198.51.100.11',
        'receiving-mx-hostname': 'mx1.example.com',
        'failed-session-count': 4800,
      },
    ],
  }));
  const arrivesAt = genuine.arrivesAt + 11 * 3_600_000;
  const unsigned = composeReport({ ...genuine, arrivesAt, wire: { ...genuine.wire, policies } });
  return deliver(unsigned, { name: 'host-66.dialup.example', address: '203.0.113.66' }, 'a@dialup.example', arrivesAt);
}

function autoReply(): Mail {
  const at = instant('2026-10-15T08:12:40Z');
  const lines = [
    `Date: ${headerDate(at)}`,
    'From: Office of the Secretary <secretary@relay-co.example>',
    `To: ${MAILBOX}`,
    'Message-ID: <vacation-20261015@relay-co.example>',
    'Subject: Out of office: your inquiry',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset="us-ascii"',
    '',
    'Thank you for your message.',
    'From 12 October to 23 October nobody reads this mailbox.',
    '',
  ];
  return deliver(Buffer.from(lines.join('\r\n')), RELAY_CO.mailHost, '', at);
}

/** A DMARC aggregate report (RFC 7489 §7.2) that was sent to the wrong mailbox: gzip, but no TLS report. */
async function dmarcReport(): Promise<Mail> {
  const at = instant('2026-10-02T09:31:07Z');
  const boundary = '=_dmarc20261002';
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<feedback>
  <report_metadata><org_name>bigmail.example</org_name><email>noreply-dmarc-support@bigmail.example</email>
    <report_id>14720011283471920044</report_id><date_range><begin>1790812800</begin><end>1790899199</end></date_range>
  </report_metadata>
  <policy_published><domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>reject</p><pct>100</pct></policy_published>
  <record>
    <row><source_ip>192.0.2.11</source_ip><count>212</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
    <identifiers><header_from>example.com</header_from></identifiers>
    <auth_results><dkim><domain>example.com</domain><result>pass</result></dkim></auth_results>
  </record>
</feedback>
`;
  const headers = [
    `Date: ${headerDate(at)}`,
    'From: noreply-dmarc-support@bigmail.example',
    `To: ${MAILBOX}`,
    'Message-ID: <14720011283471920044@bigmail.example>',
    'Subject: Report domain: example.com Submitter: bigmail.example Report-ID: 14720011283471920044',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
  ];
  const parts = [
    ['Content-Type: text/plain; charset="UTF-8"', '', 'This is an aggregate DMARC report from bigmail.example', ''],
    [
      'Content-Type: application/gzip; name="bigmail.example!example.com!1790812800!1790899199.xml.gz"',
      'Content-Disposition: attachment; filename="bigmail.example!example.com!1790812800!1790899199.xml.gz"',
      'Content-Transfer-Encoding: base64',
      '',
      base64Lines(gzipStored(Buffer.from(xml))),
    ],
  ];
  const signed = await sign(message(headers, boundary, parts), BIGMAIL, at);
  return deliver(signed, BIGMAIL.mailHost, bounceAddress(BIGMAIL), at + 60_000);
}

function halved(entry: WirePolicy): WirePolicy {
  const { 'total-successful-session-count': successful, 'total-failure-session-count': failed } = entry.summary;
  const summary = {
    'total-successful-session-count': Math.floor(successful / 2),
    'total-failure-session-count': failed,
  };
  return { ...entry, summary };
}

function isThe(report: ExampleReport, reporter: Reporter, { domain }: ExampleDomain, on: string): boolean {
  return report.reporter === reporter && report.domain === domain && report.day === day(on);
}

function reportOf(reporter: Reporter, domain: ExampleDomain, on: string): ExampleReport {
  const report = reportOn(reporter, domain, day(on));
  if (report === null) throw new RangeError(`${reporter.domain} has no report on ${domain.domain} for ${on}.`);
  return report;
}

function instant(text: string): number {
  return epochMs(text as Instant);
}
