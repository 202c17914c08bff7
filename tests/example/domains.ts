import { type Day, daysFrom, type Instant, parseDay } from '#scripts/core/clock.ts';
import { BIGMAIL, OFFICE, POCHTA, POSTHOF, RELAY_CO, type Reporter } from './reporters.ts';

/** The moment the example is told for, `example_clock` in `domains/_settings.yaml`. Nothing arrives after it. */
export const EXAMPLE_CLOCK = '2026-11-21T06:00:00Z' as Instant;

/** Where reports go. Outside the example domains: a fault of theirs must not hide its own report. */
export const MAILBOX = 'tls-reports@organisation.example';

export const FIRST_DAY = day('2026-09-21');
export const LAST_DAY = day('2026-11-20');
/** The days the reports cover. */
export const DAYS: readonly Day[] = daysFrom(FIRST_DAY, LAST_DAY);

/** A receiving domain of the story: what it publishes, and how much mail each reporter has for it. */
export interface ExampleDomain {
  readonly domain: string;
  readonly mx: readonly { readonly host: string; readonly address: string }[];
  /** TLSA records by MX host (RFC 6698), for the senders that validate DANE. */
  readonly tlsa: readonly string[];
  /** Policy lines as served on the first day; null = no policy. */
  readonly policy: readonly string[] | null;
  /** What it becomes, and the day each reporter first applies that: senders learn of a change when they look. */
  readonly change: { readonly policy: readonly string[]; readonly seen: ReadonlyMap<Reporter, Day> } | null;
  /** Sessions on an ordinary weekday. A reporter that is not named has no mail for the domain. */
  readonly weekday: ReadonlyMap<Reporter, number>;
  /** What is left of that volume on the last day; 1 = steady. */
  readonly trend: number;
}

export const EXAMPLE_COM: ExampleDomain = {
  domain: 'example.com',
  mx: [
    { host: 'mx1.example.com', address: '192.0.2.11' },
    { host: 'mx2.example.com', address: '192.0.2.12' },
  ],
  tlsa: [
    '3 1 1 89bcd7dc98c627e5cff5b821be4efae18c8d917fe2fabee66fe02aa14c49dfea',
    '3 1 1 2643dbc4d0bc3a32a4112d2d3d3c0a63215348f0444b36c3e3729728c1f102bc',
  ],
  policy: policyLines('enforce', ['mx1.example.com', 'mx2.example.com'], 604_800),
  change: null,
  weekday: new Map([
    [BIGMAIL, 2400],
    [OFFICE, 1700],
    [POSTHOF, 110],
    [POCHTA, 240],
    [RELAY_CO, 45],
  ]),
  trend: 1.06,
};

export const EXAMPLE_NET: ExampleDomain = {
  domain: 'example.net',
  mx: [{ host: 'example-net.mail.protection.outlook.com', address: '192.0.2.40' }],
  tlsa: [],
  policy: null,
  change: {
    policy: policyLines('testing', ['example-net.mail.protection.outlook.com'], 86_400),
    seen: new Map([
      [BIGMAIL, day('2026-11-03')],
      [OFFICE, day('2026-11-03')],
      [RELAY_CO, day('2026-11-03')],
      [POCHTA, day('2026-11-04')],
    ]),
  },
  weekday: new Map([
    [BIGMAIL, 620],
    [OFFICE, 540],
    [POSTHOF, 18],
    [POCHTA, 35],
    [RELAY_CO, 12],
  ]),
  trend: 1,
};

const EXAMPLE_ORG: ExampleDomain = {
  domain: 'example.org',
  mx: [
    { host: 'mail.example.org', address: '192.0.2.71' },
    { host: 'backup.example.org', address: '192.0.2.72' },
  ],
  tlsa: [],
  policy: policyLines('enforce', ['mail.example.org', 'backup.example.org'], 604_800),
  change: {
    policy: policyLines('none', ['mail.example.org', 'backup.example.org'], 86_400),
    seen: new Map([
      [BIGMAIL, day('2026-11-09')],
      [OFFICE, day('2026-11-10')],
      [RELAY_CO, day('2026-11-11')],
      [POCHTA, day('2026-11-14')],
    ]),
  },
  weekday: new Map([
    [BIGMAIL, 260],
    [OFFICE, 150],
    [POCHTA, 20],
    [RELAY_CO, 14],
  ]),
  trend: 0.2,
};

export const EXAMPLE_DOMAINS: readonly ExampleDomain[] = [EXAMPLE_COM, EXAMPLE_NET, EXAMPLE_ORG];

/** A policy as a reporter quotes it, one string per line (RFC 8460 §4.4, policy-string). */
function policyLines(mode: string, mx: readonly string[], maxAge: number): readonly string[] {
  return ['version: STSv1', `mode: ${mode}`, ...mx.map((host) => `mx: ${host}`), `max_age: ${maxAge}`];
}

/** A day written in this story; throws on a slip of the pen. */
export function day(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === null) throw new RangeError(`${text} is not a day`);
  return parsed;
}
