/** One line of a reply (RFC 5321 §4.2): `250-STARTTLS`. */
export interface SmtpReplyLine {
  readonly code: number;
  /** Whether the reply ends with this line. */
  readonly last: boolean;
  readonly text: string;
}

/** A line without its line end; null when it is no reply line. A bare code is the last line of its reply. */
export function parseReplyLine(line: string): SmtpReplyLine | null {
  const [, code, separator, text] = /^([2-5]\d\d)(?:([ -])([^\r\n]*))?$/.exec(line) ?? [];
  if (code === undefined) return null;
  return { code: Number(code), last: separator !== '-', text: text ?? '' };
}

/** RFC 5321 §4.1.1.1 and RFC 3207 §4: does an EHLO reply, whose first line is the greeting, offer this extension? */
export function offers(lines: readonly string[], keyword: string): boolean {
  return lines.slice(1).some((line) => line.trim().split(/\s/)[0]?.toUpperCase() === keyword);
}
