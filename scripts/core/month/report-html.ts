import type { CertificateRecord } from './certificates.ts';
import type { ChangeFacts } from './changes.ts';
import type { DomainMonth, MonthFigures, SessionTotals } from './figures.ts';
import { type Html, html } from './html.ts';
import type { ListFacts } from './lists.ts';
import { incidentSection } from './report-incidents.ts';
import { certificateSection, daneSection } from './report-observed.ts';
import { moment, number, share, table } from './report-parts.ts';
import { changeSection, versionSection } from './report-published.ts';
import { trendSection } from './report-trend.ts';

export interface MonthReport extends ListFacts {
  readonly organisation: string;
  readonly figures: MonthFigures;
  /** Of the month directly before, as stated last; null: there is none. */
  readonly before: MonthFigures | null;
  readonly certificates: readonly CertificateRecord[];
  readonly change_source: ChangeFacts['source'];
  readonly frozen_at: string;
  readonly version: string;
  readonly commit: string | null;
  /** Stored files that could not be read: what they held is missing from every figure. */
  readonly unreadable: readonly string[];
}

/** The report of a month as sections of HTML, for the site's page and for the document that goes into the bundle. */
function monthReportBody(report: MonthReport): Html {
  const { organisation, figures } = report;
  return html`<p class="truth">${truth(report)}</p>
<p>Organisation: ${organisation}. Period: ${figures.from} to ${figures.to}, UTC days. Frozen at ${moment(report.frozen_at)} UTC by Postern ${report.version}${report.commit === null ? '; the configuration stood in no git repository' : `, configuration at commit ${report.commit}`}.</p>
${section('Domains', domainTable(figures.domains))}
${section('Trend', trendSection({ figures, daily: report.reports.daily, before: report.before }))}
${section('Failed sessions', failureTable(figures.domains))}
${section('Incidents and service levels', incidentSection(report.incidents))}
${section('Policy versions', versionSection(report))}
${section('Changes and approvals', changeSection(report, report.change_source))}
${section('Certificates', certificateSection(report.certificates))}
${section('DANE', daneSection(report.spans))}
${section('Completeness of the data', completeness(report))}
${section('Definitions', definitions())}`;
}

/** The same as a document of its own: no outside request, no script. */
export function monthReportDocument(report: MonthReport): string {
  const title = `Mail transport security of ${report.organisation}, ${report.figures.period}`;
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${monthReportBody(report)}
</main>
</body>
</html>
`.html
  }`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;color:#1b1a17;background:#fff;margin:32px auto;max-width:60rem;padding:0 16px;font-variant-numeric:tabular-nums}
h1{font-size:28px;line-height:1.2}h2{font-size:19px;border-top:1px solid #e2ddd3;padding-top:16px;margin-top:32px}
.truth{font-size:19px}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid #e2ddd3}
td,th{overflow-wrap:break-word}code,.g{overflow-wrap:anywhere}th{font-weight:600}thead th{font-weight:400;color:#5b574f;vertical-align:bottom}h3{font-size:1em;margin:16px 0 4px}p{max-width:46rem}.n{text-align:right;white-space:nowrap}caption{text-align:left;color:#5b574f;padding-bottom:4px}code{font-family:ui-monospace,monospace}.t{white-space:nowrap}.q{color:#5b574f;font-weight:400}.w{min-width:9em}.line{margin:4px 0;padding:0;list-style:none}
figure{margin:16px 0;max-width:640px;break-inside:avoid}figcaption{margin-bottom:4px}svg{width:100%;height:auto}svg text{font-size:11px}
@media print{body{font-size:10px;margin:0;max-width:none;padding:0}h1{font-size:22px}h2,.truth{font-size:14px}h2,h3{break-after:avoid}tr{break-inside:avoid}caption,thead,dt{break-after:avoid}tbody tr:first-child{break-before:avoid}}@page{margin:18mm}`;

function section(name: string, content: Html): Html {
  const id = name.toLowerCase().replaceAll(' ', '-');
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
${content}
</section>
`;
}

/** What was true of the month, in a sentence or two. */
function truth({ figures, incidents, period }: MonthReport): string {
  const sts = figures.sessions.find(({ policy_type }) => policy_type === 'sts');
  const told =
    sts === undefined
      ? 'No report of the month counts a session under a policy.'
      : `Reports count ${number(sts.successful + sts.failed)} sessions under MTA-STS policies; ${sts.failed === 0 ? 'none failed' : `${share(sts)} succeeded`}.`;
  return `${number(figures.domains.length)} ${figures.domains.length === 1 ? 'domain' : 'domains'}. ${told} ${openedText(incidents, period)}`;
}

function openedText(incidents: MonthReport['incidents'], period: string): string {
  if (incidents === null) return 'Incidents are not kept.';
  const opened = incidents.filter(({ detected_at }) => detected_at.startsWith(period)).length;
  if (opened === 0) return 'No incident was opened.';
  return `${opened} ${opened === 1 ? 'incident was' : 'incidents were'} opened.`;
}

/** More rows than these nobody reads on paper: then only the domains that want a look are listed. */
const MOST_DOMAINS = 300;

function domainTable(all: readonly DomainMonth[]): Html {
  const domains = all.length <= MOST_DOMAINS ? all : all.filter(wantsLook).slice(0, MOST_DOMAINS);
  const rest = all.length - domains.length;
  const rows = domains.flatMap(({ domain, sessions, days_with_data, mode_days }) => {
    const types: readonly (SessionTotals | null)[] = sessions.length === 0 ? [null] : sessions;
    return types.map(
      (one, index) =>
        html`<tr>${index === 0 ? html`<th scope="rowgroup" rowspan="${types.length}">${domain}</th>` : null}<td>${one?.policy_type ?? 'nothing reported'}</td><td class="n">${one === null ? 'not known' : number(one.successful + one.failed)}</td><td class="n">${one === null ? 'not known' : number(one.failed)}</td><td class="n">${one === null ? 'not known' : share(one)}</td>${index === 0 ? html`<td class="n" rowspan="${types.length}">${days_with_data}</td><td rowspan="${types.length}">${modes(mode_days)}</td>` : null}</tr>\n`,
    );
  });
  return table(
    `Sessions by policy type, never added across types; share of reported sessions that succeeded.${rest === 0 ? '' : ` ${number(rest)} more domains are in lists/days.csv: only those with failed sessions, or without any report, stand here.`}`,
    ['Domain', 'Policy type', '#Sessions', '#Failed', '#Succeeded', '#Days with reports', 'Mode in force, days'],
    rows,
  );
}

/** Sessions failed, or nothing is known. */
function wantsLook({ sessions, days_with_data }: DomainMonth): boolean {
  return days_with_data === 0 || sessions.some(({ failed }) => failed > 0);
}

function failureTable(domains: readonly DomainMonth[]): Html {
  const rows = domains.flatMap(({ domain, failures }) =>
    failures.map(
      ({ policy_type, result_type, sessions, reporters }) =>
        html`<tr><th scope="row">${domain}</th><td><code>${result_type}</code></td><td>${policy_type}</td><td class="n">${number(sessions)}</td><td class="n">${reporters}</td></tr>\n`,
    ),
  );
  if (rows.length === 0) return html`<p>No report of the month counts a failed session.</p>`;
  return table(
    'Categories overlap: they need not add up to the failed sessions.',
    ['Domain', 'Result type', 'Policy type', '#Sessions', '#Reporters'],
    rows,
  );
}

function completeness({ figures, domains, looks, unreadable }: MonthReport): Html {
  const days = Number(figures.to.slice(8));
  const heard = figures.domains.reduce((sum, { days_with_data }) => sum + days_with_data, 0);
  const vantages = [...Map.groupBy(looks, ({ vantage }) => vantage)].map(
    ([vantage, all]) =>
      html`<li>The probe from ${vantage} ran ${all.reduce((sum, one) => sum + one.looks, 0)} times on ${all.length} of ${days} days.</li>`,
  );
  return html`<ul>
<li>Reports cover ${heard} of ${domains.length * days} domain days. The others are not known.</li>
${vantages.length === 0 ? html`<li>No probe ran in the month: what it would have seen is not known.</li>` : vantages}
${figures.apart.map(({ domain, reason, reports }) => html`<li>${reports} ${reports === 1 ? 'report' : 'reports'} ${domain === null ? 'for domains not managed here' : `for ${domain}`} ${reports === 1 ? 'is' : 'are'} kept apart and not counted: ${reason}.</li>`)}
${unreadable.map((file) => html`<li>${file} could not be read: what it held is missing.</li>`)}
</ul>`;
}

function definitions(): Html {
  return html`<dl>
<dt>Session</dt><dd>A connection attempt that a sending system counted in a TLS report (RFC 8460). Not a message.</dd>
<dt>Policy type</dt><dd>sts: under an MTA-STS policy. tlsa: under DANE. no-policy-found: with neither. One session may stand under several, so they are never added.</dd>
<dt>Counted</dt><dd>Reports with a valid, aligned DKIM signature, or files that the operator handed over. The rest is kept apart.</dd>
<dt>Not known</dt><dd>Nobody reported or looked. It is never read as fine.</dd>
<dt>Succeeded</dt><dd>Of the reported sessions, rounded down: 100 % only when none failed.</dd>
</dl>`;
}

function modes(days: DomainMonth['mode_days']): string {
  const told = (['enforce', 'testing', 'none'] as const).flatMap((mode) =>
    days[mode] > 0 ? [`${mode} ${days[mode]}`] : [],
  );
  return [...told, ...(days.unknown > 0 ? [`not known ${days.unknown}`] : [])].join(', ');
}
