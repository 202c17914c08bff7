/**
 * What a strict reader returns. An absent or wrong text is an expected outcome, so it is a value, never a throw.
 * `faults` forbid the value; `lints` stand beside a legal value that is unwise to publish.
 */
export interface Fault {
  /** Stable kebab-case id, e.g. `max-age-range`. */
  readonly code: string;
  /** One sentence for a person; cites the clause it rests on, e.g. `RFC 8461 §3.2`. */
  readonly message: string;
  /** 1-based line of the text the fault stands on, when the text has lines. */
  readonly line?: number;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly lints: readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };
