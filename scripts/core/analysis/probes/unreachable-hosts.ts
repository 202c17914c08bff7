import type { Standing } from '../../probe/standing.ts';
import type { FaultStanding } from './fault-standing.ts';

/** What one vantage could not reach says nothing of the host, unless it is this: the path was never there to fail. */
const SAYS_NOTHING = /^(?:probe-blocked|private-address|dns-|no-|not-|budget|proxy|socks|vantage|skipped)/;

/** `mx-unreachable`: two vantages that see other things see nothing here, and nobody does. */
export function unreachable(standings: readonly Standing[]): readonly FaultStanding[] {
  const blind = standings.filter(
    ({ kind, outcome, code, at, last_look }) =>
      kind === 'mx' && outcome === 'unknown' && at === last_look && !SAYS_NOTHING.test(code),
  );
  const places = Map.groupBy(blind, ({ subject, address }) => `${subject} ${address ?? ''}`);
  return [...places.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined || new Set(rows.map(({ vantage }) => vantage)).size < 2) return [];
    const reached = standings.some(
      ({ kind, subject, address, outcome, at }) =>
        kind === 'mx' &&
        subject === first.subject &&
        address === first.address &&
        outcome !== 'unknown' &&
        at >= first.at,
    );
    if (reached) return [];
    return rows.map((standing) => ({ standing: { ...standing, code: 'mx-unreachable' }, state: 'open' as const }));
  });
}
