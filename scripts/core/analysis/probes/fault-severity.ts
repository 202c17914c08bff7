import type { Instant } from '../../clock.ts';
import type { Severity } from '../../finding.ts';
import { entryFor } from '../../findings/playbook.ts';
import { type CertificateStage, certificateStage, stageSeverity } from '../../incidents/certificate-escalation.ts';
import type { Standing } from '../../probe/standing.ts';
import { level, severityMode } from '../severity.ts';
import { validityOf } from './certificate-validity.ts';
import { EXPIRING } from './expiring-certificates.ts';
import type { FaultStanding, MxHost } from './fault-standing.ts';
import type { FaultSubject } from './fault-subjects.ts';
import type { ProbeFacts } from './probe-facts.ts';

/** Of playbook §5, by the mode of the domain; a certificate's by its stage. Null: none in this mode. */
export function severityOfFault(
  rule: string,
  { mx }: FaultSubject,
  faults: readonly FaultStanding[],
  set: readonly MxHost[],
  { config, ledger, now, certificate_thresholds }: ProbeFacts,
): Severity | null {
  const mode = severityMode(config, ledger);
  if (EXPIRING.test(rule)) {
    const stages = faults.map(({ standing }) => stageOf(standing, certificate_thresholds, now));
    return stages
      .map((stage) => stageSeverity(stage, mode))
      .reduce((worst, one) => (level(one) > level(worst) ? one : worst));
  }
  const column = entryFor(rule).severity[mode];
  if (column === null) return null;
  const isBackup = mx !== null && isBackupHost(mx, set) && rule.startsWith('mx-');
  // The policy covers a host that changed, or it would be `mx-not-covered`.
  const latent = isBackup || rule === 'mx-changed';
  return latent && column === 'sev1' ? 'sev2' : column;
}

function stageOf(
  standing: Standing,
  thresholds: ProbeFacts['certificate_thresholds'],
  now: Instant,
): Exclude<CertificateStage, 'none' | 'expired'> {
  const validity = validityOf(standing);
  const stage = validity === null ? standing.facts['reason'] : certificateStage(validity, thresholds, now);
  if (stage === 'expired') return 'critical';
  return stage === 'critical' || stage === 'on-call' ? stage : 'notify';
}

/** A host with a lower priority than the best one; a single host is none. */
export function isBackupHost(host: string, set: readonly MxHost[]): boolean {
  const best = set[0]?.preference;
  const own = set.find((one) => one.host === host);
  return best !== undefined && own !== undefined && own.preference > best;
}
