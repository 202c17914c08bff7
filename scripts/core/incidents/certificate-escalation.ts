import { type Instant, instantOf } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { leftWords } from '../day-distance.ts';
import type { Severity } from '../finding.ts';

const DAY_MS = 86_400_000;
/** What somebody should be asked while so much of the validity is left, in days. */
const FIXED = { notify: 30, on_call: 14, critical: 7 } as const;
/** From so long a life on the fixed thresholds stand where they belong. */
const LONG_LIFE_DAYS = 90;
/** Renewal is usual when a third of the lifetime is left; nobody renews a year's certificate four months early. */
const LONGEST_RENEWAL_DAYS = 32;

export interface Validity {
  readonly not_before: Instant;
  readonly not_after: Instant;
}

/** `none`: no reason to look. `expired` is a fault of its own (`mx-cert-expired`), not a stage before it. */
export type CertificateStage = 'none' | 'notify' | 'on-call' | 'critical' | 'expired';

/** Milliseconds before the end at which each stage begins; always notify > on_call > critical. */
export interface Thresholds {
  readonly notify: number;
  readonly on_call: number;
  readonly critical: number;
}

/**
 * Of a life of 90 days or more the last 30, 14 and 7 days. A shorter one would spend most of its life there, so it has
 * fractions of it: notify at L/3 less two days of grace, on-call at L/6, critical at L/12. Very short lives have no two
 * days to give: there L/5, and at least 1.5 days (or a quarter of the life), keeps the order. `fixed` never asks how long.
 */
export function certificateThresholds(
  { not_before, not_after }: Validity,
  kind: AlertSettings['certificate_thresholds'],
): Thresholds {
  const [notify, onCall, critical] = [FIXED.notify * DAY_MS, FIXED.on_call * DAY_MS, FIXED.critical * DAY_MS];
  const life = lifeOf({ not_before, not_after });
  if (kind === 'fixed' || life >= LONG_LIFE_DAYS * DAY_MS) return { notify, on_call: onCall, critical };
  const relative = Math.max(life / 3 - 2 * DAY_MS, life / 5, Math.min(1.5 * DAY_MS, life / 4));
  return {
    notify: Math.min(notify, relative),
    on_call: Math.min(onCall, life / 6),
    critical: Math.min(critical, life / 12),
  };
}

export function certificateStage(
  validity: Validity,
  kind: AlertSettings['certificate_thresholds'],
  now: Instant,
): CertificateStage {
  const left = Date.parse(validity.not_after) - Date.parse(now);
  const { notify, on_call, critical } = certificateThresholds(validity, kind);
  if (left < 0) return 'expired';
  if (left <= critical) return 'critical';
  if (left <= on_call) return 'on-call';
  return left <= notify ? 'notify' : 'none';
}

/** When the first stage of this certificate begins. */
export function nearsItsEndAt(validity: Validity, kind: AlertSettings['certificate_thresholds']): Instant {
  return instantOf(Date.parse(validity.not_after) - certificateThresholds(validity, kind).notify);
}

/**
 * Notify is for the week, on-call for today; critical wakes somebody where mail would be held when the certificate ends,
 * that is under enforce.
 */
export function stageSeverity(
  stage: Exclude<CertificateStage, 'none' | 'expired'>,
  mode: 'testing' | 'enforce',
): Severity {
  if (stage === 'notify') return 'sev3';
  return stage === 'critical' && mode === 'enforce' ? 'sev1' : 'sev2';
}

/** When this certificate would usually have been replaced. */
export function renewalDueAt({ not_before, not_after }: Validity): Instant {
  const end = Date.parse(not_after);
  const life = Math.max(0, end - Date.parse(not_before));
  return instantOf(end - Math.min(life / 3, LONGEST_RENEWAL_DAYS * DAY_MS));
}

/**
 * What is to be said of a renewal: nothing before it is due; then, also before any threshold, that it was due and did
 * not happen.
 */
export function renewalWords(validity: Validity, now: Instant): string | null {
  const due = renewalDueAt(validity);
  if (now < due || now > validity.not_after) return null;
  return `A renewal was due on ${due.slice(0, 10)} and did not happen; ${leftWords(validity.not_after, now)}.`;
}

/** RFC 5280 §4.1.2.5: the last second belongs to it, so that 90 days are 90 days as CAs write them. */
function lifeOf({ not_before, not_after }: Validity): number {
  return Math.max(0, Date.parse(not_after) + 1000 - Date.parse(not_before));
}
