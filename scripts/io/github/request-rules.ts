import { PosternError } from '../../core/failure.ts';
import { isRequestFailure, type RequestFailure, rateLimited, refusal, unavailable, unsure } from './failures.ts';
import { budgetSpent, type WriteBudget } from './write-budget.ts';

/** The real clock, as GitHub's limits run by it. */
export interface RealClock {
  readonly seconds: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
}

export const REAL_CLOCK: RealClock = {
  seconds: () => Math.floor(Date.now() / 1000),
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};

/** Seconds that one run waits for limits, all requests together. */
const MAX_WAIT = 60;
/** Seconds before a read is asked again. */
const READ_AGAIN = [1, 2, 4] as const;

interface RequestOptions {
  readonly method: string;
  readonly url: string;
  readonly [key: string]: unknown;
}

/**
 * How every request is made: reads that got no answer are asked again; writes never are, because they may have been made;
 * what a limit refused was not made, so it is made again after the wait, up to a minute in a run.
 * What is thrown is always a PosternError.
 */
export function requestRules(budget: WriteBudget, clock: RealClock) {
  let waited = 0;
  const patience = async (seconds: number, failure: PosternError): Promise<void> => {
    if (waited + seconds > MAX_WAIT) throw failure;
    waited += seconds;
    await clock.sleep(seconds);
  };

  return async <Options extends RequestOptions, Result>(
    request: (options: Options) => Result | Promise<Result>,
    options: Options,
  ): Promise<Result> => {
    const write = isWrite(options);
    const what = `${options.method} ${spokenUrl(options)}`;
    for (let reads = 0; ; ) {
      if (write) {
        const wait = budget.wait(clock.seconds());
        if (wait > 0) await patience(wait, budgetSpent(wait));
        budget.spend(clock.seconds());
      }
      try {
        return await request(options);
      } catch (error) {
        if (error instanceof PosternError) throw error;
        const limit = isRequestFailure(error) ? limitSeconds(error, clock.seconds()) : null;
        if (limit !== null) await patience(limit, rateLimited(what, limit));
        else if (isRequestFailure(error) && error.response !== undefined && error.status < 500)
          throw refusal(what, error);
        else if (write) throw unsure(what, error);
        else {
          const pause = READ_AGAIN[reads++];
          if (pause === undefined) throw unavailable(what, error);
          await clock.sleep(pause);
        }
      }
    }
  };
}

/** A token for an installation is asked for by POST, but changes nothing. */
function isWrite({ method, url }: RequestOptions): boolean {
  return method !== 'GET' && method !== 'HEAD' && !url.endsWith('/access_tokens');
}

/** Seconds to wait when the answer is a primary or secondary limit, else null. At least a minute when GitHub names no time. */
function limitSeconds(failure: RequestFailure, now: number): number | null {
  if (failure.status !== 403 && failure.status !== 429) return null;
  const {
    'retry-after': after,
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': reset,
  } = failure.response?.headers ?? {};
  if (after !== undefined && Number.isFinite(Number(after))) return Math.max(1, Number(after));
  if (String(remaining) === '0' && Number.isFinite(Number(reset))) return Math.max(1, Number(reset) - now);
  const { message } = (failure.response?.data ?? {}) as { message?: unknown };
  return failure.status === 429 || /secondary rate limit|abuse detection/i.test(String(message)) ? MAX_WAIT : null;
}

/** `/repos/acme/mail/issues/7`, with the names filled in and without the host. */
function spokenUrl(options: RequestOptions): string {
  const path = options.url.replace(/^https?:\/\/[^/]+/, '').replace(/\?.*$/, '');
  return path.replace(/\{(\w+)\}/g, (_, name: string) => String(options[name] ?? name));
}
