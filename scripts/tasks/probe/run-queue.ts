export interface QueueLimits {
  /** Jobs that make headway at a time. */
  readonly active: number;
  /** Jobs that are under way at all, those that wait for somebody included. */
  readonly open: number;
  /** After so long without headway a job no longer keeps others waiting. */
  readonly idleMs: number;
}

/** How a job tells what it does with its place. */
export interface Pace {
  /** There was some headway. */
  readonly progress: () => void;
  /** Goes on once it has a place: at once unless it lost its own while it made no headway. */
  readonly claim: () => Promise<void>;
  /** Waits for something without keeping others waiting, and then for a place again. */
  readonly pause: (wait: Promise<void>) => Promise<void>;
}

/** For a job that has no others beside it. */
export const ALONE: Pace = { progress: () => {}, claim: () => Promise.resolve(), pause: (wait) => wait };

/**
 * Does jobs in turn. A job that makes no headway gives its place to the next and goes on beside it, so that a thousand
 * servers that never answer hold up nobody.
 */
export function runQueue<T>(
  jobs: readonly T[],
  work: (job: T, pace: Pace) => Promise<void>,
  limits: QueueLimits,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const returning: (() => void)[] = [];
    let next = 0;
    let active = 0;
    let open = 0;
    const fill = (): void => {
      if (next >= jobs.length && open === 0) resolve();
      while (active < limits.active && returning.length > 0) {
        active += 1;
        returning.shift()?.();
      }
      while (next < jobs.length && active < limits.active && open < limits.open) {
        next += 1;
        start(jobs[next - 1] as T);
      }
    };
    const start = (job: T): void => {
      active += 1;
      open += 1;
      let holds = true;
      const leave = (): void => {
        if (!holds) return;
        holds = false;
        active -= 1;
        fill();
      };
      let steps = 0;
      const timer = setTimeout(() => {
        const before = steps;
        // A timer that is late with everything else comes before what has arrived meanwhile: that is read first.
        setImmediate(() => {
          if (steps === before) leave();
        });
      }, limits.idleMs);
      const progress = (): void => {
        steps += 1;
        timer.refresh();
      };
      const claim = async (): Promise<void> => {
        if (holds) return;
        await new Promise<void>((go) => {
          returning.push(go);
          fill();
        });
        holds = true;
        progress();
      };
      const pause = async (wait: Promise<void>): Promise<void> => {
        leave();
        await wait;
        await claim();
      };
      // Not at once: a job that pauses first thing would start the next one from within itself.
      Promise.resolve()
        .then(() => work(job, { progress, claim, pause }))
        .then(() => {
          steps += 1;
          clearTimeout(timer);
          open -= 1;
          if (holds) leave();
          else fill();
        })
        .catch(reject);
    };
    fill();
  });
}
