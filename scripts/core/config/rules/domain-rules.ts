import { patternBroad, patternCovered, patternDuplicate, patternNeverMatches } from './mx-rules.ts';
import { idleOverride, maxAgeBounds, rolloutReason } from './policy-rules.ts';
import { delegationZoneMissing, dnsZone, unknownDns, unknownHosting } from './reference-rules.ts';
import {
  enforceWithoutReporting,
  reportingAddress,
  reportingAddressInside,
  resultTypeUnknown,
} from './reporting-rules.ts';
import type { DomainRule } from './subject.ts';

/** Every rule that looks at one domain. What looks at several stands in same-as.ts and examine.ts. */
export const DOMAIN_RULES: readonly DomainRule[] = [
  patternBroad,
  patternNeverMatches,
  patternDuplicate,
  patternCovered,
  maxAgeBounds,
  rolloutReason,
  idleOverride,
  enforceWithoutReporting,
  reportingAddress,
  reportingAddressInside,
  resultTypeUnknown,
  unknownHosting,
  unknownDns,
  dnsZone,
  delegationZoneMissing,
];
