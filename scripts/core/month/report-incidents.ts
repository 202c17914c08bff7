import { EVENT_WORDS } from '../incidents/event-words.ts';
import { type Html, html } from './html.ts';
import type { IncidentRecord } from './incident-records.ts';
import { inTime } from './lists.ts';
import { moment, table } from './report-parts.ts';

/** Every incident that was open on a day of the month, with its times, its service levels and what happened when. */
export function incidentSection(incidents: readonly IncidentRecord[] | null): Html {
  if (incidents === null) return html`<p>Nothing keeps incidents here: whether there were any is not known.</p>`;
  if (incidents.length === 0) return html`<p>No incident was open in the month.</p>`;
  return html`${serviceLevels(incidents)}${incidents.map(story)}`;
}

const ANSWERS: Readonly<Record<string, string>> = { yes: 'in time', no: 'missed' };

function serviceLevels(incidents: readonly IncidentRecord[]): Html {
  const kept = (by: IncidentRecord['respond_by'], done: IncidentRecord['detected_at'] | null) => {
    const answer = inTime(by, done);
    return html`${ANSWERS[answer] ?? answer}${by === null ? null : html`<br><span class="q">due ${moment(by)}</span>`}`;
  };
  return table(
    'Times in UTC. A target that passed while the incident was open was missed, also when it was met late.',
    ['Incident', 'Severity', 'Detected', 'Acknowledged', 'Recovered', 'Response', 'Resolution'],
    incidents.map((one) => {
      const { issue, rule, severity, detected_at, acknowledged_at, recovered_at } = one;
      return html`<tr><th scope="row" class="g">${issue === null ? null : html`#${issue} `}${rule}</th><td>${severity}</td><td>${moment(detected_at)}</td><td>${moment(acknowledged_at, 'not yet')}</td><td>${moment(recovered_at, 'open')}</td><td>${kept(one.respond_by, acknowledged_at ?? recovered_at)}</td><td>${kept(one.resolve_by, recovered_at)}</td></tr>
`;
    }),
  );
}

function story({ issue, rule, domains, summary, timeline }: IncidentRecord): Html {
  const named = domains.length === 0 ? '' : `, ${domains.slice(0, 20).join(', ')}`;
  const more = domains.length > 20 ? ` and ${domains.length - 20} more` : '';
  return html`<h3>${issue === null ? null : html`#${issue} `}${rule}${named}${more}</h3>
<p class="g">${summary}</p>
<ul class="line">${timeline.map(({ at, event, detail }) => html`<li>${moment(at)} ${EVENT_WORDS[event]}${detail === null ? '' : `: ${detail}`}</li>`)}</ul>
`;
}
