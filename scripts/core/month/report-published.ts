import type { ChangeFacts } from './changes.ts';
import { type Html, html } from './html.ts';
import type { ListFacts } from './lists.ts';
import { moment, table } from './report-parts.ts';

/** The policy versions in service in the month, by the ledgers. */
export function versionSection({ versions }: Pick<ListFacts, 'versions'>): Html {
  if (versions.length === 0) return html`<p>No ledger of published versions covers the month.</p>`;
  return table(
    'Every version in service in the month. Served and announced are observed, not intended.',
    ['Domain', 'id', 'Mode and why', '#max_age, s', 'MX', 'Served', 'Announced', 'Withdrawn'],
    versions.map(([domain, one]) => {
      const why = one.triggers.length === 0 ? 'first' : one.triggers.join(', ');
      const request = one.pull_request === null ? null : html`, pull request ${one.pull_request}`;
      return html`<tr><th scope="row">${domain}</th><td><code class="t">${one.id}</code></td><td class="w">${one.mode}<br><span class="q">${why}${request}</span></td><td class="n">${one.max_age}</td><td>${one.mx.map((mx, place) => html`${place === 0 ? null : html`<br>`}${mx}`)}</td><td>${moment(one.first_served_at, 'not seen')}</td><td>${moment(one.announced_at, 'not seen')}</td><td>${moment(one.withdrawn_at)}</td></tr>
`;
    }),
  );
}

const SOURCES: Readonly<Record<ChangeFacts['source'], string>> = {
  github: 'Commits that touched domains/, with what GitHub says of their pull requests.',
  git: 'Commits that touched domains/. GitHub was not asked, so approvals are not known.',
  none: 'The configuration stands in no git repository: changes and approvals are not known.',
};

/** What was changed in the configuration, and who stood behind it. */
export function changeSection({ changes }: Pick<ListFacts, 'changes'>, source: ChangeFacts['source']): Html {
  if (changes.length === 0)
    return html`<p>${source === 'none' ? SOURCES.none : 'No commit of the month touched domains/.'}</p>`;
  return table(
    SOURCES[source],
    ['Commit', 'At', 'Author', 'What', 'Pull request', 'Approved by', 'Checks'],
    changes.map(({ commit, at, author, subject, pull_request: request }) => {
      const approved =
        request === null ? 'not known' : request.approved_by.length === 0 ? 'nobody' : request.approved_by.join(', ');
      return html`<tr><th scope="row"><code>${commit.slice(0, 12)}</code></th><td>${moment(at)}</td><td class="g">${author}</td><td class="g">${subject}</td><td>${request === null ? (source === 'github' ? 'none' : 'not known') : `#${request.number}`}</td><td class="g">${approved}</td><td>${request?.checks ?? 'not known'}</td></tr>
`;
    }),
  );
}
