import { PosternError } from '../../core/failure.ts';

/** What octokit throws; without `response`, no answer came. */
export interface RequestFailure {
  readonly status: number;
  readonly message: string;
  readonly response?: { readonly headers: Readonly<Record<string, unknown>>; readonly data?: unknown };
  readonly cause?: unknown;
}

/** Codes by HTTP status; callers decide by them what is expected. All end a run with 3 when nobody does. */
const CODES: Readonly<Record<number, { readonly code: string; readonly hint: string }>> = {
  401: { code: 'github-unauthorised', hint: 'the token or App key is wrong, expired or revoked' },
  403: {
    code: 'github-forbidden',
    hint: 'give the App or the workflow the permission; postern doctor lists what is missing',
  },
  404: { code: 'github-not-found', hint: 'it does not exist, or the token may not see it' },
  409: { code: 'github-conflict', hint: 'somebody else changed it at the same moment; run the command again' },
  410: { code: 'github-gone', hint: 'it was deleted, or the feature is switched off in the repository' },
  422: { code: 'github-invalid', hint: 'GitHub refuses the content; its message says which field' },
};

export function isRequestFailure(error: unknown): error is RequestFailure {
  return error instanceof Error && error.name === 'HttpError' && 'status' in error;
}

/** True when it is the PosternError with this code. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof PosternError && codes.includes(error.code);
}

/** An answer that says no: nothing was changed. */
export function refusal(what: string, failure: RequestFailure): PosternError {
  const known = CODES[failure.status];
  return new PosternError(
    known?.code ?? 'github-refused',
    `${what}: GitHub answers ${failure.status}: ${shortened(messageOf(failure))}`,
    { ...(known === undefined ? {} : { hint: known.hint }), exit: 3, cause: failure },
  );
}

/** A read that got no usable answer, also when asked again. */
export function unavailable(what: string, failure: unknown): PosternError {
  return new PosternError('github-unavailable', `${what}: ${reasonOf(failure)}`, {
    hint: 'githubstatus.com tells of outages; the next run goes on from here',
    exit: 3,
    cause: failure,
  });
}

/** A write after which it is not known whether it was made: it must be looked up before it is tried again. */
export function unsure(what: string, failure: unknown): PosternError {
  return new PosternError(
    'github-write-unsure',
    `${what}: it is not known whether this was done: ${reasonOf(failure)}`,
    {
      hint: 'run the command again: it looks before it writes',
      exit: 3,
      cause: failure,
    },
  );
}

export function rateLimited(what: string, seconds: number): PosternError {
  return new PosternError('github-rate-limited', `${what}: GitHub asks to wait ${Math.ceil(seconds)} s.`, {
    hint: 'run the command again later: it goes on where it stopped',
    exit: 3,
  });
}

function reasonOf(failure: unknown): string {
  if (!isRequestFailure(failure)) return shortened(failure instanceof Error ? failure.message : String(failure));
  if (failure.response !== undefined) return `GitHub answers ${failure.status}: ${shortened(messageOf(failure))}`;
  const cause = failure.cause instanceof Error ? failure.cause.message : failure.message;
  return `no whole answer from GitHub (${shortened(cause)})`;
}

/** GitHub's own words, with those about each field. */
function messageOf(failure: RequestFailure): string {
  const data = failure.response?.data as { message?: unknown; errors?: unknown } | undefined;
  const fields = Array.isArray(data?.errors)
    ? data.errors.map((error: unknown) => (typeof error === 'string' ? error : fieldError(error))).filter(Boolean)
    : [];
  const message = typeof data?.message === 'string' ? data.message : failure.message;
  return fields.length === 0 ? message : `${message} (${fields.join('; ')})`;
}

function fieldError(error: unknown): string {
  const { field, code, message } = (error ?? {}) as Record<string, unknown>;
  return [field, message ?? code].filter((part) => typeof part === 'string').join(' ');
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
