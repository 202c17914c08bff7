import type { Instant } from '../clock.ts';
import type { Week } from './week.ts';

/** The section `digest_weekly` of the checkpoint: when each recipient's mail of a week was accepted, by address. */
export interface SentWeeks {
  readonly version: 1;
  readonly weeks: Readonly<Record<string, Readonly<Record<string, Instant>>>>;
}

const KEPT = 60;

/** Null when the section is there and is not ours to understand: then nothing may be sent a second time. */
export function sentWeeksOf(section: unknown): SentWeeks | null {
  if (section === undefined) return { version: 1, weeks: {} };
  const { version, weeks } = (section ?? {}) as Partial<SentWeeks>;
  return version === 1 && typeof weeks === 'object' && weeks !== null ? { version, weeks } : null;
}

export function wasSent({ weeks }: SentWeeks, week: Week, address: string): boolean {
  return weeks[week]?.[address.toLowerCase()] !== undefined;
}

export function withSent(sent: SentWeeks, week: Week, address: string, at: Instant): SentWeeks {
  const weeks = { ...sent.weeks, [week]: { ...sent.weeks[week], [address.toLowerCase()]: at } };
  const kept = Object.keys(weeks).sort().slice(-KEPT);
  return { version: 1, weeks: Object.fromEntries(kept.map((one) => [one, weeks[one] ?? {}])) };
}
