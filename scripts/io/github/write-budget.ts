import { PosternError } from '../../core/failure.ts';

/** GitHub allows 80 content writes a minute and 500 an hour; beyond that it answers with secondary limits. */
const LIMITS = [
  { seconds: 60, writes: 80 },
  { seconds: 3600, writes: 500 },
] as const;

/** Writes by the second they were made in: `[seconds since the epoch, how many]`, ascending. Kept from run to run. */
export type SpentWrites = readonly (readonly [number, number])[];

export interface WriteBudget {
  /** Seconds until one more write is allowed; 0: now. */
  readonly wait: (nowSeconds: number) => number;
  /** Counts one write, and writes that down before the write is made. */
  readonly spend: (nowSeconds: number) => void;
}

export function writeBudget(spentBefore: SpentWrites, save: (spent: SpentWrites) => void): WriteBudget {
  let spent = spentBefore;
  return {
    wait: (now) => Math.max(...LIMITS.map(({ seconds, writes }) => secondsUntilFree(spent, now, seconds, writes))),
    spend: (now) => {
      spent = oneMore(spent, now);
      save(spent);
    },
  };
}

/** Nothing is remembered: for a run that has no `data/`. */
export function unsharedBudget(): WriteBudget {
  return writeBudget([], () => undefined);
}

export function budgetSpent(seconds: number): PosternError {
  return new PosternError(
    'github-write-budget',
    `GitHub's limit of writes is reached (80 a minute, 500 an hour); more is possible in ${Math.ceil(seconds)} s.`,
    { hint: 'run the command again then: it goes on where it stopped', exit: 3 },
  );
}

function secondsUntilFree(spent: SpentWrites, now: number, seconds: number, writes: number): number {
  const recent = spent.filter(([second]) => second > now - seconds);
  let over = recent.reduce((sum, [, count]) => sum + count, 0) - writes + 1;
  if (over <= 0) return 0;
  for (const [second, count] of recent) {
    over -= count;
    if (over <= 0) return second + seconds - now;
  }
  return seconds;
}

/** A clock that was set back leaves seconds of the future behind: those are dropped, they would block for ever. */
function oneMore(spent: SpentWrites, now: number): SpentWrites {
  const kept = spent.filter(([second]) => second > now - 3600 && second <= now);
  const last = kept.at(-1);
  return last?.[0] === now ? [...kept.slice(0, -1), [now, last[1] + 1]] : [...kept, [now, 1]];
}
