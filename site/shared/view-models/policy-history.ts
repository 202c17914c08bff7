import { dayOf, type Instant } from '#scripts/core/clock.ts';
import { policyDiff } from '#scripts/core/policy/plan/policy-diff.ts';
import type { Ledger, PolicyVersion } from '#scripts/core/policy/versions/ledger.ts';
import { propagationOf } from '#scripts/core/reports/propagation.ts';
import type { ReporterRecord } from '#scripts/core/reports/view.ts';
import type { Redaction } from './redaction.ts';
import { duration, list, longDay } from './words.ts';

/** One published version, what became of it, and what it changed. */
export interface VersionRow {
  readonly id: string;
  readonly mode: string;
  readonly remembered: string;
  readonly minted: string;
  /** Null: never seen. */
  readonly announced: string | null;
  readonly withdrawn: string | null;
  readonly why: string;
  readonly standing: 'in force' | 'not announced yet' | 'replaced' | 'withdrawn';
  readonly commit: string | null;
  readonly pull_request: number | null;
  readonly diff: readonly DiffLine[];
}

interface DiffLine {
  readonly kind: 'stays' | 'goes' | 'comes';
  readonly text: string;
}

/** Versions on the page; the ledger holds all. */
const SHOWN = 12;

/** Newest first. */
export function versionRows({ versions, in_force, current }: Ledger): readonly VersionRow[] {
  return versions
    .map((version, index) => ({
      id: version.id,
      mode: version.mode,
      remembered: duration(version.max_age),
      minted: longDay(dayOf(version.minted_at)),
      announced: dayText(version.announced_at),
      withdrawn: dayText(version.withdrawn_at),
      why: version.triggers.length === 0 ? 'first' : list(version.triggers),
      standing: standingOf(version, in_force, current),
      commit: version.commit?.slice(0, 12) ?? null,
      pull_request: version.pull_request,
      diff: policyDiff(versions[index - 1]?.body ?? null, version.body).map(diffLine),
    }))
    .reverse()
    .slice(0, SHOWN);
}

function standingOf(
  version: PolicyVersion,
  inForce: PolicyVersion | null,
  current: PolicyVersion | null,
): VersionRow['standing'] {
  if (version.withdrawn_at !== null) return 'withdrawn';
  if (version.id === inForce?.id) return 'in force';
  return version.id === current?.id ? 'not announced yet' : 'replaced';
}

const KINDS: Readonly<Record<string, DiffLine['kind']>> = { ' ': 'stays', '-': 'goes', '+': 'comes' };

function diffLine(line: string): DiffLine {
  return { kind: KINDS[line[0] ?? ' '] ?? 'stays', text: line };
}

/** Which version a reporter's servers showed last. */
export interface PropagationRow {
  readonly reporter: string;
  readonly day: string;
  readonly state: string;
  readonly late: boolean;
  readonly note: string | null;
}

/** By reporter; empty without a ledger, or while no reporter has shown a policy. */
export function propagationRows(
  reporters: readonly ReporterRecord[],
  ledger: Ledger,
  redact: Redaction,
): readonly PropagationRow[] {
  if (ledger.in_force === null) return [];
  return propagationOf(reporters, ledger.versions, ledger.in_force.id).map((one) => ({
    reporter: redact.text(one.reporter, 120),
    day: longDay(one.day),
    state: STATES[one.state],
    late: one.overdue || one.state === 'other',
    note:
      one.state !== 'older'
        ? null
        : one.cached_until === null
          ? `version ${one.version}`
          : `version ${one.version}; its copies ${one.overdue ? 'should have expired' : 'expire'} by ${longDay(dayOf(one.cached_until))}`,
  }));
}

const STATES = {
  current: 'the one in force',
  older: 'an older one',
  other: 'none of ours',
} as const;

function dayText(at: Instant | null): string | null {
  return at === null ? null : longDay(dayOf(at));
}
