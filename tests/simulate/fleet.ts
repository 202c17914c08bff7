import type { Chance } from './chance.ts';

/** Who sends TLS reports: how large it is, how it behaves. Figures follow what public fleets say of themselves. */
interface SimulatedReporter {
  readonly reporter: string;
  /** Its part of the mail that a usual domain receives. */
  readonly weight: number;
  /** Of a working day, on Saturdays and Sundays. */
  readonly weekend: number;
  /** Validates DANE, too. */
  readonly dane: boolean;
  readonly namesMx: boolean;
  /** Days on which no report comes. */
  readonly missing: number;
  /** Reports that come one to four days late. */
  readonly late: number;
  /** How much its volume differs from one day to the next. */
  readonly spread: number;
}

const reporter = (name: string, weight: number, changes: Partial<SimulatedReporter> = {}): SimulatedReporter => ({
  reporter: name,
  weight,
  weekend: 0.45,
  dane: false,
  namesMx: true,
  missing: 0.01,
  late: 0.03,
  spread: 0.18,
  ...changes,
});

const REPORTERS: readonly SimulatedReporter[] = [
  reporter('google.com', 0.46, { weekend: 0.5, namesMx: false, missing: 0.004 }),
  reporter('microsoft.com', 0.24, { weekend: 0.25, dane: true }),
  reporter('yahooinc.com', 0.05, { weekend: 0.9 }),
  reporter('mail.ru', 0.03, { weekend: 0.8, missing: 0.02 }),
  reporter('comcast.net', 0.02, { weekend: 0.85, dane: true }),
  reporter('gmx.net', 0.06, { weekend: 0.8, dane: true }),
  reporter('web.de', 0.05, { weekend: 0.8, dane: true }),
  reporter('mailbox.org', 0.012, { dane: true, spread: 0.3 }),
  reporter('protonmail.com', 0.012, { dane: true, spread: 0.3 }),
  reporter('socketlabs.com', 0.03, { weekend: 0.3, spread: 0.5, namesMx: false }),
  reporter('mimecast.com', 0.03, { weekend: 0.15 }),
  reporter('university.example', 0.006, { weekend: 0.3, missing: 0.05, late: 0.1, spread: 0.45, dane: true }),
  reporter('smallhost.example', 0.003, { missing: 0.08, late: 0.1, spread: 0.6 }),
];

/** Habits that no figure of the model was chosen by: a reporter of every other day, one of weekends, one of mailings. */
const ODD_REPORTERS: readonly SimulatedReporter[] = [
  reporter('everyother.example', 0.02, { missing: 0.45, spread: 0.3 }),
  reporter('weekend.example', 0.03, { weekend: 2.2, spread: 0.35, namesMx: false }),
  reporter('mailings.example', 0.05, { spread: 0.9, late: 0.25 }),
];

interface Noise {
  readonly type: string | null;
  /** The usual share of failed sessions. */
  readonly share: number;
  readonly spread: number;
}

/** One reporter at one domain. */
export interface Pair {
  readonly reporter: SimulatedReporter;
  /** Sessions of a working day in the middle of the year. */
  readonly sessions: number;
  /** What always fails a little; some senders fail a lot, steadily, and nothing is wrong with the domain. */
  readonly noise: readonly Noise[];
}

export interface SimulatedDomain {
  readonly domain: string;
  readonly mx: readonly [primary: string, backup: string];
  readonly provider: boolean;
  readonly mode: 'testing' | 'enforce';
  readonly dane: boolean;
  /** Volume at the end of the year against its start. */
  readonly growth: number;
  readonly pairs: readonly Pair[];
}

const NOISE_TYPES = [
  'starttls-not-supported',
  'validation-failure',
  'certificate-host-mismatch',
  'sts-policy-fetch-error',
  'certificate-not-trusted',
  null,
] as const;

/** A domain with 20 to 300,000 sessions a day and those of the reporters that know it. */
export function simulatedDomain(chance: Chance, index: number, { odd = false } = {}): SimulatedDomain {
  const domain = `d${index}.example`;
  const sessions = chance.magnitude(20, 300_000);
  const provider = chance.happens(0.2);
  const known = odd ? [...REPORTERS, ...ODD_REPORTERS] : REPORTERS;
  const pairs = known
    .filter(({ weight }) => chance.happens(Math.min(1, 0.5 + weight * 4)))
    .map(
      (one): Pair => ({
        reporter: one,
        sessions: sessions * one.weight * chance.magnitude(0.4, 2.5),
        noise: noiseOf(chance),
      }),
    );
  return {
    domain,
    mx: provider
      ? [`d${index}-example.mail.protection.outlook.com`, 'mx2.example.net']
      : [`mx1.${domain}`, `mx2.${domain}`],
    provider,
    mode: chance.happens(0.5) ? 'enforce' : 'testing',
    dane: chance.happens(0.3),
    growth: chance.between(0.8, 1.8),
    pairs:
      pairs.length < 2
        ? REPORTERS.slice(0, 3).map((one) => ({ reporter: one, sessions: sessions * one.weight, noise: [] }))
        : pairs,
  };
}

function noiseOf(chance: Chance): readonly Noise[] {
  const noise: Noise[] = [{ type: chance.pick(NOISE_TYPES), share: chance.magnitude(0.00005, 0.004), spread: 0.8 }];
  if (chance.happens(0.12))
    noise.push({
      type: chance.pick(NOISE_TYPES),
      share: chance.between(0.03, 0.12),
      spread: chance.between(0.1, 0.35),
    });
  return noise;
}
