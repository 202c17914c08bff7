import { addDays, type Day, dayOf, epochMs, type Instant } from '#scripts/core/clock.ts';
import type { Incident } from '#scripts/core/incidents/incident.ts';
import { plainText } from '#scripts/core/plain-text.ts';
import type { Ledger } from '#scripts/core/policy/versions/ledger.ts';
import { type CertificateLife, certificateLives, renewals } from '#scripts/core/probe/certificate-life.ts';
import type { ObservationSpan } from '#scripts/core/probe/observation-span.ts';
import type { DomainFacts, SiteFacts } from './domain-facts.ts';
import type { Redaction } from './redaction.ts';
import { count, list, longDay, shortDay } from './words.ts';

/** What lies above sessions and failures on the same days. Milliseconds of the epoch; nothing outside the shown days. */
export interface TimeLane {
  /** Above the lane, and the beginning of its sentence. */
  readonly title: string;
  /** Bars of one row never overlap. */
  readonly rows: readonly (readonly Bar[])[];
  /** The same as the picture says, for those who do not see it. */
  readonly sentences: readonly string[];
}

type BarKind = 'enforce' | 'testing' | 'none' | 'life' | 'expired' | 'urgent' | 'minor';

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly kind: BarKind;
  readonly label: string;
  /** A certificate took the place of another here. */
  readonly renewal: boolean;
}

/** Hosts whose certificates are drawn; all of them stand in the table of MX hosts. */
const MAX_HOSTS = 4;
const MAX_ROWS = 4;

interface Axis {
  readonly from: number;
  readonly to: number;
}

/** The lanes of one domain: policy versions, the certificates of its hosts, and incidents (findings where none are kept). */
export function timeLanes(
  facts: DomainFacts,
  site: SiteFacts,
  redact: Redaction,
  seen: { readonly ledger: Ledger; readonly spans: readonly ObservationSpan[] },
): readonly TimeLane[] {
  const [first, last] = [site.days[0], site.days.at(-1)];
  if (first === undefined || last === undefined) return [];
  const axis = { from: startOf(first), to: startOf(addDays(last, 1)) };
  return [
    ...policyLane(seen.ledger, axis),
    ...certificateLanes(seen.spans, axis),
    ...(facts.incidents === null ? findingLane(facts, axis, redact) : incidentLane(facts.incidents, axis, redact)),
  ];
}

/** A version is in force from the moment its id was announced until that of the next one. */
function policyLane({ versions }: Ledger, axis: Axis): readonly TimeLane[] {
  const announced = versions
    .flatMap((version) => (version.announced_at === null ? [] : [{ version, at: epochMs(version.announced_at) }]))
    .sort((a, b) => a.at - b.at);
  const bars = announced.flatMap(({ version, at }, index) => {
    const withdrawn = version.withdrawn_at === null ? axis.to : epochMs(version.withdrawn_at);
    const to = Math.min(announced[index + 1]?.at ?? axis.to, withdrawn);
    return clipped({ from: at, to, kind: version.mode, label: version.mode, renewal: false }, axis);
  });
  if (bars.length === 0) return [];
  const sentences = announced.map(
    ({ version }) =>
      `Version ${version.id}, mode ${version.mode}, was announced on ${longDay(dayOf(version.announced_at as Instant))}.`,
  );
  return [{ title: 'Policy in force', rows: [bars], sentences }];
}

/** One lane for each host, a bar for each certificate while it was presented; past its end it is drawn as a fault. */
function certificateLanes(spans: readonly ObservationSpan[], axis: Axis): readonly TimeLane[] {
  const lives = certificateLives(spans);
  const replaced = new Set(renewals(lives).map(({ to }) => `${to.host} ${to.sha256}`));
  const hosts = [...Map.groupBy(lives, ({ host }) => host)];
  const lanes = hosts.slice(0, MAX_HOSTS).map(([host, ofHost]): TimeLane => {
    const certificates = [...Map.groupBy(ofHost, ({ sha256 }) => sha256).values()].map(merged);
    const bars = certificates.map((life) => lifeBars(life, replaced.has(`${host} ${life.sha256}`), axis));
    const newest = certificates.reduce((late, one) => (one.last_seen > late.last_seen ? one : late));
    const name = plainText(host, 40);
    return {
      title: `${name}: certificate to ${shortDay(dayOf(newest.not_after))} ${newest.not_after.slice(0, 4)}`,
      rows: inRows(bars),
      sentences: certificates.map(
        ({ first_seen, last_seen, not_after }) =>
          `${name} presented a certificate from ${longDay(dayOf(first_seen))} to ${longDay(dayOf(last_seen))} that ends on ${longDay(dayOf(not_after))}.`,
      ),
    };
  });
  const rest = hosts.length - MAX_HOSTS;
  const [end] = lanes.slice(-1);
  if (rest <= 0 || end === undefined) return lanes;
  const more = `Certificates of ${count(rest, 'more host')} stand in the table below.`;
  return [...lanes.slice(0, -1), { ...end, sentences: [...end.sentences, more] }];
}

/** One certificate of a host, at whatever address and from wherever it was seen. */
function merged(lives: readonly CertificateLife[]): CertificateLife {
  const [first] = lives as readonly [CertificateLife, ...CertificateLife[]];
  const first_seen = lives.map((one) => one.first_seen).sort()[0] ?? first.first_seen;
  const last_seen =
    lives
      .map((one) => one.last_seen)
      .sort()
      .at(-1) ?? first.last_seen;
  return { ...first, first_seen, last_seen };
}

function lifeBars(life: CertificateLife, renewal: boolean, axis: Axis): readonly Bar[] {
  const [from, to, end] = [epochMs(life.first_seen), epochMs(life.last_seen), epochMs(life.not_after)];
  const label = `to ${shortDay(dayOf(life.not_after))}`;
  return [
    ...clipped({ from, to: Math.min(to, end), kind: 'life', label, renewal }, axis),
    ...(to > end
      ? clipped({ from: Math.max(from, end), to, kind: 'expired', label: 'expired', renewal: false }, axis)
      : []),
  ];
}

function incidentLane(incidents: readonly Incident[], axis: Axis, redact: Redaction): readonly TimeLane[] {
  const shown = incidents.toReversed().flatMap((one) => {
    const ended = one.closed?.at ?? null;
    const to = ended === null ? axis.to : epochMs(ended);
    const kind = one.peak === 'sev3' ? ('minor' as const) : ('urgent' as const);
    const [bar] = clipped({ from: epochMs(one.detected_at), to, kind, label: one.rule, renewal: false }, axis);
    const span = `from ${longDay(dayOf(one.detected_at))}${ended === null ? ', still open' : ` to ${longDay(dayOf(ended))}`}`;
    return bar === undefined ? [] : [{ bar, sentence: `${one.peak} ${span}: ${redact.text(one.summary, 200)}` }];
  });
  return shown.length === 0 ? [] : [laneOf('Incidents', shown)];
}

function findingLane({ findings }: DomainFacts, axis: Axis, redact: Redaction): readonly TimeLane[] {
  const shown = findings.flatMap((one) => {
    const kind = one.severity === 'sev3' ? ('minor' as const) : ('urgent' as const);
    const to = startOf(addDays(one.last_seen, 1));
    const [bar] = clipped({ from: startOf(one.since), to, kind, label: one.rule, renewal: false }, axis);
    const days = list([...new Set([longDay(one.since), longDay(one.last_seen)])]);
    return bar === undefined ? [] : [{ bar, sentence: `${one.severity}, ${days}: ${redact.text(one.summary, 200)}` }];
  });
  return shown.length === 0 ? [] : [laneOf('Findings', shown)];
}

function laneOf(title: string, shown: readonly { readonly bar: Bar; readonly sentence: string }[]): TimeLane {
  const bars = shown.map(({ bar }) => [bar]);
  return { title, rows: inRows(bars), sentences: shown.map(({ sentence }) => sentence) };
}

/** Each group of bars in the first row where it fits; beyond the last row it is told in words only. */
function inRows(groups: readonly (readonly Bar[])[]): readonly (readonly Bar[])[] {
  const rows: Bar[][] = [];
  const sorted = groups.filter(({ length }) => length > 0).toSorted((a, b) => (a[0]?.from ?? 0) - (b[0]?.from ?? 0));
  for (const bars of sorted) {
    const from = bars[0]?.from ?? 0;
    const row = rows.find((one) => (one.at(-1)?.to ?? 0) <= from);
    if (row !== undefined) row.push(...bars);
    else if (rows.length < MAX_ROWS) rows.push([...bars]);
  }
  return rows;
}

/** At least a sliver of what happened within the days; nothing of what did not. */
function clipped(bar: Bar, axis: Axis): readonly Bar[] {
  if (bar.to < axis.from || bar.from >= axis.to) return [];
  const from = Math.max(bar.from, axis.from);
  const to = Math.min(Math.max(bar.to, from), axis.to);
  // What began before the picture did not begin, or get renewed, at its edge.
  return [{ ...bar, from, to, renewal: bar.renewal && bar.from > axis.from }];
}

function startOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}
