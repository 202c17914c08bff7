import { plainText } from '../plain-text.ts';
import type { Observation, ObservationKind, Outcome } from './observation.ts';
import { remark } from './remark.ts';
import type { Vantage } from './vantage.ts';

const MARKS: Readonly<Record<Outcome, string>> = { ok: '■', bad: '◧', unknown: '□' };
const WORDS: Readonly<Record<ObservationKind, string>> = {
  'mx-set': 'MX records',
  mx: 'MX host',
  policy: 'policy host',
  txt: '_mta-sts',
  tlsrpt: '_smtp._tls',
  dane: 'DANE',
  caa: 'CAA',
  cname: 'alias',
  vantage: 'vantage',
};
/** In the order a message meets them. */
const ORDER: readonly ObservationKind[] = ['mx-set', 'mx', 'dane', 'txt', 'policy', 'caa', 'cname', 'tlsrpt'];
/** Domains without anything bad are one line each beyond so many. */
const IN_FULL = 30;

export interface ProbeSummary {
  readonly observations: readonly Observation[];
  readonly unknown: number;
  readonly vantage: Vantage;
  readonly stored: number;
}

/** What a probe saw, for a terminal: first what could be seen from here, then a table for each domain, worst first. */
export function probeText({ observations, unknown, vantage, stored }: ProbeSummary, dryRun: boolean): string {
  const domains = [
    ...Map.groupBy(
      observations.filter(({ domain }) => domain !== null),
      ({ domain }) => domain ?? '',
    ),
  ];
  const ordered = domains.sort(([a, x], [b, y]) => badness(y) - badness(x) || (a < b ? -1 : 1));
  const full = ordered.filter(([, rows], place) => place < IN_FULL || badness(rows) >= 1000);
  const calm = ordered.length - full.length;
  const bad = observations.filter(({ outcome }) => outcome === 'bad').length;
  return [
    `Seen from ${plainText(vantage.name, 63)}: ${vantageWords(vantage)}.`,
    ...full.flatMap(([domain, rows]) => ['', ...domainTable(domain, rows)]),
    ...(calm === 0 ? [] : ['', `${count(calm, 'more domain')} with nothing bad (--json lists everything).`]),
    '',
    `${count(observations.length, 'observation')}: ${bad} bad, ${unknown} not known; ` +
      (dryRun ? 'nothing was stored (--dry-run).' : `${count(stored, 'new row')} stored.`),
    ...(unknown > 0 ? ['What is not known is no fault of the domain: the reason stands beside it.'] : []),
    ...(isBlind(observations)
      ? ['Nothing at all could be observed from here: this run says nothing of any domain.']
      : []),
  ].join('\n');
}

/** Does none of the rows about a domain say what it is like? */
export function isBlind(observations: readonly Observation[]): boolean {
  const seen = observations.filter(({ domain }) => domain !== null);
  return seen.length > 0 && seen.every(({ outcome }) => outcome === 'unknown');
}

function vantageWords({ smtp_egress, ipv6, validating }: Vantage): string {
  const egress = {
    ok: 'port 25 leads out',
    bad: 'port 25 is blocked here, so MX hosts cannot be seen (use network.socks or another machine)',
    unknown: 'whether port 25 leads out is not known',
  };
  const six = { ok: 'IPv6 works', bad: 'there is no IPv6 here', unknown: 'IPv6 is not proven' };
  const dnssec = {
    ok: 'the resolver validates DNSSEC',
    bad: 'the resolver does not validate DNSSEC',
    unknown: 'whether the resolver validates is not known',
  };
  return [egress[smtp_egress], six[ipv6], dnssec[validating]].join('; ');
}

function domainTable(domain: string, rows: readonly Observation[]): readonly string[] {
  const cells = ORDER.flatMap((kind) => rows.filter((row) => row.kind === kind)).map((row) => [
    `  ${MARKS[row.outcome]} ${WORDS[row.kind]}`,
    plainText([row.subject, row.address].filter((part) => part !== null).join(' '), 60),
    `${row.outcome === 'unknown' ? 'not known: ' : ''}${plainText(row.code, 40)}`,
    plainText(remark(row), 100),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((cell) => cell[column]?.length ?? 0)));
  const lines = cells.map((cell) =>
    cell
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [plainText(domain, 253), ...lines];
}

function badness(rows: readonly Observation[]): number {
  return rows.reduce((sum, { outcome }) => sum + (outcome === 'bad' ? 1000 : outcome === 'unknown' ? 1 : 0), 0);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
