import { displayDomainName } from '../../standards/domain-name.ts';
import { plainText } from '../plain-text.ts';
import type { DomainStatus, Light } from './domain-status.ts';

/** Lines of a screen that are left for domains. */
const MOST_ROWS = 30;
const MARK: Readonly<Record<Light, string>> = { ok: 'ok ', bad: 'BAD', waiting: '...', unknown: '?  ' };
const ORDER: readonly Light[] = ['bad', 'waiting', 'unknown', 'ok'];

export function statusText(statuses: readonly DomainStatus[]): string {
  const [only] = statuses;
  if (only === undefined) return 'There is no domain yet: npx postern add <domain> begins with one.';
  return statuses.length === 1 ? oneDomain(only) : fleet(statuses);
}

function oneDomain(status: DomainStatus): string {
  const { domain, state, rolled_back, mode, version, sync, mx, certificates, reports, incidents, notes, next } = status;
  const inForce =
    version === null || mode === null
      ? 'no policy in force'
      : `mode ${mode}, version ${version.id}, announced ${version.announced_at}`;
  return [
    `${displayDomainName(domain)}: ${state}${rolled_back ? ' (rolled back)' : ''}, ${inForce}`,
    ...(
      [
        ['sync', sync],
        ['mx', mx],
        ['certificates', certificates],
        ['reports', reports],
      ] as const
    ).map(([name, line]) => `  ${MARK[line.state]} ${name.padEnd(13)}${plainText(line.text, 400)}`),
    ...(incidents.length === 0 ? [noIncident(status)] : []),
    ...incidents
      .slice(0, 8)
      .map(
        ({ severity, rule, summary }) =>
          `  ${severity === 'sev3' ? '?  ' : 'BAD'} ${severity.padEnd(13)}${rule}: ${plainText(summary, 300)}`,
      ),
    ...(incidents.length > 8 ? [`      and ${incidents.length - 8} more: npx postern review ${domain}`] : []),
    ...notes.slice(0, 8).map((note) => `  note: ${plainText(note, 400)}`),
    `  next: ${plainText(next, 600)}`,
  ].join('\n');
}

/** Where nobody looked, nothing open says nothing. */
function noIncident({ reports, certificates }: DomainStatus): string {
  const blind = reports.state === 'unknown' && certificates.state === 'unknown';
  return blind ? '  ?   incidents    none open, but nobody looked' : '  ok  incidents    none open';
}

/** Counts first, then what is worst. */
function fleet(statuses: readonly DomainStatus[]): string {
  const count = (light: Light) => statuses.filter((status) => status.light === light).length;
  const states = Map.groupBy(statuses, ({ state }) => state);
  const sorted = [...statuses].sort(
    (a, b) => ORDER.indexOf(a.light) - ORDER.indexOf(b.light) || (a.domain < b.domain ? -1 : 1),
  );
  const shown = sorted.slice(0, MOST_ROWS);
  const width = Math.min(40, Math.max(...shown.map(({ domain }) => domain.length)));
  return [
    `${statuses.length} domains: ${count('bad')} bad, ${waiting(count('waiting'))}${count('unknown')} not known, ${count('ok')} ok. ${[...states].map(([state, some]) => `${some.length} ${state}`).join(', ')}.`,
    ...shown.map(
      (status) =>
        `  ${MARK[status.light]} ${status.domain.padEnd(width)}  ${status.state.padEnd(9)} ${plainText(why(status), 110)}`,
    ),
    ...(sorted.length > shown.length ? [`  and ${sorted.length - shown.length} more; the worst are above`] : []),
    'npx postern status <domain> shows one of them on a screen.',
  ].join('\n');
}

function waiting(count: number): string {
  return count === 0 ? '' : `${count} waiting, `;
}

function why({ light, incidents, sync, mx, certificates, reports, next }: DomainStatus): string {
  const [incident] = incidents;
  if (light === 'bad' && incident !== undefined && incident.severity !== 'sev3')
    return `${incident.severity} ${incident.summary}`;
  const line = [sync, mx, certificates, reports].find(({ state }) => state === light);
  return light === 'ok' || line === undefined ? next : line.text;
}
