export interface QueueLimits {
  /** Jobs that make headway at a time. */
  readonly active: number;
  /** Jobs that are under way at all, those that wait for somebody included. */
  readonly open: number;
  /** After so long without headway a job no longer keeps others waiting. */
  readonly idleMs: number;
}

/**
 * Does jobs in turn. A job that makes no headway gives its place to the next and goes on beside it, so that a thousand
 * servers that never answer hold up nobody; `progress` says that there was some.
 */
export function runQueue<T>(
  jobs: readonly T[],
  work: (job: T, progress: () => void) => Promise<void>,
  limits: QueueLimits,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let active = 0;
    let open = 0;
    const fill = (): void => {
      if (next >= jobs.length && open === 0) resolve();
      while (next < jobs.length && active < limits.active && open < limits.open) {
        start(jobs[next] as T);
        next += 1;
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
      };
      const timer = setTimeout(() => {
        leave();
        fill();
      }, limits.idleMs);
      work(job, () => timer.refresh())
        .then(() => {
          clearTimeout(timer);
          leave();
          open -= 1;
          fill();
        })
        .catch(reject);
    };
    fill();
  });
}
