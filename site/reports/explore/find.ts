/** What a search among the names of domains finds. */
export interface Found {
  /** The one domain whose name this is; A-label. */
  readonly exact: string | null;
  /** Otherwise those that begin with it, then those that hold it. */
  readonly some: readonly string[];
  /** Beyond `limit`. */
  readonly more: number;
}

/** `names` are A-labels, as they stand in addresses; `text` may be a name as it is shown, an address of a page or a mailbox. */
export function findDomain(text: string, names: readonly string[], limit = 100): Found {
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/^[^@]*@/, '')
    .replace(/[/?#].*$/, '');
  const asked = aLabels(typed);
  const whole = asked.replace(/\.$/, '');
  if (names.includes(whole)) return { exact: whole, some: [], more: 0 };
  const holding = asked === '' ? [] : names.filter((name) => name.includes(asked)).sort();
  const [first, rest] = [true, false].map((begins) => holding.filter((name) => name.startsWith(asked) === begins));
  const found = [...(first ?? []), ...(rest ?? [])];
  return { exact: null, some: found.slice(0, limit), more: Math.max(0, found.length - limit) };
}

/** A name with letters beyond ASCII as a browser asks for it; what is no name stays as it is. */
function aLabels(text: string): string {
  const isAscii = /^[ -~]*$/.test(text);
  return isAscii || !URL.canParse(`http://${text}/`) ? text : new URL(`http://${text}/`).hostname;
}
