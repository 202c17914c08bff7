import { AGREEMENT_PARTS, AGREEMENT_SIGNS, type Agreement, type AgreementState, agreementWords } from '../agreement.ts';
import { number } from '../analysis/finding-text.ts';
import { daySpan, instantText } from '../day-words.ts';
import { type Html, html } from '../month/html.ts';
import type { WeeklyDigest, WeeklyDomain } from './weekly.ts';
import { some, type WeeklyLinks } from './weekly-text.ts';

/**
 * Clients drop style sheets, so every style stands on its element and holds alone on white; the one sheet only turns the
 * colours over in the dark. No image, no font, nothing that is fetched.
 */
const SHEET = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #151412 !important; color: #ece8e0 !important; }
  .quiet { color: #aaa499 !important; }
  .line { border-color: #33302b !important; }
  .link { color: #93bbf3 !important; }
  .agrees { background: #ece8e0 !important; color: #151412 !important; border-color: #ece8e0 !important; }
  .disagrees { background: #f2895c !important; color: #151412 !important; border-color: #f2895c !important; }
  .unknown { background: #151412 !important; color: #ece8e0 !important; border-color: #aaa499 !important; }
  .urgent { color: #f2895c !important; }
}
@media (max-width: 540px) {
  .fold { display: block !important; width: auto !important; }
  .cell { display: inline-block !important; margin: 0 2px 2px 0; }
}
`;
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const CELL_STYLES: Readonly<Record<AgreementState, string>> = {
  agrees: 'background:#1b1a17;color:#fcfbf8;border:1px solid #1b1a17',
  disagrees: 'background:#ad370d;color:#ffffff;border:1px solid #ad370d;font-weight:600',
  unknown: 'background:#fcfbf8;color:#1b1a17;border:1px dashed #5b574f',
};

/** The mail's HTML: one column of 640 pixels at most, readable without its sheet. */
export function weeklyHtml(digest: WeeklyDigest, links: WeeklyLinks): string {
  const { organisation, week, headline, from, to, at } = digest;
  const body = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${organisation}: mail transport security, ${week}</title><style>${{ html: SHEET }}</style></head>
<body class="page" style="margin:0;padding:0;background:#fcfbf8;color:#1b1a17;${FONT}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:#fcfbf8;color:#1b1a17"><tr><td align="center" style="padding:24px 16px">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" style="width:100%;max-width:640px;text-align:left;font-size:15px;line-height:1.5;${FONT}"><tr><td>
<p class="quiet" style="margin:0;color:#5b574f;font-size:13px">${organisation} · ${daySpan(from, to)} (UTC)</p>
<h1 style="margin:4px 0 16px;font-size:20px;line-height:1.3">${headline}</h1>
${heading('What to do')}${todo(digest, links)}
${heading('Domains')}${digest.domains.map((domain) => domainRow(domain, links))}
${heading('Failures, most sessions first')}${failures(digest)}
${heading('Certificates, soonest end first')}${certificates(digest)}
${heading('What is not known')}${list(digest.unknown.map((text) => html`${text}`))}
<p class="quiet" style="margin:24px 0 0;color:#5b574f;font-size:13px">${links.site === null ? null : html`${link(links.site, 'The reports site')} · `}Written by Postern on ${instantText(at)}.</p>
</td></tr></table></td></tr></table></body></html>
`;
  return body.html;
}

function heading(text: string): Html {
  return html`<h2 class="line" style="margin:24px 0 8px;padding-top:12px;border-top:1px solid #e2ddd3;font-size:16px">${text}</h2>`;
}

function link(address: string, text: string): Html {
  return html`<a class="link" href="${address}" style="color:#1c4f93">${text}</a>`;
}

function list(items: readonly Html[]): Html {
  return html`<ul style="margin:0;padding-left:20px">${items.map((item) => html`<li style="margin:0 0 6px">${item}</li>`)}</ul>`;
}

function todo({ todo: tasks }: WeeklyDigest, links: WeeklyLinks): Html {
  if (tasks.length === 0) return html`<p style="margin:0">Nothing.</p>`;
  return list(
    tasks.map(({ severity, summary, action, issue }) => {
      const address = issue === null ? null : links.issue(issue);
      const style = severity === 'sev3' ? '' : 'color:#ad370d';
      return html`<strong class="${severity === 'sev3' ? '' : 'urgent'}" style="${style}">${severity}</strong> ${prose(summary)}${action === '' ? null : html`<br>${prose(action)}`}${address === null ? null : html` ${link(address, `#${issue}`)}`}`;
    }),
  );
}

/** What stands between backticks is code. */
function prose(text: string): readonly Html[] {
  return text.split('`').map((part, index, parts) => {
    if (index % 2 === 0) return html`${part}`;
    return index === parts.length - 1 ? html`\`${part}` : html`<code style="font-size:13px">${part}</code>`;
  });
}

/** The mark as four table cells: no image, told apart without colour too, and each says in a word what it shows. */
function markCellsHtml(agreement: Agreement): Html {
  const cells = AGREEMENT_PARTS.map((part) => {
    const { state } = agreement[part];
    return html`<td class="cell ${state}" style="${CELL_STYLES[state]};padding:1px 6px;font-size:12px;white-space:nowrap">${state === 'agrees' ? null : `${AGREEMENT_SIGNS[state]} `}${agreementWords(part, state)}</td>`;
  });
  return html`<table role="presentation" cellpadding="0" cellspacing="0" style="margin:4px 0;border-collapse:separate"><tr>${cells}</tr></table>`;
}

function domainRow({ domain, state, agreement, next, sessions }: WeeklyDomain, links: WeeklyLinks): Html {
  const address = links.domain(domain);
  const counted =
    sessions.length === 0
      ? html`no sessions reported in two weeks`
      : sessions.map(
          ({ policy_type, sessions: count, success, compared }, index) =>
            html`${index === 0 ? null : html`<br>`}<strong>${policy_type}</strong> ${count} sessions, ${success} succeeded; <span class="quiet" style="color:#5b574f">${compared}</span>`,
        );
  return html`<p style="margin:12px 0 0"><strong>${address === null ? domain : link(address, domain)}</strong> <span class="quiet" style="color:#5b574f">${state}</span></p>${markCellsHtml(agreement)}<p style="margin:0">${counted}</p><p class="quiet" style="margin:0;color:#5b574f">Next: ${next}</p>`;
}

function failures({ failures: found }: WeeklyDigest): Html {
  if (found.length === 0) return html`<p style="margin:0">None was reported.</p>`;
  return list(
    found.map(
      ({ domain, result_type, policy_type, mx, reporters, sessions, who }) =>
        html`<strong>${result_type}</strong> ${domain}${mx === null ? null : html` on ${mx}`}: ${number(sessions)} ${policy_type} sessions, by ${some(reporters)}; ${who}`,
    ),
  );
}

function certificates({ certificates: soonest }: WeeklyDigest): Html {
  if (soonest.length === 0) return html`<p style="margin:0">Not known.</p>`;
  const rows = soonest.map(
    ({ host, not_after, words, urgent }) =>
      html`<tr><td class="fold" style="padding:2px 12px 2px 0;white-space:nowrap">${not_after}</td><td class="fold" style="padding:2px 12px 2px 0">${host}</td><td class="${urgent ? 'fold urgent' : 'fold'}" style="padding:2px 0;${urgent ? 'color:#ad370d' : ''}">${words}</td></tr>`,
  );
  return html`<table cellpadding="0" cellspacing="0" style="font-size:14px">${rows}</table>`;
}
