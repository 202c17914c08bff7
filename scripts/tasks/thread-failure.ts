import { PosternError } from '../core/failure.ts';

/** An error as plain data, to be sent from one thread to another; `code` is null when it is not a PosternError. */
export interface ThreadFailure {
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
  readonly exit: 2 | 3;
}

export function failureOf(error: unknown): ThreadFailure {
  if (error instanceof PosternError) {
    return { code: error.code, message: error.message, hint: error.hint, exit: error.exit };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: null, message, hint: null, exit: 3 };
}

export function errorOf({ code, message, hint, exit }: ThreadFailure): Error {
  return code === null
    ? new Error(message)
    : new PosternError(code, message, { ...(hint === null ? {} : { hint }), exit });
}
