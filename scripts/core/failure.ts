/**
 * A broken promise: misuse (exit 2) or an outage (exit 3). Expected outcomes are values, not this.
 * The entry prints `code: message`, then `hint`, and no stack unless `--debug`.
 */
export class PosternError extends Error {
  override readonly name = 'PosternError';
  /** Permanent kebab-case id. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | null;
  readonly exit: 2 | 3;

  constructor(
    code: string,
    message: string,
    options: { readonly hint?: string; readonly exit: 2 | 3; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
    this.exit = options.exit;
  }
}
