const LIMIT = 64;
/** Controls, format and bidirectional characters, surrogates without a partner, line and paragraph separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Hostile text as it may stand in a message or a warning: one line, at most 64 characters, nothing invisible. */
export function excerpt(text: string): string {
  const start = text.length > LIMIT ? `${text.slice(0, LIMIT - 1)}…` : text;
  return start.replace(UNSAFE, '?');
}
