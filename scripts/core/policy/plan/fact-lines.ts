import { parseMtaStsRecords } from '../../../standards/mta-sts-record.ts';
import { parseTlsRptRecords } from '../../../standards/tls-rpt-record.ts';
import type { DomainReports } from '../../analysis/reports-by-domain.ts';
import { addDays, type Day, dayOf, type Instant } from '../../clock.ts';
import { plainText } from '../../plain-text.ts';
import type { LiveFacts } from '../live-facts.ts';
import { uncoveredHosts } from '../rollout/promotion.ts';
import { certificateCondition } from '../rollout/promotion-probes.ts';
import type { DomainFacts } from './domain-plan.ts';
import type { FactLine } from './plan.ts';
import type { Judged } from './plan-refusals.ts';

/** Days of reports that a plan looks back on. */
const REPORT_DAYS = 30;

/** What can be seen from outside and matters to this change, each line with the time it was seen. */
export function factLines(facts: DomainFacts, judged: Judged, now: Instant): readonly FactLine[] {
  const { live, observations, reports } = facts;
  return [
    ...(live === null
      ? []
      : [mxLine(live, judged), servedLine(live, judged), recordLine(live, judged), reportsRecordLine(live, judged)]),
    ...(observations === null || observations.length === 0 ? [] : [certificatesLine(facts, now)]),
    ...(reports === null ? [] : [reportsLine(reports, now)]),
  ];
}

function mxLine(live: LiveFacts, { policy }: Judged): FactLine {
  const of = line('mx', live.at);
  if (!live.mx.known) return of('unknown', `MX in DNS: not known (${plainText(live.mx.why, 120)}).`);
  const { kind, hosts } = live.mx.value;
  if (kind === 'null') return of('bad', 'MX in DNS: null MX, the domain receives no mail.');
  if (kind === 'absent') return of('bad', 'MX in DNS: none, and the domain has no address: it receives no mail.');
  const names = hosts.map(({ host }) => plainText(host, 255)).join(', ');
  const bare = policy === null ? [] : uncoveredHosts(policy.mx, live);
  return bare.length === 0
    ? of('ok', `MX in DNS: ${names}; the policy covers all.`)
    : of('bad', `MX in DNS: ${names}; not covered: ${bare.map((host) => plainText(host, 255)).join(', ')}.`);
}

function servedLine(live: LiveFacts, { ledger }: Judged): FactLine {
  const of = line('served', live.at);
  if (!live.served.known) return of('unknown', `Policy host: not known (${plainText(live.served.why, 120)}).`);
  const { body, addresses } = live.served.value;
  const bad = addresses.filter(({ code }) => code !== 'ok');
  const published = ledger.current?.body ?? null;
  if (bad.length > 0)
    return of(
      published === null ? 'unknown' : 'bad',
      `Policy host: ${bad.map(({ address, code }) => `${code} at ${address}`).join(', ')}.`,
    );
  if (addresses.length === 0) return of(published === null ? 'ok' : 'bad', 'Policy host: the name has no address yet.');
  if (body === null) return of('bad', `Policy host: different bytes on its ${addresses.length} addresses.`);
  if (published === null) return of('unknown', 'Policy host: serves a body that was not published from here.');
  return body === published
    ? of('ok', `Policy host: serves the published bytes on ${addresses.length} of ${addresses.length} addresses.`)
    : of('bad', 'Policy host: serves other bytes than were published last.');
}

function recordLine(live: LiveFacts, { ledger }: Judged): FactLine {
  const of = line('record', live.at);
  if (!live.mta_sts.known) return of('unknown', `TXT at _mta-sts: not known (${plainText(live.mta_sts.why, 120)}).`);
  const { values } = live.mta_sts.value;
  const record = parseMtaStsRecords(values);
  const published = ledger.in_force;
  if (!record.ok) {
    const isAbsent = record.faults.every(({ code }) => code === 'record-absent');
    if (isAbsent) return of(published === null ? 'ok' : 'bad', 'TXT at _mta-sts: none.');
    return of('bad', `TXT at _mta-sts: ${record.faults[0]?.message ?? 'not usable'}`);
  }
  if (record.value.id === published?.id) return of('ok', `TXT at _mta-sts: id ${published.id}, as published.`);
  return of(
    'bad',
    `TXT at _mta-sts: id ${record.value.id}, ${ledger.ids.has(record.value.id) ? 'an earlier version' : 'not one of ours'}.`,
  );
}

function reportsRecordLine(live: LiveFacts, { ledger }: Judged): FactLine {
  const of = line('reports-record', live.at);
  if (!live.tls_rpt.known) return of('unknown', `TXT at _smtp._tls: not known (${plainText(live.tls_rpt.why, 120)}).`);
  const record = parseTlsRptRecords(live.tls_rpt.value.values);
  // Before the first version it is one of the things that this plan sets.
  if (ledger.in_force === null && live.tls_rpt.value.values.length === 0) return of('ok', 'TXT at _smtp._tls: none.');
  return record.ok
    ? of('ok', `TXT at _smtp._tls: reports go to ${record.value.rua.map((uri) => plainText(uri, 120)).join(', ')}.`)
    : of('bad', `TXT at _smtp._tls: ${record.faults[0]?.message ?? 'not usable'}`);
}

function certificatesLine({ observations }: DomainFacts, now: Instant): FactLine {
  const { state, text } = certificateCondition(observations, now);
  const newest = (observations ?? []).reduce((latest, { at }) => (at > latest ? at : latest), '' as Instant);
  return line('certificates', newest)(state === 'met' ? 'ok' : state === 'unmet' ? 'bad' : 'unknown', text);
}

/** Failed sessions under the policy: in enforce these would have been delayed (RFC 8461 §5). */
function reportsLine(reports: DomainReports, now: Instant): FactLine {
  const from = addDays(dayOf(now), -REPORT_DAYS);
  const rows = reports.daily.filter(({ day, policy_type }) => policy_type === 'sts' && day >= from);
  const of = line('reports', now);
  if (rows.length === 0) return of('unknown', `Reports: none under the policy in the last ${REPORT_DAYS} days.`);
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  const all = rows.reduce((sum, row) => sum + row.failed + row.successful, 0);
  const last: Day | null = rows.reduce<Day | null>(
    (latest, { day }) => (latest === null || day > latest ? day : latest),
    null,
  );
  const text = `Reports of ${REPORT_DAYS} days up to ${last}: enforce would have delayed ${failed} of ${all} sessions.`;
  return of(failed === 0 ? 'ok' : 'bad', text);
}

function line(name: FactLine['name'], at: Instant) {
  return (state: FactLine['state'], text: string): FactLine => ({ name, state, text, at });
}
