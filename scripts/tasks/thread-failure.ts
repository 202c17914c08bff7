import { PosternError } from '../core/failure.ts';
import { explained } from '../core/system-failure.ts';

/** An error as plain data, to be sent from one thread to another; `code` is null when it is not a PosternError. */
export interface ThreadFailure {
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
  readonly exit: 2 | 3;
  /** Where in the other thread: for --debug. */
  readonly stack: string | null;
}

export function failureOf(error: unknown): ThreadFailure {
  const cause = explained(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  if (cause instanceof PosternError) {
    return { code: cause.code, message: cause.message, hint: cause.hint, exit: cause.exit, stack };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: null, message, hint: null, exit: 3, stack };
}

export function errorOf({ code, message, hint, exit, stack }: ThreadFailure): Error {
  const error =
    code === null ? new Error(message) : new PosternError(code, message, { ...(hint === null ? {} : { hint }), exit });
  if (stack !== null) error.stack = stack;
  return error;
}
