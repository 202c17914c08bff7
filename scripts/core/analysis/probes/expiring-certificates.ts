import { certificateStage, nearsItsEndAt } from '../../incidents/certificate-escalation.ts';
import { validityOf } from './certificate-validity.ts';
import type { FaultStanding } from './fault-standing.ts';
import type { ProbeFacts } from './probe-facts.ts';

/** Rules of certificates that near their end. */
export const EXPIRING = /-cert-expiring$/;

/** Certificates that were sound when they were seen and have come near their end since. */
export function aboutToExpire({ standings, certificate_thresholds, now }: ProbeFacts): readonly FaultStanding[] {
  return standings.flatMap((standing) => {
    const { kind, outcome, at, last_look } = standing;
    if ((kind !== 'mx' && kind !== 'policy') || outcome !== 'ok' || at !== last_look) return [];
    const validity = validityOf(standing);
    if (validity === null) return [];
    const stage = certificateStage(validity, certificate_thresholds, now);
    if (stage === 'none' || stage === 'expired') return [];
    const code = kind === 'mx' ? 'mx-cert-expiring' : 'policy-cert-expiring';
    // Near its end since it has been, as far as anybody has looked.
    const near = nearsItsEndAt(validity, certificate_thresholds);
    const isSeenWhole = standing.since >= near;
    const since = isSeenWhole ? standing.since : near < at ? near : at;
    const looks = isSeenWhole ? standing.looks : 1;
    return [{ standing: { ...standing, outcome: 'bad' as const, code, since, looks }, state: 'open' as const }];
  });
}
