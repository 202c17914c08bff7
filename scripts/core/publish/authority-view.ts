import type { RecordSet } from '../dns/record-set.ts';
import type { LookupStatus } from '../probe/dns-lookup.ts';

/** What the servers of a zone say about one record set, each asked by itself. */
export interface AuthorityView {
  readonly name: string;
  readonly type: RecordSet['type'];
  readonly answers: readonly AuthorityAnswer[];
}

export interface AuthorityAnswer {
  /** The server's name, and the address it was asked on. */
  readonly server: string;
  readonly address: string;
  readonly status: LookupStatus;
  /** As in RecordSet; only those that are ours of TXT. Hostile text. */
  readonly values: readonly string[];
}

const DEFINITE: readonly LookupStatus[] = ['answer', 'nodata', 'nxdomain'];

/**
 * Null when every server of the zone says just this; else the phrase to wait for. A server counts with the addresses that
 * answered: one without IPv6 here is no other server. Nobody answers: not known, so not so.
 */
export function authoritiesDiffer({ name, type, answers }: AuthorityView, wanted: readonly string[]): string | null {
  if (answers.length === 0) return `${type} ${name}: which servers hold its zone is not known`;
  const wrong = answers.filter(({ status, values }) => DEFINITE.includes(status) && !isSame(values, wanted));
  if (wrong.length > 0) {
    const where = `${wanted.length === 0 ? 'still' : 'not yet'} at ${named(wrong)}`;
    return `${type} ${name}: ${where}${wanted.length === 0 ? '' : `: ${wanted.join(' ')}`}`;
  }
  const answered = new Set(answers.filter(({ status }) => DEFINITE.includes(status)).map(({ server }) => server));
  const silent = answers.filter(({ server }) => !answered.has(server));
  return silent.length === 0
    ? null
    : `${type} ${name}: no answer from ${named(silent, ({ server, status }) => `${server} (${status})`)}`;
}

function named(
  answers: readonly AuthorityAnswer[],
  nameOf: (answer: AuthorityAnswer) => string = ({ server }) => server,
): string {
  return [...new Set(answers.map(nameOf))].sort().slice(0, 8).join(', ');
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n');
}
