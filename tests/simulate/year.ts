import { addDays, type Day, type Instant, instantOf } from '#scripts/core/clock.ts';
import { Chance } from './chance.ts';
import type { Pair, SimulatedDomain } from './fleet.ts';
import { INCIDENT_KINDS, type IncidentKind } from './incident-kinds.ts';

/** One reporter's day under one policy type, as its report tells it. */
export interface SimulatedRow {
  readonly day: Day;
  readonly reporter: string;
  readonly policy_type: 'sts' | 'tlsa';
  readonly successful: number;
  readonly failed: number;
  readonly details: readonly { readonly result_type: string; readonly mx: string | null; readonly sessions: number }[];
  readonly received_at: Instant;
  /** Which of the failed sessions an incident caused: no report tells, the score is measured by it. */
  readonly caused: readonly {
    readonly incident: Incident;
    readonly result_type: string | null;
    readonly sessions: number;
  }[];
}

export interface Incident {
  readonly kind: IncidentKind;
  readonly first: number;
  readonly last: number;
  /** Those whose sessions fail, or who fall silent. */
  readonly reporters: ReadonlySet<string>;
  readonly share: number;
  readonly types: ReadonlyMap<string, string | null>;
}

export interface SimulatedYear {
  readonly domain: SimulatedDomain;
  readonly start: Day;
  readonly days: number;
  readonly incidents: readonly Incident[];
  /** By day, then reporter. */
  readonly rows: readonly SimulatedRow[];
}

/** Days before the first incident: every baseline has been learned by then. */
const WARM_UP = 45;
/** Between two incidents, so that a finding belongs to one of them. */
const BETWEEN = 18;
const HOUR = 3_600_000;

/** A year of one domain: reports as they come in, with incidents spread over it. */
export function simulatedYear(
  domain: SimulatedDomain,
  seed: string,
  { start, days = 365, kinds = INCIDENT_KINDS }: { start: Day; days?: number; kinds?: readonly IncidentKind[] },
): SimulatedYear {
  const chance = new Chance(`${seed} ${domain.domain}`);
  const incidents = incidentsOf(domain, chance, days, kinds);
  const rows: SimulatedRow[] = [];
  for (let index = 0; index < days; index++)
    for (const pair of domain.pairs) rows.push(...rowsOf(domain, pair, index, days, start, incidents, chance));
  return { domain, start, days, incidents, rows };
}

function incidentsOf(
  domain: SimulatedDomain,
  chance: Chance,
  days: number,
  kinds: readonly IncidentKind[],
): readonly Incident[] {
  const incidents: Incident[] = [];
  let first = WARM_UP + chance.whole(0, 25);
  while (first < days - 25) {
    const kind = chance.pick(kinds.filter((one) => fits(one, domain)));
    const last = first + chance.whole(kind.days[0], kind.days[1]) - 1;
    const names = domain.pairs.map(({ reporter }) => reporter.reporter);
    const eligible = domain.pairs.filter(
      ({ reporter, sessions }) =>
        (kind.policy_type !== 'tlsa' || reporter.dane) &&
        ((kind.seen !== 'one' && kind.silent !== 'one') || sessions >= 3),
    );
    if (eligible.length >= (kind.seen === 'some' || kind.seen === 'one' ? 2 : 1)) {
      const reporters = new Set(
        kind.seen === 'one' || kind.silent === 'one'
          ? [chance.pick(eligible).reporter.reporter]
          : kind.seen === 'some'
            ? someOf(
                eligible.map(({ reporter }) => reporter.reporter),
                chance,
              )
            : eligible.map(({ reporter }) => reporter.reporter),
      );
      const types = new Map(names.map((name) => [name, chance.pick(kind.types)]));
      incidents.push({ kind, first, last, reporters, share: chance.between(...kind.share), types });
    }
    first = last + BETWEEN + chance.whole(0, 30);
  }
  return incidents;
}

function fits(kind: IncidentKind, domain: SimulatedDomain): boolean {
  if (kind.policy_type === 'tlsa') return domain.dane && domain.pairs.some(({ reporter }) => reporter.dane);
  const atMx = kind.probe?.kind === 'mx';
  if (kind.actor === 'provider') return domain.provider;
  return !(domain.provider && atMx && kind.mx === 0);
}

function someOf(names: readonly string[], chance: Chance): readonly string[] {
  const chosen = names.filter(() => chance.happens(0.5));
  return chosen.length >= 2 ? chosen : names.slice(0, 2);
}

function rowsOf(
  domain: SimulatedDomain,
  pair: Pair,
  index: number,
  days: number,
  start: Day,
  incidents: readonly Incident[],
  chance: Chance,
): readonly SimulatedRow[] {
  const { reporter } = pair;
  const day = addDays(start, index);
  const now = incidents.filter(({ first, last }) => index >= first && index <= last);
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  const rhythm = weekday === 0 || weekday === 6 ? reporter.weekend : 1;
  const growth = 1 + (domain.growth - 1) * (index / days);
  const left = Math.min(1, ...now.map(({ kind }) => kind.volume ?? 1));
  const touching = now.filter(({ reporters }) => reporters.has(reporter.reporter));
  const isHarmless = (what: IncidentKind['harmless']) => touching.some(({ kind }) => kind.harmless === what);
  const holiday = day.slice(5) >= '12-24' && day.slice(5) <= '12-26' ? 0.45 : 1;
  const drawn = chance.poisson(chance.wobble(1, reporter.spread) * pair.sessions * rhythm * growth * left * holiday);
  const burst = isHarmless('bursts of volume') && index % 2 === 0 ? 4 : isHarmless('doubled') ? 2 : 1;
  const isMissing = chance.happens(reporter.missing);
  const isLate = chance.happens(reporter.late);
  const received =
    Date.parse(`${day}T00:00:00Z`) +
    (24 + chance.between(0.5, 9)) * HOUR +
    (isLate ? chance.whole(1, 4) * 24 * HOUR : isHarmless('late') ? 72 * HOUR : 0);
  const sessions = drawn * burst;
  const silent = now.some(
    ({ kind, reporters }) => kind.silent === 'all' || (kind.silent === 'one' && reporters.has(reporter.reporter)),
  );
  if (sessions === 0 || isMissing || silent) return [];
  const policyTypes = domain.dane && reporter.dane ? (['sts', 'tlsa'] as const) : (['sts'] as const);
  return policyTypes.map((policy_type) => {
    const counts = new Map<string, { result_type: string; mx: string | null; sessions: number }>();
    let left = sessions;
    let failed = 0;
    const caused: SimulatedRow['caused'][number][] = [];
    const add = (type: string | null, mx: string | null, count: number, incident: Incident | null = null) => {
      const some = Math.min(left, count);
      if (some <= 0) return;
      if (incident !== null) caused.push({ incident, result_type: type, sessions: some });
      left -= some;
      failed += some;
      if (type === null) return;
      const named = reporter.namesMx && !type.startsWith('sts-') ? mx : null;
      const key = `${type} ${named}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { result_type: type, mx: named, sessions: some });
      else known.sessions += some;
    };
    for (const incident of touching) {
      const { kind, types } = incident;
      const share = shareOn(incident, index, weekday);
      if (kind.policy_type !== policy_type || kind.seen === 'none' || share === 0) continue;
      const mx = kind.foreign_mx ?? (kind.mx === null ? null : domain.mx[kind.mx]);
      const named = kind.mixed ? kind.types : [types.get(reporter.reporter) ?? null];
      for (const type of named)
        add(type, mx, chance.binomial(sessions, chance.wobble(share / named.length, 0.1)), incident);
    }
    for (const { type, share, spread } of pair.noise)
      if (policy_type === 'sts') add(type, domain.mx[0], chance.binomial(sessions, chance.wobble(share, spread)));
    return {
      day,
      reporter: isHarmless('renamed') ? `mail.new-${reporter.reporter}` : reporter.reporter,
      policy_type,
      successful: sessions - failed,
      failed,
      details: [...counts.values()],
      received_at: instantOf(received),
      caused,
    };
  });
}

/** What share of the sessions of this day fails. */
export function shareOn({ kind, share, first, last }: Incident, index: number, weekday: number): number {
  switch (kind.course) {
    case 'ramp':
      return share * Math.min(1, (index - first + 1) / 8);
    case 'fading':
      return share * Math.min(1, (last - index + 1) / (last - first + 1));
    case 'every third day':
      return (index - first) % 3 === 0 ? share : 0;
    case 'weekends':
      return weekday === 0 || weekday === 6 ? share : 0;
    default:
      return share;
  }
}
