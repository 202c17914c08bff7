import type { DomainConfig } from '../config/types.ts';
import type { Actor, Severity } from '../finding.ts';
import type { PlaybookEntry } from '../findings/playbook-entry.ts';
import { type Ledger, NO_LEDGER } from '../policy/versions/ledger.ts';

const LEVELS = ['sev3', 'sev2', 'sev1'] as const;

export interface SeverityFacts {
  readonly entry: PlaybookEntry;
  /** See severityMode. */
  readonly mode: 'testing' | 'enforce';
  /** Only one reporter sees it. */
  readonly single: boolean;
  readonly actor: Actor;
  /** A probe saw it, too. */
  readonly confirmed?: boolean;
}

/**
 * The playbook's column for the mode, for what reports say and no probe has confirmed: one level lower when a single
 * reporter says it, never below sev3, and within the limits that the entry sets.
 */
export function severityOf({ entry, mode, single, actor, confirmed = false }: SeverityFacts): Severity {
  const column = entry.severity[mode] ?? 'sev3';
  const several = mode === 'testing' && !single ? (entry.severity.testing_several ?? column) : column;
  const limits = [
    single && !confirmed ? oneLower(several) : several,
    ...(entry.severity.unconfirmed === undefined || confirmed ? [] : [entry.severity.unconfirmed]),
    ...(actor === 'sender' && entry.severity.at_sender !== undefined ? [entry.severity.at_sender] : []),
  ];
  return limits.reduce((least, limit) => (level(limit) < level(least) ? limit : least));
}

/**
 * The mode that senders act on: the one in force by the ledger, else the configured one. A retiring domain serves `none`,
 * but senders go on applying the policy they have cached, so the mode written in its file still decides.
 */
export function severityMode(config: DomainConfig, ledger: Ledger = NO_LEDGER): 'testing' | 'enforce' {
  const inForce = ledger.in_force?.mode;
  const mode = inForce === undefined || inForce === 'none' ? config.mode : inForce;
  return mode === 'enforce' ? 'enforce' : 'testing';
}

/** 0 for sev3 to 2 for sev1. */
export function level(severity: Severity): number {
  return LEVELS.indexOf(severity);
}

function oneLower(severity: Severity): Severity {
  return LEVELS[Math.max(0, level(severity) - 1)] ?? 'sev3';
}
