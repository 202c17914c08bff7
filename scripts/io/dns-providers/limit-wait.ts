import { providerUnavailable } from './provider.ts';

/** Seconds that one run waits for the limits of one API. */
const MAX_WAIT = 60;
/** Seconds, where a refusal does not say how long. */
const UNSAID = 10;

export type Sleep = (seconds: number) => Promise<void>;

/** What a limit refused was not done (RFC 6585 §4): it may be asked again, also when it was a write. */
export interface LimitWait {
  /** Waits; throws `dns-unavailable` (exit 3) when the waits of this run would be too long together. */
  readonly wait: (what: string, seconds: number) => Promise<void>;
  /** Does `act`, and again after each refusal for which `secondsOf` tells a wait; null: it is another error, and thrown. */
  readonly within: <T>(
    what: string,
    act: () => PromiseLike<T>,
    secondsOf: (error: unknown) => number | null,
  ) => Promise<T>;
}

export function limitWait(kind: string, sleep: Sleep = sleepSeconds): LimitWait {
  let waited = 0;
  const wait = async (what: string, seconds: number, cause?: unknown): Promise<void> => {
    if (waited + seconds > MAX_WAIT) throw providerUnavailable(kind, what, `it asks to wait ${seconds} s`, cause);
    waited += seconds;
    await sleep(seconds);
  };
  const within: LimitWait['within'] = async (what, act, secondsOf) => {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        const seconds = secondsOf(error);
        if (seconds === null) throw error;
        await wait(what, seconds, error);
      }
    }
  };
  return { wait, within };
}

/** `Retry-After` in whole seconds (RFC 9110 §10.2.3); its other form, a date, is answered with a short wait. */
export function retryAfterSeconds(header: string | null | undefined): number {
  const seconds = Number(header ?? UNSAID);
  return Math.max(1, Number.isFinite(seconds) ? Math.ceil(seconds) : UNSAID);
}

export function sleepSeconds(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
