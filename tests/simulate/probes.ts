import { addDays, type Day, type Instant } from '#scripts/core/clock.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { Standing } from '#scripts/core/probe/standing.ts';
import { REVIEW_TIME } from './tellable.ts';
import type { Incident, SimulatedYear } from './year.ts';

const VANTAGES = ['ci', 'office'];
/** Probes look every hour; the last look before a review is this old. */
const LAST_LOOK = '09:30:00Z';

/** What two vantages, that look every hour, have seen of one domain at the review of `on`. */
export function standingsOn(year: SimulatedYear, on: Day): readonly Standing[] {
  const now = `${on}T${LAST_LOOK}` as Instant;
  return VANTAGES.flatMap((vantage) => {
    const faults = year.incidents.flatMap((incident) => faultOf(year, incident, vantage, on));
    const broken = new Set(faults.filter(({ cleared }) => cleared === null).map(targetOf));
    const sound = targets(year).map((target) => ({
      ...base(vantage, year, now),
      ...target,
      outcome: 'ok' as const,
      code: 'ok',
    }));
    return [...faults, ...sound.filter((one) => !broken.has(targetOf(one)))];
  });
}

const LOOKS = ['00:30:00Z', '06:30:00Z', LAST_LOOK];

/** The looks of one day themselves, as two vantages would send them: three rounds of everything. */
export function looksOn(year: SimulatedYear, on: Day): readonly Observation[] {
  return LOOKS.flatMap((time) => {
    const at = `${on}T${time}` as Instant;
    return standingsOn(year, on).flatMap(
      ({ vantage, domain, kind, subject, address, outcome, code, facts, since, cleared }) => {
        const isThere = outcome === 'ok' || (cleared === null && at >= since);
        const seen = isThere
          ? { outcome, code, facts }
          : { outcome: 'ok' as const, code: 'ok', facts: soundFacts(facts) };
        return cleared === null ? [{ at, vantage, domain, kind, subject, address, ...seen }] : [];
      },
    );
  });
}

/** Without what a fault adds. */
function soundFacts({ mx: _, ...facts }: Standing['facts']): Standing['facts'] {
  return facts;
}

type Target = Pick<Standing, 'kind' | 'subject' | 'address' | 'facts'>;

function targets({ domain }: SimulatedYear): readonly Target[] {
  const [primary, backup] = domain.mx;
  const set = domain.mx.map((host, place) => ({ host, preference: 10 * (place + 1) }));
  return [
    { kind: 'mx', subject: primary, address: '192.0.2.1', facts: {} },
    { kind: 'mx', subject: backup, address: '192.0.2.2', facts: {} },
    { kind: 'policy', subject: `mta-sts.${domain.domain}`, address: '192.0.2.3', facts: {} },
    { kind: 'mx-set', subject: domain.domain, address: null, facts: { set } },
    ...(domain.dane ? [{ kind: 'dane', subject: primary, address: null, facts: {} } as const] : []),
  ];
}

/** A fault from the first day of its incident on; cleared after its end; nothing 90 days later. */
function faultOf(year: SimulatedYear, { kind, first, last }: Incident, vantage: string, on: Day): readonly Standing[] {
  const { probe } = kind;
  const from = addDays(year.start, first);
  const to = addDays(year.start, last);
  if (probe === null || from > on || addDays(to, 88) < on) return [];
  const target = targets(year).find(
    (one) => one.kind === probe.kind && (one.kind !== 'mx' || one.subject === year.domain.mx[kind.mx ?? 0]),
  );
  if (target === undefined) return [];
  const isOver = to < on;
  const at = `${isOver ? to : on}T${LAST_LOOK}` as Instant;
  const now = `${on}T${LAST_LOOK}` as Instant;
  const cleared = isOver ? { looks: 5, first: `${addDays(to, 1)}T00:30:00Z` as Instant, last: now } : null;
  const facts = probe.code === 'mx-not-covered' ? { mx: ['new.example.net'], ...target.facts } : target.facts;
  return [
    {
      ...base(vantage, year, now),
      ...target,
      facts,
      outcome: 'bad',
      code: probe.code,
      at,
      since: `${from}T06:30:00Z` as Instant,
      cleared,
    },
  ];
}

function base(vantage: string, { domain, start }: SimulatedYear, now: Instant) {
  return {
    vantage,
    domain: domain.domain,
    at: now,
    since: `${start}T${REVIEW_TIME}` as Instant,
    last_look: now,
    looks: 24,
    cleared: null,
  };
}

function targetOf({ kind, subject, address }: Standing): string {
  return `${kind} ${subject} ${address}`;
}
