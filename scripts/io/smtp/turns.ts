/** Whose turn it is at an address: one connection at a time, and a pause between two. */
export type Turns = <T>(
  address: string,
  work: () => Promise<T>,
  /** How to wait for one's turn. */
  pause: (wait: Promise<void>) => Promise<void>,
) => Promise<T>;

/** The pause is `intervalMs`, and by chance up to half as much more, so that many probes do not march in step. */
export function createTurns(intervalMs: number): Turns {
  const last = new Map<string, Promise<void>>();
  return async (address, work, pause) => {
    const before = last.get(address);
    let done: () => void = () => {};
    const mine = new Promise<void>((resolve) => {
      done = resolve;
    });
    last.set(address, mine);
    if (before !== undefined) await pause(before);
    try {
      return await work();
    } finally {
      setTimeout(
        () => {
          if (last.get(address) === mine) last.delete(address);
          done();
        },
        intervalMs * (1 + Math.random() / 2),
      );
    }
  };
}
