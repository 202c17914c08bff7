/** Something wrong with the configuration, told so that it can be mended without asking anyone. */
export interface Problem {
  /** Stable kebab-case rule id, e.g. `pattern-broad`. */
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  /** Path relative to the root, e.g. `domains/example.com.yaml`. */
  readonly file: string;
  /** 1-based; null when the problem is the file itself. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  /** What to do; null only when the message already says it. */
  readonly hint: string | null;
}
